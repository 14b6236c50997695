"""A decided cycle is withdrawn by two people: nothing of it is left, and another may be drafted."""

import uuid
from pathlib import Path

import pytest
from django.db import IntegrityError

from despensa.domain.appeal import Answer, Why
from despensa.domain.child import ChildKind
from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import CycleFaded
from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints.jobs import actions, appealing, child, cycle, proposing_cycles
from despensa.records.bulk import execute, fetch
from despensa.records.children import queries as children
from despensa.records.children import withdrawal_store
from despensa.records.children.schedule_queries import has_cycle
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries as appeals
from despensa.records.programmes import queries
from despensa.usecases.answer_appeal import answer_appeal
from despensa.usecases.draft_child import WrongState
from despensa.usecases.draft_cycle import draft_cycle
from despensa.usecases.withdraw_cycle import AppealWaits
from tests.factories.late_people import households_of
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.usecases.test_appeals import bring, refused, staffed, wanted
from tests.usecases.test_cycle_life import public

WITHDRAWN, DECIDED, OPEN = 0, 2, 4


def propose(books, cycle_id=None):
    row = queries.cycle(cycle_id or books.cycle)
    return proposing_cycles.propose_withdrawal(row, acting=books.acting("jorge"))


def withdraw(books, cycle_id=None):
    return actions.carry_out(books.approved(propose(books, cycle_id)), books.tools)


def propose_opening(books, cycle_id=None):
    row = queries.cycle(cycle_id or books.cycle)
    return proposing_cycles.propose_opening(row, acting=books.acting("jorge"))


def decide_again(books):
    """Draft and decide a cycle of the same name and days as the one of the books."""
    row = queries.cycle(books.cycle)
    drafted = draft_cycle(
        programme=row.programme, rule=row.rule, code=row.code, reference_date=row.reference_date,
        opens_on=row.opens_on, closes_on=row.closes_on, commit_lot=cycle.lots_of(books.tools),
        acting=books.acting("jorge"),
    )  # fmt: skip
    return drafted, cycle.freeze_and_decide(drafted, books.tools, acting=books.acting("jorge"))


def completed(books, kind, households):
    order = child.order_for(
        books.cycle, kind, child=uuid.uuid4(), today=books.tools.today(), households=households
    )
    return child.make_child(order, books.tools, acting=books.acting("jorge")).cycle


def test_two_people_withdraw_it_and_the_programme_decides_anew_under_the_same_name(carded_books):
    books = carded_books
    old = queries.cycle(books.cycle)
    decided = count(REGISTRY, "decision")

    said = withdraw(books)

    assert f"{decided} households" in said
    assert queries.cycle(books.cycle).state == WITHDRAWN
    assert [count(REGISTRY, table) for table in ("decision", "benefit_line")] == [0, 0]
    assert not Path(cycle.frozen_folder(books.cycle, books.tools)).exists()
    with pytest.raises(CycleFaded, match="destroyed, with their keys"):
        books.keeper.cycles.frozen_keys(books.cycle.bytes)
    assert [body[0] for body in public(PublicKind.CYCLE_WITHDRAWN)] == [books.cycle.bytes]
    assert not has_cycle(old.programme, old.code)

    again, found = decide_again(books)

    assert (found, queries.cycle(again).code) == (decided, old.code)
    opened = actions.carry_out(books.approved(propose_opening(books, again)), books.tools)
    assert "cycle open" in opened
    assert [row.id for row in queries.cycles_called(old.code)] == [again]


def test_the_database_lets_nothing_go_that_was_not_withdrawn(opened_books):
    for table in ("benefit_line", "decision"):
        with pytest.raises(IntegrityError, match="not withdrawn"):
            execute(REGISTRY, f"DELETE FROM {table}")
    with pytest.raises(IntegrityError, match="before it opens"):
        execute(REGISTRY, "UPDATE cycle SET state = 0")


def test_a_withdrawn_cycle_stays_that(decided_books):
    books = decided_books
    withdraw(books)
    for state in (1, 2, 3, 8):
        with pytest.raises(IntegrityError, match="stays that"):
            execute(REGISTRY, "UPDATE cycle SET state = %s", (state,))
    with pytest.raises(WrongState, match="is withdrawn"):
        queries.cycle(books.cycle)
        withdrawal_store.withdraw([books.cycle])
    with pytest.raises(WrongState, match="not one that can be withdrawn"):
        propose(books)


def test_what_waits_or_began_to_open_is_not_withdrawn(carded_books):
    books = carded_books
    waiting = propose_opening(books)
    with pytest.raises(WrongState, match="waits for a second person"):
        propose(books)
    proposal = books.approved(waiting)
    assert "cycle open" in actions.carry_out(proposal, books.tools)
    with pytest.raises(WrongState, match="began to open"):
        propose(books)


def test_opened_and_withdrawn_at_once_it_is_one_of_the_two(carded_books):
    books = carded_books
    row = queries.cycle(books.cycle)
    both = [propose(books)]
    both.append(
        books.proposal(
            "jorge", "open_cycle", Reason.SCHEDULED_CYCLE,
            scope=(row.programme.bytes, None, row.id.bytes), parameters=(10,),
            totals=tuple((f"unit:{unit}", sum_) for unit, _, _, sum_ in queries.goods_totals(row.id)),
        )
    )  # fmt: skip
    for one in both:
        books.approved(one)

    ended = at_once(*[lambda one=one: actions.carry_out(one, books.tools) for one in both])

    assert len(raised(ended)) == 1
    state = queries.cycle(books.cycle).state
    assert (state, count(REGISTRY, "benefit_line") > 0) in ((WITHDRAWN, False), (OPEN, True))


@pytest.mark.parametrize("after", [False, True])
def test_killed_it_is_all_or_nothing_and_the_round_destroys_the_facts(
    decided_books, monkeypatch, after
):
    books = decided_books
    proposal = books.approved(propose(books))
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, withdrawal_store, "withdraw", after=after)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    assert digests(books.endpoints) == before
    with monkeypatch.context() as patched:
        dies(patched, actions.retention, "destroy_frozen_facts", after=after)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    assert queries.cycle(books.cycle).state == WITHDRAWN

    actions.retention.carry_out(books.tools)

    assert not Path(cycle.frozen_folder(books.cycle, books.tools)).exists()
    with pytest.raises(actions.NotCarriedOut, match="before"):
        actions.carry_out(proposal, books.tools)


def test_an_approval_of_another_decision_withdraws_nothing(decided_books):
    books = decided_books
    row = queries.cycle(books.cycle)
    waiting = books.proposal(
        "jorge", "withdraw_cycle", Reason.ENTERED_BY_MISTAKE,
        scope=(row.programme.bytes, None, row.id.bytes), inputs=(bytes(32),),
        totals=(("households", count(REGISTRY, "decision")),),
    )  # fmt: skip
    with pytest.raises(ApprovalInvalid, match="another decision"):
        actions.carry_out(books.approved(waiting), books.tools)
    assert queries.cycle(books.cycle).state == DECIDED


@pytest.mark.parametrize("has_child", [False, True])
def test_an_appeal_is_answered_first_and_none_comes_after(decided_books, has_child):
    books = staffed(decided_books)
    home = households_of(books, 1)[0]
    one = wanted(books, home)
    bring(books, one)
    proposal = books.approved(propose(books))
    with pytest.raises(AppealWaits):
        actions.carry_out(proposal, books.tools)
    answer_appeal(
        one.id, Answer.UPHELD, acting=books.acting("rosa"), vault=books.keeper.vault,
        signatory=books.keeper.signatory,
    )  # fmt: skip
    assert [view.id for view in appeals.without_remedy()] == [one.id]
    follows = appeals.appeal(one.id).child
    if has_child:
        appealing.remedy_all(books.tools)
        with pytest.raises(WrongState, match="upheld appeal"):
            propose(books, follows)

    actions.carry_out(proposal, books.tools)

    assert [row.state for row in (queries.cycle(follows),) if row] == [WITHDRAWN] * has_child
    assert appeals.without_remedy() == []
    assert appealing.remedy_all(books.tools) == 0
    refused(Why.NOT_DECIDED, bring, books, wanted(books, home))


def test_of_an_opened_cycle_a_child_is_withdrawn_and_the_guard_with_it(opened_books):
    books = opened_books
    got = households_of(books, 1)[:1]
    root_lines = count(REGISTRY, "benefit_line")
    first = completed(books, ChildKind.FOLLOW_UP, got)
    given = count(REGISTRY, "benefit_line") - root_lines
    assert given > 0
    with pytest.raises(RuntimeError, match="has this benefit"):
        completed(books, ChildKind.FOLLOW_UP, got)

    withdraw(books, first)

    assert count(REGISTRY, "benefit_line") == root_lines
    second = completed(books, ChildKind.FOLLOW_UP, got)
    assert count(REGISTRY, "benefit_line") == root_lines + given
    assert [one.number for one in children.children_of(books.cycle)][-1] > 1
    assert queries.cycle(second).state == DECIDED


def test_a_round_of_leaves_says_which_family_was_withdrawn(decided_books):
    books = decided_books
    completing = completed(books, ChildKind.FOLLOW_UP, households_of(books, 1)[:1])

    withdraw(books)

    leaves = [parse_leaf(bytes(leaf)) for (leaf,) in fetch(REGISTRY, "SELECT leaf FROM leaf_queue")]
    named = {
        dcbor.decode(leaf.body)[0]
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == PublicKind.CYCLE_WITHDRAWN
    }
    assert named == {completing.bytes, books.cycle.bytes}
