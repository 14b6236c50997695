"""Late entrants: decided daily by the rule of their cycle, opened as long as the share lasts."""

import uuid

import pytest

from despensa.domain import epoch as epochs
from despensa.domain.child import ChildKind
from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.entrypoints.jobs import actions, child, late, opening
from despensa.entrypoints.jobs.mandate import mandate_of
from despensa.records.bulk import execute, fetch
from despensa.records.children import queries as children
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from tests.factories.books import new_cycle
from tests.factories.late_people import households_of, registers
from tests.factories.observing import Killed, at_once, count, dies, digests, raised

DECIDED, OPEN = 2, 4
PARCEL = 1


@pytest.fixture
def shared(carded_books):
    """The cycle open, with a share of 10 percent: one parcel."""
    books = carded_books
    order = books.opening_order()
    order["parameters"] = (epochs.epoch_of(books.tools.today()), 10)
    waiting = books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **order)
    actions.carry_out(books.approved(waiting), books.tools)
    assert children.share_left(books.cycle) == {PARCEL: 1}
    return books


def _children(books):
    return [
        (row.is_within_share, queries.cycle(row.cycle).state, children.households_of(row.cycle))
        for row in children.children_of(books.cycle)
    ]


def _state(books):
    return {
        "children": _children(books),
        "accounts": count(LEDGER, "account", "kind = 3"),
        "left": fetch(LEDGER, "SELECT balance FROM account WHERE kind = 12"),
        "lines": count(REGISTRY, "benefit_line"),
    }


def test_as_long_as_the_share_lasts_and_the_rest_waits_for_two_people(shared):
    books = shared
    first, second = sorted(registers(books) for _ in range(2))

    assert late.carry_out(books.tools) == 1

    assert _children(books) == [(True, OPEN, [first]), (False, DECIDED, [second])]
    [row, waits] = children.children_of(books.cycle)
    assert queries.cycle(row.cycle).rule == queries.cycle(books.cycle).rule
    assert queries.cycle(row.cycle).epoch == queries.cycle(books.cycle).epoch
    assert children.share_left(books.cycle) == {PARCEL: 0}
    assert ledger.check().is_balanced
    goods = queries.goods_totals(waits.cycle)
    proposal = books.proposal(
        "jorge", "open_cycle", Reason.SCHEDULED_CYCLE,
        scope=(books.programme.bytes, None, waits.cycle.bytes),
        parameters=(epochs.epoch_of(books.tools.today()),),
        totals=tuple((opening.unit_total(unit), total) for unit, _, _, total in goods),
    )  # fmt: skip
    assert actions.carry_out(books.approved(proposal), books.tools) == "cycle open for 1 households"


def test_once_a_day_and_then_the_next(shared):
    books = shared
    registers(books)
    late.carry_out(books.tools)
    before = digests(books.endpoints)
    registers(books)
    after = digests(books.endpoints)

    assert late.carry_out(books.tools) == 0
    assert digests(books.endpoints) == after != before

    books.clock.forward(days=1)
    late.carry_out(books.tools)
    assert [within for within, *_ in _children(books)] == [True, False]


def test_without_a_share_nobody_is_opened(opened_books):
    registers(opened_books)

    assert late.carry_out(opened_books.tools) == 0
    assert count(REGISTRY, "child_cycle") == 0


def test_after_its_last_day_nobody_comes_late(shared):
    registers(shared)
    shared.clock.forward(days=3)

    assert late.carry_out(shared.tools) == 0
    assert count(REGISTRY, "child_cycle") == 0


def test_who_lived_with_somebody_served_waits_for_two_people(shared):
    books = shared
    got = households_of(books, 1)[0]
    household = registers(books)
    [(person,)] = fetch(
        REGISTRY,
        """SELECT registrant_id FROM membership
           WHERE household_id = %s AND role = 2 AND until_date IS NULL ORDER BY id LIMIT 1""",
        (got,),
    )
    execute(
        REGISTRY,
        "UPDATE membership SET until_date = %s WHERE registrant_id = %s AND role IN (1, 2)",
        (books.tools.today(), person),
    )
    execute(
        REGISTRY,
        """INSERT INTO membership (id, household_id, registrant_id, role, from_date)
           VALUES (%s, %s, %s, 2, %s)""",
        (uuid.uuid4(), household, person, books.tools.today()),
    )

    assert late.carry_out(books.tools) == 0

    assert _children(books) == [(False, DECIDED, [household])]


@pytest.mark.parametrize(
    "module, name, after",
    [
        (child, "draft_child", True),
        (child.cycle, "decide_cycle", True),
        (opening, "begin_opening", True),
        (opening, "credit_opening", True),
        (late, "note_late_round", False),
    ],
)
def test_killed_anywhere_the_next_round_ends_as_if_undisturbed(
    shared, monkeypatch, module, name, after
):
    books = shared
    accounts, lines = count(LEDGER, "account", "kind = 3"), count(REGISTRY, "benefit_line")
    households = sorted(registers(books) for _ in range(2))
    with monkeypatch.context() as patched:
        dies(patched, module, name, after=after)
        with pytest.raises(Killed):
            late.carry_out(books.tools)

    late.carry_out(books.tools)

    assert _state(books) == {
        "children": [(True, OPEN, households[:1]), (False, DECIDED, households[1:])],
        "accounts": accounts + 1,
        "left": [(0,)],
        "lines": lines + 2,
    }
    assert ledger.check().is_balanced


def test_two_rounds_at_once_are_one(shared):
    books = shared
    registers(books)

    ended = at_once(*[lambda: late.carry_out(books.tools)] * 2)

    assert not raised(ended)
    assert sum(ended) == 1
    assert count(REGISTRY, "child_cycle") == 1


class TestAnEnemy:
    """With the approval of the root nothing else is opened."""

    def _order(self, books, cycle_id, late_of):
        share = children.share_of(books.cycle)
        view = late.proposals.proposal(share.proposal)
        return opening.Order(
            proposal=view.id,
            mandate=mandate_of(view, books.tools),
            cycle=cycle_id,
            programme=books.programme,
            epoch=queries.cycle(books.cycle).epoch,
            totals=((opening.unit_total(PARCEL), 99),),
            late_of=late_of,
        )

    def _made(self, books, kind, households, **other):
        order = child.order_for(
            books.cycle, kind, child=uuid.uuid4(), today=books.tools.today(),
            households=households, **other,
        )  # fmt: skip
        return child.make_child(order, books.tools, acting=books.acting("jorge")).cycle

    @pytest.mark.parametrize("kind", [ChildKind.LATE, ChildKind.APPEAL])
    def test_no_child_that_has_no_part_in_it(self, shared, kind):
        books = shared
        other = self._made(books, kind, [registers(books)])
        before = digests(books.endpoints)

        with pytest.raises(LookupError, match="no part"):
            opening.open_cycle(
                self._order(books, other, books.cycle), books.tools, acting=books.acting("jorge")
            )

        assert digests(books.endpoints) == before

    def test_no_other_cycle(self, shared):
        books = shared
        other = new_cycle(books, "2026-11b")

        with pytest.raises(ApprovalInvalid):
            opening.open_cycle(
                self._order(books, other, other), books.tools, acting=books.acting("jorge")
            )

    def test_no_more_than_the_share_even_when_the_registry_says_so(self, shared, monkeypatch):
        books = shared
        both = [registers(books) for _ in range(2)]
        made = self._made(books, ChildKind.LATE, both, is_within_share=True)
        with pytest.raises(RuntimeError, match="used up"):
            opening.open_cycle(
                self._order(books, made, books.cycle), books.tools, acting=books.acting("jorge")
            )
        monkeypatch.setattr(
            "despensa.records.children.store.require_share", lambda *_: None, raising=True
        )

        with pytest.raises(Exception, match="account_is_not_overdrawn"):
            opening.open_cycle(
                self._order(books, made, books.cycle), books.tools, acting=books.acting("jorge")
            )

        assert count(LEDGER, "account", "kind = 3 AND cycle = %s", made) == 0
        assert ledger.check().is_balanced
