"""Carrying over: nobody is paid twice or left out, whatever is leased, killed, repeated or undone."""

import contextlib
import random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from despensa.adapters.field_device import FieldDevice
from despensa.domain.event import Means
from despensa.domain.household.operation import Carry, Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.ports.keeper import Access, Purpose
from despensa.entrypoints.jobs import carrying, merging, rounds
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.records import journal_queries
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.households import queries
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries as programmes
from despensa.usecases.accept_events import accept_events
from tests.factories.observing import Killed, count, dies, digests
from tests.usecases.test_change_household import an_order, do, undo

ENTITLEMENT, DELIVERED = 3, 6
PARCEL = 1


def entitled_home(least=3):
    """Return an entitled household of at least so many people, its people and its parcels."""
    for row in programmes.decided_households(_cycle()):
        home, _, _, goods, numbers = row
        people = queries.situation_of([home]).living(home)
        if goods and numbers and len(people) >= least:
            return home, people, goods[0][1]
    raise AssertionError("no such household was made")


def _cycle():
    [(cycle,)] = fetch(REGISTRY, "SELECT id FROM cycle")
    return cycle


def holds(books, home):
    """Return what a household's account holds of the parcel."""
    access = Access(bytes(16), bytes(16), 0, Purpose.CORRECT_RECORD, (), ())
    account, _ = books.keeper.cycles.carry_accounts(
        access,
        cycle=books.cycle.bytes,
        programme=books.programme.bytes,
        households=[home.bytes, bytes(16)],
    )
    rows = fetch(
        LEDGER, "SELECT balance FROM account WHERE id = %s AND unit = %s", (account, PARCEL)
    )
    return rows[0][0] if rows else 0


def entitled_in_all():
    """Return what all entitlement accounts hold, and what was given, by unit."""
    return dict(
        fetch(
            LEDGER,
            """SELECT transfer.unit, sum(CASE WHEN credit.kind = 3 THEN amount ELSE 0 END
                             - CASE WHEN debit.kind = 3 AND credit.kind <> 6 THEN amount ELSE 0 END)
                             ::bigint
               FROM transfer JOIN account credit ON credit.id = transfer.credit
                 AND credit.unit = transfer.unit
               JOIN account debit ON debit.id = transfer.debit AND debit.unit = transfer.unit
               GROUP BY transfer.unit""",
        )
    )


def split(books, home, people, carry=Carry.EVERYTHING, going=1):
    order = an_order(
        books,
        Kind.SPLIT,
        home,
        people=tuple(people[-going:]),
        other=books.acting().new_id(),
        other_head=people[-1],
        carry=carry,
    )
    do(books, order)
    return order


def go_round(books):
    carrying.carry_out(books.tools)
    rounds.carry_messages(books.tools)


def give(books, home, parcels):
    """Give a household more than one parcel, as a larger one would have."""
    from despensa.domain.ledger.account import AccountKind, named_account
    from despensa.domain.ledger.transfer import Cause, Transfer
    from despensa.records.ledger import store

    access = Access(bytes(16), bytes(16), 0, Purpose.CORRECT_RECORD, (), ())
    account, _ = books.keeper.cycles.carry_accounts(
        access, cycle=books.cycle.bytes, programme=books.programme.bytes,
        households=[home.bytes, bytes(16)],
    )  # fmt: skip
    granted = named_account(AccountKind.GRANTED, cycle=books.cycle.bytes)
    store.add_transfers(
        [
            (
                books.acting().new_id(),
                Transfer(granted, account, PARCEL, parcels, Cause.BUDGET, books.cycle.bytes),
            )
        ]
    )


def test_a_split_carries_what_is_free_and_lists_are_made_with_it(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    before = entitled_in_all()
    order = split(books, home, people)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (0, had)
    assert entitled_in_all() == before
    goods = {row[0]: row[3] for row in programmes.decided_households(books.cycle)}
    assert goods[home] == []
    assert goods[order.other] == [[PARCEL, had]]
    assert ledger.check().is_balanced


def test_by_members_what_cannot_be_divided_stays(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    give(books, home, 10 * len(people) - had + len(people) - 1)

    order = split(books, home, people, Carry.BY_MEMBERS)
    go_round(books)

    assert holds(books, order.other) == 10
    assert holds(books, home) == 10 * len(people) + len(people) - 1 - 10


def test_what_a_phone_holds_waits_until_the_list_comes_back(leased_books):
    books = leased_books
    home, people, had = entitled_home()
    leases = fetch(LEDGER, "SELECT * FROM lease_row ORDER BY account, unit")

    order = split(books, home, people)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (had, 0)
    assert fetch(LEDGER, "SELECT * FROM lease_row ORDER BY account, unit") == leases
    assert count(LEDGER, "carry_over", "NOT is_settled") == 1

    _bring_back(books.lease)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (0, had)
    assert count(LEDGER, "carry_over", "NOT is_settled") == 0


def test_a_list_that_expired_is_waited_for_until_its_phone_is_trusted_no_more(leased_books):
    from django.db import transaction

    from despensa.records.service_points import store

    books = leased_books
    execute(REGISTRY, "UPDATE cycle SET closes_on = closes_on + 30")
    home, people, had = entitled_home()
    order = split(books, home, people)
    books.clock.forward(days=8)
    rounds.round_trip(books.tools)
    assert count(LEDGER, "lease", "state = 3") == 1
    assert (holds(books, home), holds(books, order.other)) == (had, 0)

    with transaction.atomic(using=LEDGER):
        store.suspend_device(books.device)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (0, had)


def test_an_honest_delivery_that_arrives_late_is_no_excess(leased_books):
    books = leased_books
    home, people, _ = entitled_home()
    [text] = [books.card_texts[n[0]] for one, n, _ in books.entitled() if one == home.bytes]
    batch = _scan(books, text)
    order = split(books, home, people)
    books.clock.forward(days=8)
    rounds.round_trip(books.tools)

    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    merging.merge_all(books.tools)
    _bring_back(books.lease)
    go_round(books)

    assert count(LEDGER, "redemption", "excess") == 0
    assert (holds(books, home), holds(books, order.other)) == (0, 0)
    assert count(LEDGER, "carry_over", "NOT is_settled") == 0


def test_what_was_handed_over_meanwhile_is_not_carried(leased_books):
    books = leased_books
    home, people, _ = entitled_home()
    [text] = [
        books.card_texts[numbers[0]] for one, numbers, _ in books.entitled() if one == home.bytes
    ]
    order = split(books, home, people)
    go_round(books)
    _deliver(books, text)

    _bring_back(books.lease)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (0, 0)
    assert count(LEDGER, "carry_over", "NOT is_settled") == 0
    assert count(LEDGER, "redemption", "excess") == 0
    assert ledger.check().is_balanced


def _deliver(books, text, code="P01"):
    batch = _scan(books, text, code)
    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    merging.merge_all(books.tools)


def _scan(books, text, code="P01"):
    """Return what a phone sends after it scanned a card in an open session."""
    operator = books.staff["lucia"].bytes
    with FieldDevice.open(books.phone_folder(code)) as phone:
        if not phone.is_session_open:
            phone.open_session(books.clock.at, operator)
        today = books.tools.today().toordinal() - DAY_ZERO
        phone.scan(text, Means.FILE, books.clock.at, operator, today=today)
        return phone.pending_batch()


def test_a_merge_brings_everything_also_what_comes_later(leased_books):
    books = leased_books
    home, people, had = entitled_home()
    other = next(row[0] for row in programmes.decided_households(books.cycle) if row[0] != home)
    split_off = split(books, home, people)
    merge = an_order(
        books, Kind.MERGE, other, other=split_off.other,
        other_version=queries.standing(split_off.other).version,
    )  # fmt: skip
    do(books, merge)
    go_round(books)
    at_home = holds(books, other)

    _bring_back(books.lease)
    go_round(books)

    assert holds(books, other) == at_home + had
    assert (holds(books, home), holds(books, split_off.other)) == (0, 0)


def test_a_household_that_split_off_collects_with_a_card_bound_later(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    order = split(books, home, people)
    go_round(books)
    [(number, *_), *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL")
    _bind(number, order.other)
    session = books.new_session("P09")
    books.device = books.new_phone("P09")

    lease, sealed = books.prepare(books.device, session)
    with FieldDevice.open(books.phone_folder("P09")) as phone:
        phone.load_lease(lease.bytes, sealed)
    _deliver(books, books.card_texts[number], "P09")

    assert (holds(books, home), holds(books, order.other)) == (0, 0)
    assert count(LEDGER, "redemption", "NOT excess") == 1
    [(given,)] = fetch(LEDGER, "SELECT quantity FROM redemption")
    assert given == had


def _bind(number, household):
    from django.db import connections

    with connections[REGISTRY].cursor() as cursor:
        cursor.execute(
            "UPDATE card SET household_id = %s, state = 2 WHERE number = %s", (household, number)
        )
        cursor.execute("UPDATE card SET state = 3 WHERE number = %s", (number,))


def test_an_undo_gives_back_what_is_still_there(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    order = split(books, home, people)
    go_round(books)

    undo(books, order.id, home)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (had, 0)
    goods = {row[0]: row[3] for row in programmes.decided_households(books.cycle)}
    assert goods[home] == [[PARCEL, had]]
    assert order.other not in goods


def test_an_undo_before_the_list_came_back_leaves_it_where_it_was(leased_books):
    books = leased_books
    home, people, had = entitled_home()
    order = split(books, home, people)
    go_round(books)
    undo(books, order.id, home)
    _bring_back(books.lease)

    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (had, 0)
    assert count(LEDGER, "carry_over", "NOT is_settled") == 0


def test_before_the_opening_it_waits_in_the_outbox(carded_books):
    books = carded_books
    home, people, had = entitled_home()
    order = split(books, home, people)
    go_round(books)
    assert len(journal_queries.undelivered(REGISTRY, 10)) == 1

    from tests.factories import books as factory

    factory.opened(books)
    go_round(books)

    assert (holds(books, home), holds(books, order.other)) == (0, had)
    assert journal_queries.undelivered(REGISTRY, 10) == []


def test_no_table_ties_a_household_to_an_account(opened_books):
    books = opened_books
    home, people, _ = entitled_home()
    order = split(books, home, people)
    go_round(books)

    kinds = {"registry": [home, order.other, order.id], "ledger": []}
    [(debit, credit, cause)] = fetch(
        LEDGER, "SELECT debit, credit, cause_id FROM transfer WHERE cause = 5"
    )
    secrets = [bytes(debit), bytes(credit), cause.bytes]
    assert not _found_in(books.endpoints.registry_owner, secrets)
    assert not _found_in(books.endpoints.ledger_owner, [one.bytes for one in kinds["registry"]])


def _found_in(address, pieces):
    """Return the tables of a database that hold any of these bytes, in whatever column."""
    import psycopg
    from psycopg import sql

    found = []
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            for piece in pieces:
                texts = (piece.hex(), str(UUID(bytes=piece)))
                [(hits,)] = connection.execute(
                    sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE %s OR t::text LIKE %s")
                    .format(sql.Identifier(table)),
                    [f"%{text}%" for text in texts],
                ).fetchall()  # fmt: skip
                if hits:
                    found.append(table)
    return found


STAGES = [
    (carrying, "carry_over"),
    (carrying, "mark_registry_messages"),
    (carrying, "note_carried"),
    (rounds, "mark_ledger_messages"),
]


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(("owner", "name"), STAGES)
def test_killed_between_two_stages_the_next_round_ends_the_work(
    opened_books, monkeypatch, owner, name, is_after
):
    books = opened_books
    home, people, had = entitled_home()
    before = entitled_in_all()
    order = split(books, home, people)
    with monkeypatch.context() as patch:
        dies(patch, owner, name, after=is_after)
        with pytest.raises(Killed):
            go_round(books)
        assert entitled_in_all() == before

    go_round(books)
    settled = digests(books.endpoints)
    go_round(books)

    assert digests(books.endpoints) == settled
    assert (holds(books, home), holds(books, order.other)) == (0, had)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_no_sequence_of_operations_makes_or_loses_anything(shelf, django_db_blocker, seed):
    with django_db_blocker.unblock():
        _any_sequence(shelf.take("opened"), random.Random(seed))
        shelf.give_back()


def _any_sequence(books, chance):
    decided = [row[0] for row in programmes.decided_households(books.cycle) if row[3]][:4]
    before, homes, done, lists = entitled_in_all(), list(decided), [], []
    for _ in range(chance.randint(3, 9)):
        act = chance.choice(["split", "merge", "undo", "list", "give", "back", "round", "die"])
        if act in {"split", "merge", "undo"}:
            try:
                _operate(books, act, homes, done, chance)
            except ChangeRefused:
                continue
        elif act == "list":
            lists.append(_listed(books, len(lists), chance))
        elif act == "give" and lists:
            _, code = chance.choice(lists)
            _deliver(books, chance.choice(sorted(books.card_texts.values())), code)
        elif act == "back" and lists:
            _bring_back(lists.pop()[0])
        elif act == "round":
            go_round(books)
        else:
            owner, name = chance.choice(STAGES)
            with pytest.MonkeyPatch.context() as patch:
                dies(patch, owner, name, after=chance.random() < 0.5)
                with contextlib.suppress(Killed):
                    go_round(books)
        assert entitled_in_all() == before
        assert ledger.check().is_balanced
    for lease, _ in lists:
        _bring_back(lease)
    for _ in range(4):
        go_round(books)
    assert entitled_in_all() == before
    assert count(LEDGER, "carry_over", "NOT is_settled") == 0
    assert count(LEDGER, "redemption", "excess") == 0
    listed = sum(q for *_, goods, _ in programmes.decided_households(books.cycle) for _, q in goods)
    assert listed == before[PARCEL]
    for home in homes:
        if queries.standing(home).ended_on is not None:
            assert holds(books, home) == 0 or done


def _operate(books, act, homes, done, chance):
    home = chance.choice(homes)
    people = queries.situation_of([home]).living(home)
    if act == "split" and len(people) > 1:
        order = split(books, home, people, chance.choice(list(Carry)))
        homes.append(order.other)
        done.append(order)
    elif act == "merge":
        other = chance.choice(homes)
        order = an_order(
            books, Kind.MERGE, home, other=other, other_version=queries.standing(other).version
        )
        do(books, order)
        done.append(order)
    elif act == "undo" and done:
        order = done.pop()
        do(
            books,
            Order(
                books.acting().new_id(), Kind.UNDO, Reason.ENTRY_MISTAKE, books.tools.today(),
                order.household, 0, undoes=order.id,
            ),
        )  # fmt: skip


def _listed(books, number, chance):
    """Prepare a list for some households at a new point; return the lease and the point."""
    rows = [row for row in books.entitled() if chance.random() < 0.5]
    code = f"X{number}{books.acting().new_id().hex[:6]}"
    session = books.new_session(code)
    lease, sealed = books.prepare(books.new_phone(code), session, rows)
    with FieldDevice.open(books.phone_folder(code)) as phone:
        phone.load_lease(lease.bytes, sealed)
    return lease, code


def _bring_back(lease):
    from django.db import transaction

    from despensa.records.service_points import store

    with transaction.atomic(using=LEDGER):
        store.end_leases([lease], state=store.RETURNED)
