"""A recovery is settled by two people, once, and never opened."""

import uuid

import pytest

from despensa.domain.child import ChildKind
from despensa.domain.proposal import ApprovalInvalid
from despensa.entrypoints.jobs import actions, child, proposing_cycles
from despensa.records.bulk import execute, fetch
from despensa.records.children import queries as children
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.journal_store import AlreadyUsed
from despensa.records.programmes import queries
from despensa.usecases import settle_recovery
from despensa.usecases.draft_child import WrongState
from tests.factories.late_people import households_of
from tests.factories.observing import Killed, at_once, count, dies, raised


@pytest.fixture
def recovery(opened_books):
    """A decided recovery of a household whose people turn out to live elsewhere."""
    books = opened_books
    got = households_of(books, 1)[0]
    outside = uuid.uuid4()
    execute(
        REGISTRY,
        "INSERT INTO area (id, pcode, level, names) VALUES (%s, 'XX', 0, '{\"es\": \"Otro\"}')",
        (outside,),
    )
    execute(REGISTRY, "UPDATE household SET area_id = %s WHERE id = %s", (outside, got))
    order = child.order_for(
        books.cycle, ChildKind.RECOVERY, child=uuid.uuid4(), today=books.tools.today()
    )
    made = child.make_child(order, books.tools, acting=books.acting("jorge"))
    assert fetch(REGISTRY, "SELECT household_id, line FROM recovery_line") == [
        (got, "parcel/recovery")
    ]
    return queries.cycle(made.cycle)


def _approved(books, row, **changes):
    return books.approved(
        proposing_cycles.propose_settlement(row, acting=books.acting("jorge"), **changes)
    )


@pytest.mark.parametrize("is_waived", [True, False])
def test_two_people_settle_it_and_no_food_moves(opened_books, recovery, is_waived):
    books = opened_books
    moved = count(LEDGER, "transfer")

    said = actions.carry_out(_approved(books, recovery, is_waived=is_waived), books.tools)

    assert ("nothing" in said) is is_waived
    assert children.child(recovery.id).is_waived is is_waived
    assert (count(LEDGER, "transfer"), queries.cycle(recovery.id).state) == (moved, 2)
    with pytest.raises(WrongState, match="no recovery that waits"):
        proposing_cycles.propose_settlement(recovery, acting=books.acting("jorge"))


def test_it_is_never_opened(opened_books, recovery):
    with pytest.raises(WrongState, match="not one that can be opened"):
        proposing_cycles.propose_opening(recovery, acting=opened_books.acting("jorge"))


def test_killed_and_done_again_it_is_settled_once(opened_books, recovery, monkeypatch):
    books = opened_books
    proposal = _approved(books, recovery)
    with monkeypatch.context() as patched:
        dies(patched, settle_recovery.store, "settle", after=True)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    assert children.child(recovery.id).is_waived is None

    ended = at_once(*[lambda: actions.carry_out(proposal, books.tools)] * 2)

    assert [type(error) for error in raised(ended)] in ([AlreadyUsed], [actions.NotCarriedOut])
    assert children.child(recovery.id).is_waived is True


def test_an_approval_of_other_totals_settles_nothing(opened_books, recovery, monkeypatch):
    books = opened_books
    proposal = _approved(books, recovery)
    monkeypatch.setattr(settle_recovery.queries, "recoveries", lambda _: (1, [(1, 99)]))

    with pytest.raises(ApprovalInvalid, match="other totals"):
        actions.carry_out(proposal, books.tools)
