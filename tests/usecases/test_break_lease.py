"""A lost phone's list is broken by two people, at every stage again, and frees what it held."""

import pytest

from despensa.domain.role import Permission
from despensa.entrypoints.jobs import actions, breaking
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.records.service_points import phone_queries
from despensa.records.staff.queries import reach_of
from despensa.usecases.revoke_device import revoke_device
from tests.factories.observing import Killed, count, dies

BROKEN = 4


def the_lease():
    [(lease,)] = fetch(LEDGER, "SELECT id FROM lease")
    return lease


def managing(books, name="lucia"):
    return reach_of(books.staff[name], Permission.MANAGE_PHONES, books.tools.today())


def proposed(books):
    return breaking.propose(the_lease(), reach=managing(books), acting=books.acting("lucia"))


def test_a_broken_list_serves_nobody_and_frees_its_rows_once_the_phone_is_written_off(leased_books):
    books = leased_books
    proposal = proposed(books)
    with pytest.raises(actions.NotCarriedOut):
        actions.carry_out(proposal, books.tools)
    assert len(phone_queries.lists_for(books.device)) == 1
    books.approved(proposal)

    assert actions.carry_out(proposal, books.tools) == "list broken"

    assert fetch(LEDGER, "SELECT state, sealed FROM lease") == [(BROKEN, None)]
    assert count(LEDGER, "lease_row", "active") == 0
    assert phone_queries.lists_for(books.device) == []
    with pytest.raises(actions.NotCarriedOut):
        actions.carry_out(proposal, books.tools)
    with pytest.raises(breaking.NoSuchList):
        proposed(books)
    # an honest delivery of the lost phone may still come in: nothing is free before it is revoked
    assert sum(free().values()) == 0
    revoke_device(books.device, reach=managing(books), acting=books.acting("lucia"))
    assert sum(free().values()) > 0


def free():
    from django.db import transaction

    from despensa.records.service_points import store

    with transaction.atomic(using=LEDGER):
        accounts = [bytes(a) for (a,) in fetch(LEDGER, "SELECT account FROM lease_row")]
        return store.lock_free(accounts)


@pytest.mark.parametrize("stage", ["begin_breaking", "break_lease", "finish_breaking"])
def test_killed_after_any_stage_it_goes_on(leased_books, monkeypatch, stage):
    books = leased_books
    proposal = books.approved(proposed(books))
    with monkeypatch.context() as patched:
        dies(patched, breaking, stage, after=True)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    books.clock.at += 100 * 3600  # begun in time: it is finished however late

    if stage == "finish_breaking":
        with pytest.raises(actions.NotCarriedOut):
            actions.carry_out(proposal, books.tools)
    else:
        actions.carry_out(proposal, books.tools)

    assert fetch(LEDGER, "SELECT state FROM lease") == [(BROKEN,)]
    assert count(LEDGER, "stage", "stage = 'lease_broken'") == 1


def test_whoever_proposed_cannot_be_the_second_and_a_list_that_came_back_is_left(leased_books):
    books = leased_books
    proposal = proposed(books)
    with pytest.raises(PermissionError):
        books.approved(proposal, by="lucia")
    books.approved(proposal)
    fetch(LEDGER, "UPDATE lease SET state = 2, sealed = NULL RETURNING id")

    assert actions.carry_out(proposal, books.tools) == "the list had ended: nothing was broken"

    assert fetch(LEDGER, "SELECT state FROM lease") == [(2,)]
