"""Statements run again and again are planned once, and may be sent together."""

import os
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from despensa.records.bulk import Identifiers, Octets, fetch, pipelined, run_prepared
from despensa.records.databases import LEDGER

INSERT = "INSERT INTO outbox (message, topic, payload) VALUES (%s, 'test/bulk', %s)"


@pytest.mark.usefixtures("founded_books")
def test_a_prepared_statement_is_known_to_the_server():
    statement = "SELECT %s::int + 1 /* known */"
    with transaction.atomic(using=LEDGER):
        assert [run_prepared(LEDGER, statement, (n,)) for n in (1, 2)] == [[(2,)], [(3,)]]
        [(known,)] = fetch(
            LEDGER, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%known%%'"
        )
    assert known == 1


@pytest.mark.usefixtures("founded_books")
@pytest.mark.parametrize("items", [[], [b""], [b"\x00" * 16, os.urandom(16)]])
def test_packed_arrays_come_back_as_they_went(items):
    [(back,)] = run_prepared(LEDGER, "SELECT %s::bytea[]", (Octets(items),))
    assert back == items


@pytest.mark.usefixtures("founded_books")
def test_packed_identifiers_are_identifiers():
    ids = [os.urandom(16) for _ in range(3)]
    [(back,)] = run_prepared(LEDGER, "SELECT %s::uuid[]", (Identifiers(ids),))
    assert back == [UUID(bytes=item) for item in ids]


@pytest.mark.usefixtures("founded_books")
def test_statements_sent_together_are_all_or_none():
    message = UUID(bytes=os.urandom(16))
    with pytest.raises(IntegrityError), transaction.atomic(using=LEDGER), pipelined(LEDGER):
        run_prepared(LEDGER, INSERT, (message, b"1"))
        run_prepared(LEDGER, INSERT, (message, b"2"))
    assert fetch(LEDGER, "SELECT 1 FROM outbox WHERE topic = 'test/bulk'") == []
