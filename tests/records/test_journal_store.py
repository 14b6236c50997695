"""One line of a use case writes the entries that the domain makes of act and rows."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, private_entry, public_entry
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY

STAFF, PROPOSAL, WORKSPACE = (UUID(bytes=bytes([n] * 16)) for n in (1, 2, 3))


def _acting():
    drawn = iter(range(1, 200))
    return Acting(
        WORKSPACE,
        STAFF,
        1_790_000_000,
        lambda length: bytes([next(drawn)] * length),
        lambda entry: (bytes(32), entry),
    )


def _last(using, count):
    rows = fetch(
        using,
        """SELECT header.entry, header.leaf32, content.salt, content.bytes, queued.leaf,
                  header.database
           FROM journal header JOIN journal_content content USING (entry)
           JOIN leaf_queue queued USING (entry) ORDER BY header.seq DESC LIMIT %s""",
        (count,),
    )
    return [(e, bytes(h), bytes(s), bytes(c), bytes(f), n) for e, h, s, c, f, n in reversed(rows)]


def _written(entry, number):
    return (entry.entry, entry.leaf_hash, entry.salt, entry.stored, entry.leaf, number)


def test_record_writes_act_and_rows_as_one_entry(founded_books):
    rows = journal_rows.updated("proposal", [(PROPOSAL.bytes, {"state": 3})])
    with transaction.atomic(using=LEDGER):
        journal_store.record(LEDGER, "refuse", _acting(), rows, proposal=PROPOSAL)

    drawn = _acting()
    act = Act(2, drawn.at, STAFF.bytes, "refuse", PROPOSAL.bytes)
    expected = private_entry(act, entry=drawn.new_id(), salt=drawn.new_salt(), rows=rows)
    assert _last(LEDGER, 1) == [_written(expected, 2)]


def test_an_act_without_rows_is_an_entry_too(founded_books):
    with transaction.atomic(using=REGISTRY):
        journal_store.record(REGISTRY, "welcome_staff", _acting())

    drawn = _acting()
    act = Act(1, drawn.at, STAFF.bytes, "welcome_staff")
    expected = private_entry(act, entry=drawn.new_id(), salt=drawn.new_salt())
    assert _last(REGISTRY, 1) == [_written(expected, 1)]


def test_a_bulk_action_writes_one_leaf_per_chunk(founded_books):
    rows = [bytes([1])] * (journal.CHUNK_ROWS_MAX + 1)
    with transaction.atomic(using=REGISTRY):
        journal_store.record(REGISTRY, "issue_cards", _acting(), rows)

    drawn = _acting()
    act = Act(1, drawn.at, STAFF.bytes, "issue_cards")
    expected = [
        private_entry(act, entry=drawn.new_id(), salt=drawn.new_salt(), rows=chunk)
        for chunk in (rows[:-1], rows[-1:])
    ]
    assert _last(REGISTRY, 2) == [_written(entry, 1) for entry in expected]


def test_announce_writes_a_leaf_everybody_may_read(founded_books):
    body = {0: 1, 1: 2, 2: "0.1"}
    with transaction.atomic(using=REGISTRY):
        journal_store.announce(REGISTRY, "restore", _acting(), PublicKind.RESTORE, body)

    drawn = _acting()
    act = Act(1, drawn.at, STAFF.bytes, "restore")
    expected = public_entry(
        act, entry=drawn.new_id(), salt=drawn.new_salt(), kind=PublicKind.RESTORE, body=body
    )
    assert _last(REGISTRY, 1) == [_written(expected, 1)]
