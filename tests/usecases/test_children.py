"""Child cycles: linked to a root, decided by a rule, and never a second benefit."""

import uuid
from dataclasses import replace

import pytest

from despensa.domain import epoch as epochs
from despensa.domain.child import ChildKind, LineNameWrong
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions, child
from despensa.entrypoints.jobs.opening import unit_total
from despensa.records.bulk import execute, fetch
from despensa.records.children import queries as children
from despensa.records.children.store import ChildKnown, ClaimMade, NoRoot
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from despensa.records.programmes.store import BenefitGiven, WrongState
from despensa.usecases.draft_child import ChildOrderWrong
from tests.factories import books as factory
from tests.factories.late_people import households_of, joins, registers
from tests.factories.observing import Killed, at_once, count, dies, digests, raised

OPEN, DECIDED = 4, 2
UNIT = 1


def _order(books, kind, households=None, **other):
    return child.order_for(
        books.cycle, kind, child=uuid.uuid4(), today=books.tools.today(),
        households=households, **other,
    )  # fmt: skip


def _made(books, order):
    return child.make_child(order, books.tools, acting=books.acting("jorge"))


def _lines(household):
    return fetch(
        REGISTRY,
        "SELECT line, quantity, cycle_id FROM benefit_line WHERE household_id = %s ORDER BY line",
        (household,),
    )


def _opened(books, cycle_id):
    goods = queries.goods_totals(cycle_id)
    waiting = books.proposal(
        "jorge", "open_cycle", Reason.SCHEDULED_CYCLE,
        scope=(books.programme.bytes, None, cycle_id.bytes),
        parameters=(epochs.epoch_of(books.tools.today()),),
        totals=tuple((unit_total(unit), total) for unit, _, _, total in goods),
    )  # fmt: skip
    return actions.carry_out(books.approved(waiting), books.tools)


def test_a_child_is_disputed_for_as_long_as_its_root(opened_books):
    execute(REGISTRY, "UPDATE cycle SET dispute_days = 200 WHERE id = %s", (opened_books.cycle,))
    order = _order(opened_books, ChildKind.FOLLOW_UP)

    _made(opened_books, order)

    assert queries.cycle(order.id).dispute_days == 200


@pytest.fixture
def wronged(opened_books):
    """A household to which the rule gives something, and that got nothing."""
    return registers(opened_books)


class TestAnUpheldAppeal:
    """The household gets what it should have got: the same line, or what is missing."""

    def test_who_got_nothing_gets_the_line_of_the_root(self, opened_books, wronged):
        made = _made(opened_books, _order(opened_books, ChildKind.APPEAL, [wronged]))

        assert (made.households, made.code) == (1, "2026-11/appeal-1")
        assert made.goods == ((UNIT, 1),)
        assert _lines(wronged) == [("parcel", 1, made.cycle)]
        row = queries.cycle(made.cycle)
        assert (row.state, row.root_cycle) == (DECIDED, opened_books.cycle)
        assert row.rule == queries.cycle(opened_books.cycle).rule
        assert children.child(made.cycle).kind is ChildKind.APPEAL

    def test_who_got_too_little_gets_the_rest_as_another_line(self, opened_books, wronged):
        books = opened_books
        got = households_of(books, 1)[0]
        [(_, before, _)] = _lines(got)
        for _ in range(6):
            joins(books, got)
        made = _made(books, _order(books, ChildKind.APPEAL, [got, wronged]))

        assert {line: quantity for line, quantity, _ in _lines(got)} == {
            "parcel": before, "parcel/appeal": 2 - before,
        }  # fmt: skip
        assert made.goods == ((UNIT, 1 + 2 - before),)

    def test_who_got_what_is_right_gets_no_more(self, opened_books):
        made = _made(
            opened_books, _order(opened_books, ChildKind.APPEAL, households_of(opened_books, 1))
        )

        assert (made.households > 0, made.goods) == (True, ())

    def test_it_opens_with_the_word_of_two_people_and_everybody_has_a_tag(
        self, opened_books, wronged
    ):
        books = opened_books
        carded = households_of(books, 1)[0]
        made = _made(books, _order(books, ChildKind.APPEAL, [wronged, carded]))
        tags = count(LEDGER, "tag")

        assert _opened(books, made.cycle) == "cycle open for 1 households"

        assert queries.cycle(made.cycle).state == OPEN
        assert count(LEDGER, "account", "kind = 3 AND cycle = %s", made.cycle) == 1
        assert count(LEDGER, "tag") == tags + 1
        assert ledger.check().is_balanced

    def test_asked_twice_it_is_one(self, opened_books, wronged):
        books = opened_books
        order = _order(books, ChildKind.APPEAL, [wronged])
        first = _made(books, order)
        before = digests(books.endpoints)

        assert _made(books, order) == first
        assert digests(books.endpoints) == before

    def test_the_same_id_for_another_household_is_refused(self, opened_books, wronged):
        books = opened_books
        order = _order(books, ChildKind.APPEAL, [wronged])
        _made(books, order)
        other = child.ChildOrder(
            order.id, order.root, order.kind, order.reference_date, order.opens_on,
            order.closes_on, households_of(books, 1)[:1],
        )  # fmt: skip

        with pytest.raises(ChildKnown):
            _made(books, other)

    @pytest.mark.parametrize("name", ["draft_child", "cycle.decide_cycle"])
    def test_killed_on_its_way_it_goes_on(self, opened_books, wronged, monkeypatch, name):
        books = opened_books
        order = _order(books, ChildKind.APPEAL, [wronged])
        owner, _, last = ("child." + name).rpartition(".")
        place = child if owner == "child" else child.cycle
        with monkeypatch.context() as patched:
            dies(patched, place, last, after=True)
            with pytest.raises(Killed):
                _made(books, order)

        made = _made(books, order)

        assert _lines(wronged) == [("parcel", 1, made.cycle)]
        assert count(REGISTRY, "child_cycle") == 1


class TestASecondBenefit:
    """It is the database that refuses it, however it is tried."""

    def test_two_children_at_once_give_once(self, opened_books, wronged):
        books = opened_books
        orders = [_order(books, kind, [wronged]) for kind in (ChildKind.APPEAL, ChildKind.LATE)]

        ended = at_once(*(lambda order=order: _made(books, order) for order in orders))

        # an appeal that comes second sees that nothing is missing any more
        assert all(isinstance(error, BenefitGiven) for error in raised(ended))
        assert [quantity for _, quantity, _ in _lines(wronged)] == [1]

    def test_late_entrants_twice_is_a_sentence_and_changes_nothing(self, opened_books, wronged):
        books = opened_books
        _made(books, _order(books, ChildKind.LATE, [wronged]))
        second = _order(books, ChildKind.LATE, [wronged])

        with pytest.raises(BenefitGiven, match="already"):
            _made(books, second)

        assert len(_lines(wronged)) == 1
        assert count(REGISTRY, "decision", "cycle_id = %s", second.id) == 0

    def test_a_follow_up_is_a_line_of_its_own_once(self, opened_books):
        books = opened_books
        first = _made(books, _order(books, ChildKind.FOLLOW_UP))
        got = households_of(books, 1)

        assert first.households == factory.HOUSEHOLDS
        assert all(
            [line for line, *_ in _lines(one)] == ["parcel", "parcel/follow-up"] for one in got
        )
        with pytest.raises(BenefitGiven):
            _made(books, _order(books, ChildKind.FOLLOW_UP))
        named = _made(books, _order(books, ChildKind.FOLLOW_UP, name="winter"))
        assert named.goods == first.goods
        assert "parcel/follow-up/winter" in [line for line, *_ in _lines(got[0])]

    def test_top_up_and_appeal_at_once_do_not_both_give_what_is_missing(self, opened_books):
        books = opened_books
        wronged = registers(books)
        orders = [_order(books, kind, [wronged]) for kind in (ChildKind.APPEAL, ChildKind.TOP_UP)]

        ended = at_once(*(lambda order=order: _made(books, order) for order in orders))

        assert not raised(ended)
        assert sum(quantity for _, quantity, _ in _lines(wronged)) == 1


class TestARecovery:
    """What was given too much is known; nothing is taken."""

    def test_it_says_what_was_beyond_the_right_once(self, opened_books):
        books = opened_books
        got = households_of(books, 1)[0]
        execute(
            REGISTRY,
            """UPDATE registrant SET birth_month = '1985-01-01', birth_precision = 2, facts = '{}',
                      sex = 1
               WHERE id IN (SELECT registrant_id FROM membership WHERE household_id = %s)""",
            (got,),
        )
        lines = _lines(got)
        made = _made(books, _order(books, ChildKind.RECOVERY, [got]))

        assert made.goods == ()
        claimed = fetch(REGISTRY, "SELECT household_id, line, quantity FROM recovery_line")
        decided = fetch(REGISTRY, "SELECT outcome FROM decision WHERE cycle_id = %s", (made.cycle,))
        if decided == [(2,)]:
            assert claimed == [(got, "parcel/recovery", lines[0][1])]
            with pytest.raises(ClaimMade):
                _made(books, _order(books, ChildKind.RECOVERY, [got]))
        assert _lines(got) == lines


class TestOrdersThatAreRefused:
    """Each with a sentence, and nothing is changed."""

    def test_it_says_why(self, opened_books):
        books = opened_books
        before = digests(books.endpoints)
        for kind, changes, error, says in (
            (ChildKind.LATE, {"households": None}, ChildOrderWrong, "name them"),
            (ChildKind.APPEAL, {"households": []}, ChildOrderWrong, "no household"),
            (ChildKind.TOP_UP, {"rule": uuid.uuid4()}, ChildOrderWrong, "Only a follow-up"),
            (ChildKind.FOLLOW_UP, {"rule": uuid.uuid4()}, ChildOrderWrong, "another programme"),
            (ChildKind.FOLLOW_UP, {"name": "Winter!"}, LineNameWrong, "small letters"),
            (ChildKind.FOLLOW_UP, {"root": uuid.uuid4()}, NoRoot, "no such cycle"),
        ):
            order = replace(_order(books, kind), **changes)
            with pytest.raises(error, match=says):
                _made(books, order)

        assert digests(books.endpoints) == before

    def test_a_child_has_no_children(self, opened_books, wronged):
        books = opened_books
        made = _made(books, _order(books, ChildKind.APPEAL, [wronged]))
        order = _order(books, ChildKind.FOLLOW_UP)
        other = child.ChildOrder(
            order.id, made.cycle, order.kind, order.reference_date, order.opens_on, order.closes_on
        )

        with pytest.raises(NoRoot, match="child of another"):
            _made(books, other)

    def test_late_entrants_need_an_open_cycle(self, decided_books):
        with pytest.raises(WrongState, match="open"):
            _made(
                decided_books,
                _order(decided_books, ChildKind.LATE, households_of(decided_books, 1)[:1]),
            )

    def test_the_books_refuse_a_line_of_another_kind(self, opened_books, wronged):
        made = _made(opened_books, _order(opened_books, ChildKind.APPEAL, [wronged]))

        with pytest.raises(Exception, match="permission denied"):
            execute(REGISTRY, "UPDATE child_cycle SET line = '' WHERE cycle_id = %s", (made.cycle,))
