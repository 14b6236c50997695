"""
The set-based merge and the readable one give the same books, whatever phones report.

Also: a merge that is killed leaves nothing and can be repeated; two workers post nothing twice.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from despensa.domain.event import EventKind
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.redemption import Balance, Book, LeaseRow, MergeEvent, MergeFacts, merge
from despensa.domain.redemption.merge import after
from despensa.records.bulk import copy_rows, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries as ledger
from despensa.records.redemption.merge_sql import LANES
from despensa.usecases import merge_events as usecase
from tests.factories.observing import Killed, at_once, count, dies, raised

PHONES, HOUSEHOLDS, UNITS = 4, 3, (1, 2)
LIMIT = 5
UNKNOWN, NOT_ENTITLED = HOUSEHOLDS, HOUSEHOLDS + 1
some = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Scan:
    """What a phone reports: a household's card (of which phone's list), goods, who answers."""

    kind: EventKind
    phone: int = 0
    household: int = 0
    quantities: tuple[int, ...] = (1,)
    is_supervised: bool = False
    has_session: bool = True
    has_lease: bool = True


@dataclass(frozen=True)
class Plan:
    """One ledger before merging: per (phone, household, unit) balance, leased and claimed."""

    balances: dict = field(default_factory=dict)
    leased: dict = field(default_factory=dict)
    borrowed: dict = field(default_factory=dict)


class World:
    """Ids of one example: another prefix each, so that examples share a database."""

    def __init__(self):
        self.prefix = os.urandom(12)
        self.cycle, self.point = UUID(bytes=os.urandom(16)), UUID(bytes=os.urandom(16))

    def id(self, what, *numbers):
        return self.prefix + what.encode() + bytes([*numbers, 0, 0])[:2] + bytes([numbers[0]])

    def account(self, phone, household):
        return self.id("A", phone, household)[:15] + bytes([phone])

    def tag(self, phone, household):
        return self.id("T", phone, household)[:15] + bytes([phone])

    def device(self, phone):
        return self.id("D", phone)

    def lease(self, phone):
        return self.id("L", phone)

    def session(self, phone):
        return self.id("S", phone)


cells = st.fixed_dictionaries(
    {
        (phone, household, unit): st.integers(0, 3)
        for phone in range(PHONES)
        for household in range(HOUSEHOLDS)
        for unit in UNITS
    }
)
plans = st.builds(
    Plan,
    balances=cells,
    leased=cells,
    # a household of the next phone's list that an earlier lease of this phone held
    borrowed=st.dictionaries(st.integers(0, PHONES - 1), st.integers(1, 2), max_size=2),
)
scans = st.builds(
    Scan,
    kind=st.sampled_from([EventKind.DELIVERED] * 6 + [EventKind.REFUSED, EventKind.ABORTED]),
    phone=st.integers(0, PHONES - 1),
    household=st.integers(0, NOT_ENTITLED),
    quantities=st.sampled_from([(1,), (1,), (2,), (1, 1), (2, 1)]),
    is_supervised=st.booleans(),
    has_session=st.sampled_from([True, True, True, False]),
    has_lease=st.sampled_from([True, True, True, False]),
)
own_scans = st.builds(
    Scan,
    kind=st.just(EventKind.DELIVERED),
    phone=st.just(-1),
    household=st.integers(0, HOUSEHOLDS - 1),
    quantities=st.sampled_from([(1,), (1, 1)]),
)
reports = st.lists(st.tuples(st.integers(0, PHONES - 1), st.one_of(own_scans, scans)), max_size=16)


def events_of(world, reported):
    """Return (event, has a session) in the order in which they were accepted."""
    made, seqs = [], Counter()
    for reporter, scan in reported:
        seqs[reporter] += 1
        seq = seqs[reporter]
        owner = reporter if scan.phone < 0 else scan.phone
        is_delivery = scan.kind is EventKind.DELIVERED
        made.append(
            MergeEvent(
                event_id=world.id("E", reporter, seq),
                device_id=world.device(reporter),
                seq=seq,
                event_hash=(world.id("E", reporter, seq) * 2),
                kind=scan.kind,
                session_id=world.session(reporter) if scan.has_session else bytes(16),
                lease_id=world.lease(reporter) if scan.has_lease else None,
                tag=world.tag(owner, scan.household) if is_delivery else None,
                goods=tuple(zip(UNITS, scan.quantities, strict=False)) if is_delivery else (),
                is_supervised=is_delivery and scan.is_supervised,
            )
        )
    return made


def facts_of(world, plan):
    """Return what the domain is told of the ledger."""
    rows = {
        (world.lease(p), world.account(p, h), unit): LeaseRow(quantity)
        for (p, h, unit), quantity in plan.leased.items()
        if quantity
    }
    for phone, quantity in plan.borrowed.items():
        other = (phone + 1) % PHONES
        rows[world.lease(phone), world.account(other, 0), 1] = LeaseRow(quantity)
    tags = {world.tag(p, h): world.account(p, h) for p in range(PHONES) for h in range(HOUSEHOLDS)}
    tags |= {world.tag(p, NOT_ENTITLED): None for p in range(PHONES)}
    return MergeFacts(
        accounts=tags,
        balances={
            (world.account(p, h), unit): Balance(amount)
            for (p, h, unit), amount in plan.balances.items()
        },
        lease_devices={world.lease(p): world.device(p) for p in range(PHONES)},
        lease_rows=rows,
    )


def write_ledger(world, plan, facts):
    """Write the same ledger as rows."""
    phones = range(PHONES)
    copy_rows(
        LEDGER, "service_point", ("id", "code", "names", "area"),
        [(world.point, world.prefix.hex(), "{}", world.point)],
    )  # fmt: skip
    copy_rows(
        LEDGER,
        "session",
        ("id", "point_id", "programme", "cycle", "day", "opens_at", "closes_at"),
        [
            (UUID(bytes=world.session(p)), world.point, world.cycle, world.cycle,
             date(2026, 11, 21), 0, 1)
            for p in phones
        ],
    )  # fmt: skip
    copy_rows(
        LEDGER,
        "device",
        ("id", "public_key", "sealing_key", "certificate", "area", "state", "expires_at",
         "next_seq", "last_hash", "operators"),
        [
            (UUID(bytes=world.device(p)), world.device(p) * 2, b"", b"", world.point, 1, 0, 1, b"",
             "[]")
            for p in phones
        ],
    )  # fmt: skip
    copy_rows(
        LEDGER,
        "lease",
        ("id", "device_id", "session_id", "expires_at", "state", "digest"),
        [
            (UUID(bytes=world.lease(p)), UUID(bytes=world.device(p)),
             UUID(bytes=world.session(p)), 0, 1, b"")
            for p in phones
        ],
    )  # fmt: skip
    _write_money(world, facts)
    copy_rows(
        LEDGER,
        "lease_row",
        ("lease_id", "account", "unit", "quantity", "claimed", "active"),
        [
            # what was borrowed belongs to a lease that has ended
            (UUID(bytes=lease), account, unit, row.quantity, row.claimed,
             account[-1] == lease[13])
            for (lease, account, unit), row in facts.lease_rows.items()
        ],
    )  # fmt: skip


def _write_money(world, facts):
    fund = named_account(AccountKind.FUND, cycle=world.cycle.bytes)
    granted = named_account(AccountKind.GRANTED, cycle=world.cycle.bytes)
    total = {unit: sum(b.available for (_, u), b in facts.balances.items() if u == unit)
             for unit in UNITS}  # fmt: skip
    copy_rows(
        LEDGER,
        "account",
        ("id", "unit", "kind", "cycle", "balance", "no_overdraft"),
        [
            *((granted, unit, 1, world.cycle, None, False) for unit in UNITS),
            *((fund, unit, 2, world.cycle, 0, True) for unit in UNITS),
            *((account, unit, 3, world.cycle, 0, True) for account, unit in facts.balances),
        ],
    )
    moves = [(granted, fund, unit, total[unit], 1) for unit in UNITS if total[unit]]
    opened = [
        (fund, account, unit, balance.available, 2)
        for (account, unit), balance in facts.balances.items()
        if balance.available
    ]
    for rows in (moves, opened):
        copy_rows(
            LEDGER,
            "transfer",
            ("id", "debit", "credit", "unit", "amount", "cause", "cause_id"),
            [(UUID(bytes=os.urandom(16)), *row, world.cycle) for row in rows],
        )
    copy_rows(
        LEDGER,
        "tag",
        ("tag", "cycle", "account", "step", "status"),
        [(t, world.cycle, a, 1, 2 if a is None else 1) for t, a in facts.accounts.items()],
    )


def write_inbox(events):
    """Write events as accepting leaves them."""
    copy_rows(
        LEDGER,
        "inbox_event",
        ("device", "seq", "hash", "event", "kind", "session", "lease", "tag", "units",
         "quantities", "reason", "commitment", "supervised", "card_number", "data"),
        [
            (
                UUID(bytes=e.device_id), e.seq, e.event_hash, UUID(bytes=e.event_id), int(e.kind),
                None if e.session_id == bytes(16) else UUID(bytes=e.session_id),
                None if e.lease_id is None else UUID(bytes=e.lease_id), e.tag,
                [unit for unit, _ in e.goods], [quantity for _, quantity in e.goods],
                None if e.kind is EventKind.DELIVERED else 1, None, e.is_supervised, None,
                b"signed event",
            )
            for e in events
        ],
    )  # fmt: skip


def expected(events, facts):
    """Return outcomes and facts by the domain alone, batch by batch as the lanes are emptied."""
    outcomes = []
    for lane in range(LANES):
        mine = [event for event in events if event.device_id[-1] % LANES == lane]
        for start in range(0, len(mine), LIMIT):
            made = merge(mine[start : start + LIMIT], facts)
            facts = after(facts, made)
            outcomes += made
    return outcomes, facts


def merged(books, limit=LIMIT):
    """Merge until nothing waits and return how many events and excesses there were."""
    events = excess = 0
    while (
        done := usecase.merge_events(acting=books.acting(), cycles=books.keeper.cycles, limit=limit)
    ).events:
        events, excess = events + done.events, excess + done.excess
    return events, excess


def ledger_of(world):
    """Return what merging may change, of this example alone."""
    mine = world.prefix
    own = "substring(%s for 12) = %s"
    return {
        "balances": {
            (bytes(a), u): b
            for a, u, b in fetch(
                LEDGER,
                f"SELECT id, unit, balance FROM account WHERE kind = 3 AND {own % ('id', '%s')}",
                (mine,),
            )
        },
        "claimed": {
            (lease.bytes, bytes(a), u): c
            for lease, a, u, c in fetch(
                LEDGER,
                "SELECT lease_id, account, unit, claimed FROM lease_row WHERE "
                + own % ("uuid_send(lease_id)", "%s"),
                (mine,),
            )
        },
        "redemptions": Counter(
            (i.bytes, None if a is None else bytes(a), u, q, x)
            for i, a, u, q, x in fetch(
                LEDGER,
                "SELECT id, account, unit, quantity, excess FROM redemption WHERE "
                + own % ("uuid_send(id)", "%s"),
                (mine,),
            )
        ),
        "transfers": Counter(
            (i.bytes, u, q, kind)
            for i, u, q, kind in fetch(
                LEDGER,
                """SELECT cause_id, transfer.unit, amount, account.kind FROM transfer
                   JOIN account ON account.id = debit AND account.unit = transfer.unit
                   WHERE cause IN (3, 4) AND """
                + own % ("uuid_send(cause_id)", "%s"),
                (mine,),
            )
        ),
        "cases": Counter(
            (i.bytes, cause)
            for i, cause in fetch(
                LEDGER,
                "SELECT redemption, cause FROM delivery_case WHERE "
                + own % ("uuid_send(redemption)", "%s"),
                (mine,),
            )
        ),
    }


_KIND = {Book.ENTITLEMENT: 3, Book.LOSS: 9, Book.EMERGENCY: 10}


def ledger_by_domain(outcomes, facts):
    """Return the same of what the domain said."""
    postings = [(o, p) for o in outcomes for p in o.postings]
    return {
        "balances": {key: balance.available for key, balance in facts.balances.items()},
        "claimed": {key: row.claimed for key, row in facts.lease_rows.items()},
        "redemptions": Counter(
            (o.event_id, p.account_id, p.unit, p.quantity, p.book is Book.LOSS) for o, p in postings
        ),
        "transfers": Counter((o.event_id, p.unit, p.quantity, _KIND[p.book]) for o, p in postings),
        "cases": Counter((o.event_id, o.cause.name) for o in outcomes if o.cause is not None),
    }


def prepared(books, plan, reported):
    """Return a world written to the ledger with its events waiting, and the domain's facts."""
    world = World()
    facts = facts_of(world, plan)
    write_ledger(world, plan, facts)
    key_for(books, world.cycle)
    events = events_of(world, reported)
    write_inbox(events)
    return world, facts, events


def key_for(books, cycle):
    """Let the keeper have the key that evidence of the cycle is sealed to."""
    folder = books.folder / "keys" / "keeper" / "cycles"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / f"{cycle.bytes.hex()}.sealing").write_bytes(os.urandom(32))


@given(plan=plans, reported=reports)
@some
def test_the_books_are_what_the_domain_alone_would_write(founded_books, plan, reported):
    world, facts, events = prepared(founded_books, plan, reported)
    outcomes, facts = expected(events, facts)

    done, _ = merged(founded_books)

    assert done == len(events)
    assert ledger_of(world) == ledger_by_domain(outcomes, facts)
    assert count(LEDGER, "inbox_event") == 0
    assert ledger.check().is_balanced


def a_day(events=40):
    """Return a plan and reports of phones that deliver to their own households, some twice."""
    places = [(p, h, u) for p in range(PHONES) for h in range(HOUSEHOLDS) for u in UNITS]
    plan = Plan(balances=dict.fromkeys(places, 2), leased=dict.fromkeys(places, 2))
    reported = [
        (number % PHONES, Scan(EventKind.DELIVERED, -1, number % HOUSEHOLDS, (1, 1)))
        for number in range(events)
    ]
    return plan, reported


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (usecase.store, "take_and_post"),
        (usecase.store, "write_outcomes"),
        (usecase.store, "write_evidence"),
        (usecase.journal_store, "append"),
        (usecase.journal_store, "post"),
    ],
)
def test_a_killed_merge_leaves_nothing_and_is_repeated(founded_books, monkeypatch, owner, name):
    world, facts, events = prepared(founded_books, *a_day())
    before = ledger_of(world), count(LEDGER, "journal"), count(LEDGER, "evidence_batch")

    with monkeypatch.context() as patch:
        dies(patch, owner, name, after=True)
        with pytest.raises(Killed):
            merged(founded_books, limit=500)

    assert (ledger_of(world), count(LEDGER, "journal"), count(LEDGER, "evidence_batch")) == before
    assert count(LEDGER, "inbox_event") == len(events)
    merged(founded_books)
    outcomes, facts = expected(events, facts)
    assert ledger_of(world) == ledger_by_domain(outcomes, facts)


def test_two_workers_at_once_post_nothing_twice(founded_books):
    world, facts, events = prepared(founded_books, *a_day(80))

    ended = at_once(*[lambda: merged(founded_books)] * 3)

    assert not raised(ended)
    assert sum(done for done, _ in ended) == len(events)
    outcomes, facts = expected(events, facts)
    assert ledger_of(world) == ledger_by_domain(outcomes, facts)
    assert ledger.check().is_balanced


def test_two_workers_on_one_account_give_what_it_holds_and_no_more(founded_books):
    plan = Plan(
        balances={(1, 0, 1): 1, (0, 0, 1): 1},
        leased={(1, 0, 1): 1},
        borrowed={0: 1},
    )
    reported = [(phone, Scan(EventKind.DELIVERED, 1, 0)) for phone in (0, 1)]
    world, _, _ = prepared(founded_books, plan, reported)

    ended = at_once(*[lambda: merged(founded_books)] * 2)

    assert not raised(ended)
    assert sorted(row[4] for row in ledger_of(world)["redemptions"].elements()) == [False, True]
    assert ledger_of(world)["balances"][world.account(1, 0), 1] == 0
