"""What follows from an upheld appeal: one child cycle, decided by the rule, opened by two people."""

import pytest

from despensa.domain.appeal import Answer, AppealRefused
from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.domain.reach import OutOfReach
from despensa.entrypoints.jobs import actions, appealing
from despensa.entrypoints.jobs import cycle as cycles
from despensa.records.bulk import fetch
from despensa.records.children import queries as children
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from despensa.usecases.propose_appeal_child import propose_appeal_child
from despensa.usecases.refuse_proposal import refuse_proposal
from tests.factories.books import NOON, new_cycle
from tests.factories.late_people import households_of, joins
from tests.factories.observing import Killed, at_once, dies, digests
from tests.usecases.test_appeals import answer, bring, staffed, wanted
from tests.usecases.test_children import _lines

OPEN, DECIDED = 4, 2
MOST = 2


@pytest.fixture(scope="module")
def opened_once(shelf, django_db_blocker):
    """One open cycle for this module; every test has a household of its own."""
    with django_db_blocker.unblock():
        given = shelf.take("opened")
        yield staffed(given, names=("rosa", "lila"))
        shelf.give_back()


@pytest.fixture
def books(opened_once, django_db_blocker):
    with django_db_blocker.unblock():
        opened_once.clock.at = NOON
        yield opened_once


@pytest.fixture
def appeal(books):
    """An appeal of a household that should have got more: six small children were forgotten."""
    return brought(books, forgotten=6)


def brought(books, *, forgotten):
    known = {row[0] for row in fetch(REGISTRY, "SELECT household_id FROM grievance")}
    free = [
        home for outcome in (1, 2) for home in households_of(books, outcome) if home not in known
    ]
    # of the most that the rule gives nobody gets more; where nothing is to follow, any will do
    may_get_more = [home for home in free if sum(line[1] for line in _lines(home)) < MOST]
    home = may_get_more[0] if forgotten else next(one for one in free if one not in may_get_more)
    for _ in range(forgotten):
        joins(books, home)
    one = wanted(books, home)
    bring(books, one)
    return one


def uphold(books, one):
    return answer(books, one, Answer.UPHELD, None)


def made(one):
    """Return the cycles that follow from an appeal's root, and this appeal as it is now."""
    view = queries.appeal(one.id)
    rows = [row for row in children.children_of(one.cycle) if row.cycle == view.child]
    return rows, view


def test_it_gets_what_it_should_have_got_once_two_people_agree(books, appeal):
    [(line, before, _)] = _lines(appeal.household)

    uphold(books, appeal)

    [row], view = made(appeal)
    proposal = proposals.proposal(view.proposal)
    assert (row.root, children.households_of(row.cycle)) == (books.cycle, [appeal.household])
    assert programmes.cycle(row.cycle).state == DECIDED
    assert proposal.creator == books.staff["rosa"]
    assert (proposal.programme, proposal.area) == (books.programme, view.area)
    actions.carry_out(books.approved(view.proposal), books.tools)
    assert programmes.cycle(row.cycle).state == OPEN
    assert {name: quantity for name, quantity, _ in _lines(appeal.household)} == {
        line: before, f"{line}/appeal": MOST - before,
    }  # fmt: skip
    # those of the root too: the child follows from what they decided
    names = ("rosa", "nour", "jorge")
    assert queries.deciders(row.cycle) == {books.staff[name] for name in names}


def test_upheld_twice_and_asked_again_it_is_one_child_and_one_proposal(books, appeal):
    uphold(books, appeal)
    before = digests(books.endpoints)

    uphold(books, appeal)
    appealing.remedy(appeal.id, books.tools, acting=books.acting("lila"))
    appealing.remedy_all(books.tools)

    assert digests(books.endpoints) == before


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ("remedy", False),
        ("child.draft_child", True),
        ("propose_appeal_child", True),
    ],
)
def test_killed_between_any_two_steps_the_next_round_makes_one(books, monkeypatch, step, after):
    one = brought(books, forgotten=6)
    *module, name = step.split(".")
    with monkeypatch.context() as patch:
        dies(patch, getattr(appealing, *module) if module else appealing, name, after=after)
        with pytest.raises(Killed):
            uphold(books, one)

    appealing.remedy_all(books.tools)
    appealing.remedy_all(books.tools)

    [row], view = made(one)
    assert proposals.proposal(view.proposal).state == proposals.WAITING
    assert programmes.goods_totals(row.cycle)
    assert queries.without_remedy() == []


def test_asked_for_twice_at_once_it_is_made_once(books, monkeypatch, appeal):
    with monkeypatch.context() as patch:
        dies(patch, appealing, "remedy")
        with pytest.raises(Killed):
            uphold(books, appeal)

    ended = at_once(
        *(
            lambda by=by: appealing.remedy(appeal.id, books.tools, acting=books.acting(by))
            for by in ("rosa", "lila")
        )
    )

    assert len(set(ended)) == 1
    assert len(made(appeal)[0]) == 1


def test_where_the_rule_gives_no_more_nothing_is_proposed_and_no_round_tries_again(books):
    one = brought(books, forgotten=0)

    uphold(books, one)

    [row], view = made(one)
    assert (view.proposal, programmes.goods_totals(row.cycle)) == (None, [])
    assert queries.without_remedy() == []


def test_a_refused_proposal_is_made_anew_and_no_round_insists(books, appeal):
    uphold(books, appeal)
    first = made(appeal)[1].proposal
    refuse_proposal(
        first, acting=books.acting("nour"), staging=books.keeper.staging, reason="wrong_totals"
    )
    appealing.remedy_all(books.tools)
    assert made(appeal)[1].proposal == first
    with pytest.raises(AppealRefused):
        appealing.remedy(appeal.id, books.tools, acting=books.acting("ana"))

    second = appealing.remedy(appeal.id, books.tools, acting=books.acting("lila"))

    assert second == made(appeal)[1].proposal != first
    assert len(made(appeal)[0]) == 1


def test_what_stands_in_the_way_of_the_child_does_not_take_the_answer_back(books, monkeypatch):
    one = brought(books, forgotten=6)
    with monkeypatch.context() as patch:
        patch.setattr(appealing.child, "make_child", _ended)

        uphold(books, one)

    assert made(one)[1].answer is Answer.UPHELD
    assert appealing.remedy_all(books.tools) == 1


def _ended(*_, **__):
    raise RuntimeError("This programme ended.")


def test_an_officer_opens_no_other_cycle_by_the_word_of_an_appeal(books):
    appeal = brought(books, forgotten=0)
    other = new_cycle(books, "2026-12")
    cycles.freeze_and_decide(other, books.tools, acting=books.acting("jorge"))
    view = queries.appeal(appeal.id)
    scope = (books.programme.bytes, view.area.bytes, other.bytes)
    mine = books.opening_order() | {"scope": scope, "totals": (("unit:1", 99),)}
    waiting = books.proposal("rosa", "open_cycle", Reason.APPEAL_UPHELD, **mine)

    with pytest.raises(ApprovalInvalid, match="appeal"):
        actions.carry_out(books.approved(waiting), books.tools)
    with pytest.raises(OutOfReach):
        books.proposal("rosa", "open_cycle", Reason.SCHEDULED_CYCLE, **mine)
    with pytest.raises(AppealRefused):
        propose_appeal_child(appeal.id, epoch=10, goods=(), acting=books.acting("rosa"))
    assert programmes.cycle(other).state == DECIDED
