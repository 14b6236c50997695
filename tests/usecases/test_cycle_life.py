"""A cycle after it is open: closed, swept, settled, faded; late, twice, killed, and searched."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError

from despensa.adapters.field_device import FieldDevice
from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.cycles import Cycles
from despensa.domain.cycle_life import DISPUTE_DAYS, SWEEP_DAYS, Waits
from despensa.domain.encoding import dcbor
from despensa.domain.event import Means
from despensa.domain.ports.keeper import CycleFaded
from despensa.domain.proposal import Reason
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints.jobs import actions, cycle_life, rounds
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import life_queries
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from despensa.records.service_points.store import CycleClosed
from despensa.usecases.accept_events import accept_events
from despensa.usecases.begin_fade import StillDisputed, begin_fade
from despensa.usecases.close_cycle import NotYet, close_cycle
from tests.factories.observing import Killed, count, dies, digests

OPEN, CLOSED, SETTLED, FADING, FADED = 4, 5, 6, 7, 8
PARCEL = 1


def state_of(books):
    return queries.cycle(books.cycle).state


def to_day(books, day):
    books.clock.forward(days=(day - books.tools.today()).days)


def to_closing(books):
    to_day(books, queries.cycle(books.cycle).closes_on + timedelta(days=1))


def to_fading(books):
    to_day(books, queries.cycle(books.cycle).disputed_until + timedelta(days=1))


def texts(books):
    return [books.card_texts[number] for _, numbers, _ in books.entitled() for number in numbers]


def scan(books, cards, *, give_back=False):
    """Return the batch of a phone that scanned these cards, and perhaps gave its list back."""
    operator = books.staff["lucia"].bytes
    with FieldDevice.open(books.phone_folder()) as phone:
        if not phone.is_session_open:
            phone.open_session(books.clock.at, operator)
        for text in cards:
            phone.scan(
                text, Means.FILE, books.clock.at, operator,
                today=books.tools.today().toordinal() - DAY_ZERO,
            )  # fmt: skip
        if give_back:
            phone.close_session(books.clock.at, operator)
            phone.return_lease(books.clock.at, operator)
        return phone.pending_batch()


def send(books, batch, *, told=True):
    answer = accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    _, verdict, seq, digest = dcbor.decode(answer)
    if told:
        with FieldDevice.open(books.phone_folder()) as phone:
            phone.acknowledge(seq, digest)
    return verdict


def balances(books, kind):
    return [
        balance
        for (balance,) in fetch(
            LEDGER, "SELECT balance FROM account WHERE cycle = %s AND kind = %s ORDER BY id",
            (books.cycle, kind),
        )
    ]  # fmt: skip


def public(kind):
    leaves = [parse_leaf(bytes(leaf)) for (leaf,) in fetch(
        REGISTRY, "SELECT leaf FROM leaf_queue ORDER BY position"
    )]  # fmt: skip
    return [
        dcbor.decode(leaf.body)
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind
    ]


def settled(books):
    """Two households collected, the list came back, the cycle is closed and swept."""
    send(books, scan(books, texts(books)[:2], give_back=True))
    rounds.round_trip(books.tools)
    to_closing(books)
    rounds.round_trip(books.tools)
    assert state_of(books) == SETTLED


class TestClosing:
    """Claims stop at the published day, or before by two people."""

    def test_not_before_its_published_last_day_is_over(self, leased_books):
        books = leased_books
        before = digests(books.endpoints)

        with pytest.raises(NotYet, match="2026-11-23"):
            close_cycle(books.cycle, acting=books.acting("jorge"))

        assert digests(books.endpoints) == before
        to_closing(books)
        rounds.round_trip(books.tools)
        assert state_of(books) == CLOSED
        [body] = public(PublicKind.CYCLE_CLOSED)
        assert body[2] - body[1] == DISPUTE_DAYS

    def test_two_people_close_it_before_and_the_window_is_counted_from_the_published_day(
        self, opened_books
    ):
        books = opened_books
        waiting = books.proposal(
            "jorge",
            "close_cycle",
            Reason.SCHEDULED_CYCLE,
            scope=(books.programme.bytes, None, books.cycle.bytes),
        )

        assert actions.carry_out(books.approved(waiting), books.tools) == "cycle closed"

        row = queries.cycle(books.cycle)
        assert (row.state, row.closed_on) == (CLOSED, books.tools.today())
        assert row.disputed_until == row.closes_on + timedelta(days=DISPUTE_DAYS)
        with pytest.raises(actions.NotCarriedOut, match="before"):
            actions.carry_out(waiting, books.tools)

    def test_a_closed_cycle_gives_no_session_and_no_list(self, opened_books):
        books = opened_books
        session = books.new_session("P01")
        phone = books.new_phone("P01")
        to_closing(books)
        rounds.round_trip(books.tools)

        with pytest.raises(CycleClosed, match="later cycle"):
            books.prepare(phone, session)
        with pytest.raises(CycleClosed):
            books.new_session("P02")
        assert count(LEDGER, "lease") == 0

    def test_the_sweep_waits_for_the_last_list_and_no_longer_than_fourteen_days(self, leased_books):
        books = leased_books
        to_closing(books)
        rounds.round_trip(books.tools)
        assert state_of(books) == CLOSED
        step = cycle_life.standing(queries.cycle(books.cycle), books.tools)
        assert (step.step.waits, step.lists_out) == (Waits.PHONES, 1)
        execute(LEDGER, "UPDATE lease SET state = 1")  # its phone never comes back

        books.clock.forward(days=SWEEP_DAYS)
        assert cycle_life.settle(books.cycle, books.tools)

        assert state_of(books) == SETTLED
        assert set(balances(books, 3)) == {0}
        assert ledger.check().is_balanced


class TestTheSweep:
    """What nobody claimed goes to the fund, and comes back for an honest phone that is late."""

    def test_the_fund_gets_what_was_not_claimed(self, leased_books):
        books = leased_books
        settled(books)

        [(unit, delivered, unclaimed, carried, emergency, loss)] = life_queries.quantities(
            books.cycle
        )
        promised = sum(quantity for *_, goods in books.entitled() for _, quantity in goods)
        assert (unit, carried, emergency, loss) == (PARCEL, 0, 0, 0)
        assert delivered > 0
        assert delivered + unclaimed == promised
        assert balances(books, 2) == [unclaimed]
        assert public(PublicKind.CYCLE_SETTLED)
        assert ledger.check().is_balanced

    def test_a_late_honest_event_has_it_back_and_is_no_excess(self, leased_books):
        books = leased_books
        batch = scan(books, texts(books)[:2])
        to_closing(books)
        books.clock.forward(days=SWEEP_DAYS)
        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)
        assert state_of(books) == SETTLED
        [(*_, before, _, _, _)] = life_queries.quantities(books.cycle)

        send(books, batch)
        merged = rounds.round_trip(books.tools)

        assert (merged.posted, merged.excess) == (2, 0)
        [(_, delivered, unclaimed, _, emergency, loss)] = life_queries.quantities(books.cycle)
        assert (delivered, emergency, loss) == (before - unclaimed, 0, 0)
        assert delivered > 0
        assert count(LEDGER, "delivery_case") == 0
        assert ledger.check().is_balanced
        assert send(books, batch, told=False) == 1
        assert rounds.round_trip(books.tools).events == 0

    def test_nothing_comes_back_twice(self, leased_books):
        books = leased_books
        settled(books)
        with pytest.raises(IntegrityError, match="comes_back_once"):
            execute(LEDGER, "UPDATE swept SET quantity = quantity - 2")

    def test_the_parts_together_are_the_whole(self, opened_books, monkeypatch):
        books = opened_books
        monkeypatch.setattr("despensa.usecases.close_books.sweep_chunks", lambda _: 16)
        to_closing(books)
        rounds.round_trip(books.tools)
        assert state_of(books) == SETTLED
        assert set(balances(books, 3)) == {0}
        assert count(LEDGER, "stage", "stage = 'sweep'") == 16
        assert ledger.check().is_balanced


STAGES = ("close_cycle", "close_books", "sweep_unclaimed", "end_sweep", "settle_cycle",
          "begin_fade", "fade_books", "finish_fade")  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
def test_killed_between_every_two_stages_the_next_round_goes_on(leased_books, monkeypatch, after):
    books = leased_books
    send(books, scan(books, texts(books)[:2], give_back=True))
    rounds.round_trip(books.tools)
    for stage in STAGES:
        if stage == "close_cycle":
            to_closing(books)
        if stage == "begin_fade":
            cycle_life.carry_out(books.tools)
            to_fading(books)
        with monkeypatch.context() as patched:
            dies(patched, cycle_life, stage, after=after)
            with pytest.raises(Killed):
                cycle_life.carry_out(books.tools)
        assert ledger.check().is_balanced
    with monkeypatch.context() as patched:
        dies(patched, Cycles, "_destroy_frozen", after=after)
        with suppress(Killed):
            cycle_life.carry_out(books.tools)

    cycle_life.carry_out(books.tools)

    assert state_of(books) == FADED
    assert len(public(PublicKind.CYCLE_FADED)) == 1
    assert ledger.check().is_balanced
    before = digests(books.endpoints)
    cycle_life.carry_out(books.tools)
    assert digests(books.endpoints) == before


class TestFading:
    """One transaction leaves sums; then the keys go; then nothing leads back to a household."""

    def test_not_before_the_dispute_window_is_over(self, leased_books):
        books = leased_books
        settled(books)
        to_day(books, queries.cycle(books.cycle).disputed_until)
        rounds.round_trip(books.tools)
        assert state_of(books) == SETTLED

        with pytest.raises(StillDisputed):
            begin_fade(books.cycle, acting=books.acting())

        books.clock.forward(days=1)
        rounds.round_trip(books.tools)
        assert state_of(books) == FADED

    def test_a_clock_that_jumped_takes_no_key_with_it(self, opened_books):
        books = opened_books
        books.clock.forward(days=3650)
        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)

        assert state_of(books) == SETTLED
        assert books.keeper.cycles.chunk_key(books.cycle.bytes, info=b"")

    def test_the_database_deletes_nothing_of_a_cycle_that_does_not_fade(self, leased_books):
        books = leased_books
        send(books, scan(books, texts(books)[:2]))
        rounds.round_trip(books.tools)
        for table in ("transfer", "tag", "account", "evidence_batch", "journal_content"):
            with pytest.raises(IntegrityError, match="fade"):
                execute(LEDGER, f"DELETE FROM {table}")
        with pytest.raises(IntegrityError, match="one step"):
            execute(LEDGER, "UPDATE cycle_books SET state = 4")

    def test_sums_take_the_place_of_accounts_and_say_the_same(self, leased_books):
        books = leased_books
        settled(books)
        before = life_queries.quantities(books.cycle)
        reported = queries.reported_totals(books.cycle)
        to_fading(books)
        rounds.round_trip(books.tools)

        assert life_queries.quantities(books.cycle) == before
        assert queries.reported_totals(books.cycle) == reported
        [(point, day, unit, book, quantity)] = fetch(
            LEDGER, "SELECT point, day, unit, book, quantity FROM closing_sum"
        )
        assert (point, day, unit, book) == (books.session.point, books.session.day, PARCEL, 2)
        assert quantity == before[0][1]
        assert ledger.check().is_balanced

    def test_what_a_phone_reports_afterwards_is_counted_and_leaves_no_trace(self, leased_books):
        books = leased_books
        batch = scan(books, texts(books)[:1])
        to_closing(books)
        books.clock.forward(days=SWEEP_DAYS)
        rounds.round_trip(books.tools)
        rounds.round_trip(books.tools)
        to_fading(books)
        rounds.round_trip(books.tools)
        assert state_of(books) == FADED

        send(books, batch)
        merged = rounds.round_trip(books.tools)

        assert merged.excess == 1
        [(_, delivered, _, _, _, loss)] = life_queries.quantities(books.cycle)
        assert (delivered, loss > 0) == (0, True)
        assert count(LEDGER, "evidence_batch") == count(LEDGER, "redemption") == 0
        assert count(LEDGER, "device_event") == 0
        assert ledger.check().is_balanced
        assert send(books, batch, told=False) == 1
        assert rounds.round_trip(books.tools).events == 0

    def test_a_faded_cycle_gets_no_new_key(self, leased_books):
        books = leased_books
        settled(books)
        to_fading(books)
        rounds.round_trip(books.tools)

        with pytest.raises(key_files.KeyMissing):
            books.keeper.cycles.chunk_key(books.cycle.bytes, info=b"")
        with pytest.raises(CycleFaded):
            opened = actions.verified  # the approval of the opening, used again
            _open_again(books, opened)


def _open_again(books, _verified):
    [(canonical, signed)] = fetch(
        REGISTRY,
        """SELECT proposal.canonical, approval.signed FROM proposal
           JOIN approval ON approval.proposal_id = proposal.id WHERE action = 'open_cycle'""",
    )
    books.keeper.cycles.step_links(
        proposal=bytes(canonical),
        approval=bytes(signed),
        cycle=books.cycle.bytes,
        programme=books.programme.bytes,
        epoch=queries.cycle(books.cycle).epoch,
    )
