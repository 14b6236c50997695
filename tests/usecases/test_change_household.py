"""Operations on households in the books: once, twice, at once, killed, and on any past date."""

import csv
import dataclasses
import hashlib
import random
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from despensa.domain.household.change import decide
from despensa.domain.household.membership import MemberRole, state_on
from despensa.domain.household.operation import REASONS, Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import after
from despensa.domain.household.undo import decide_undo, done
from despensa.domain.registration.draft import Birth, PersonDraft, Sex
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from despensa.records.registry import queries as registry
from despensa.usecases import change_household as changing
from despensa.usecases.change_household import Wanted, change_household
from tests.domain.household.people import any_order
from tests.factories.observing import Killed, at_once, count, dies, digests, raised

CHILD = PersonDraft("new", "Luz Molina", Sex.FEMALE, Birth(2026, 11, 3), (), 1)


def a_home(least=3):
    """Return a household of at least so many whose head alone collects, and who lives there."""
    [(home,), *_] = fetch(
        REGISTRY,
        """SELECT household_id FROM membership GROUP BY household_id
           HAVING count(*) FILTER (WHERE role IN (1, 2)) >= %s
              AND count(*) FILTER (WHERE role IN (3, 4)) = 1
           ORDER BY household_id""",
        (least,),
    )
    return home, queries.situation_of([home]).living(home)


def an_order(books, kind, home, **fields):
    standing = queries.standing(home)
    given = {
        "id": books.acting().new_id(),
        "reason": REASONS[kind][0],
        "day": books.tools.today(),
        "expected_version": standing.version,
    }
    return Order(kind=kind, household=home, **(given | fields))


def do(books, order, newcomers=(), by="ana"):
    return change_household(
        Wanted(order, tuple(newcomers)),
        acting=books.acting(by),
        vault=books.keeper.vault,
        today=books.tools.today(),
        catalogue_version=1,
    )


def undo(books, operation, home):
    return do(books, an_order(books, Kind.UNDO, home, undoes=operation))


def a_split(books, home, people, **fields):
    return an_order(
        books, Kind.SPLIT, home, people=(people[-1],), other=books.acting().new_id(), **fields
    )


def roles(home, day):
    return {(row.holder, row.role) for row in queries.rows_on([home], day)}


def test_a_split_makes_a_household_and_the_same_order_again_changes_nothing(registered_books):
    books = registered_books
    home, people = a_home()
    order = a_split(books, home, people)

    first = do(books, order)
    before = digests(books.endpoints)
    second = do(books, order)

    today = books.tools.today()
    assert (first.is_new, second.is_new) == (True, False)
    assert digests(books.endpoints) == before
    assert (people[-1], MemberRole.HEAD) in roles(order.other, today)
    assert people[-1] not in {who for who, _ in roles(home, today)}


def test_an_id_stands_for_one_order(registered_books):
    books = registered_books
    home, people = a_home()
    order = a_split(books, home, people)
    do(books, order)

    with pytest.raises(ChangeRefused) as told:
        do(books, dataclasses.replace(order, reason=Reason.PROTECTION))

    assert told.value.why is Why.ID_USED_OTHERWISE


def test_what_was_decided_on_an_old_look_is_refused(registered_books):
    books = registered_books
    home, people = a_home()
    seen = an_order(books, Kind.NEW_HEAD, home, head=people[1])
    do(books, an_order(books, Kind.LEAVE, home, people=(people[2],)))
    before = digests(books.endpoints)

    with pytest.raises(ChangeRefused, match="changed meanwhile"):
        do(books, seen)

    assert digests(books.endpoints) == before


def test_two_at_once_are_one_after_another_or_refused(registered_books):
    books = registered_books
    home, people = a_home()
    both = [
        an_order(books, Kind.LEAVE, home, people=(people[1],)),
        an_order(books, Kind.NEW_HEAD, home, head=people[2]),
    ]

    results = at_once(*(lambda order=order: do(books, order) for order in both))

    [refused] = raised(results)
    assert refused.why is Why.CHANGED_MEANWHILE
    assert queries.standing(home).version == 1


def test_the_same_order_twice_at_once_is_done_once(registered_books):
    books = registered_books
    home, people = a_home()
    order = a_split(books, home, people)

    results = at_once(*(lambda: do(books, order) for _ in range(2)))

    assert sorted(one.is_new for one in results) == [False, True]


def test_an_operation_written_while_it_is_looked_up_is_not_seen_by_half(
    registered_books, monkeypatch
):
    books = registered_books
    home, people = a_home()
    order = a_split(books, home, people)
    real = queries.fetch

    def meanwhile(*asked):
        rows = real(*asked)
        monkeypatch.undo()
        do(books, order)
        return rows

    monkeypatch.setattr(queries, "fetch", meanwhile)

    assert queries.operation(order.id) is None
    assert queries.operation(order.id)[1].begun


def test_killed_before_the_end_nothing_was_done(registered_books, monkeypatch):
    books = registered_books
    home, people = a_home()
    order = a_split(books, home, people)
    before = digests(books.endpoints)

    with monkeypatch.context() as patch:
        dies(patch, changing, "change_entry", after=True)
        with pytest.raises(Killed):
            do(books, order)

    assert digests(books.endpoints) == before
    assert do(books, order).is_new


def test_a_child_is_found_by_name_and_its_name_is_sealed(registered_books):
    books = registered_books
    home, _ = a_home()
    child = books.acting().new_id()

    do(books, an_order(books, Kind.BIRTH, home, newcomers=(child,)), [CHILD])

    [(name,)] = fetch(REGISTRY, "SELECT full_name FROM registrant WHERE id = %s", (child,))
    assert b"Luz" not in bytes(name)
    assert child in {member.id for member in registry.members([home])}


def test_what_marks_an_order_cannot_be_guessed_from_names(registered_books):
    """Who has the table alone knows the order's id, and could try names and birth dates."""
    books = registered_books
    (home, _), child = a_home(), books.acting().new_id()
    order = an_order(books, Kind.BIRTH, home, newcomers=(child,))
    do(books, order, [CHILD])

    said = repr((dataclasses.astuple(order), (CHILD,))).encode()
    [(digest,)] = fetch(REGISTRY, "SELECT digest FROM household_change WHERE id = %s", (order.id,))
    assert bytes(digest) != hashlib.sha256(said).digest()[: len(digest)]


def test_every_operation_is_a_look_that_the_people_can_read(registered_books):
    books = registered_books
    home, people = a_home()

    do(books, an_order(books, Kind.NEW_HEAD, home, head=people[1]))

    looks = registry.looks(people, 10)
    assert (looks[0].staff, looks[0].purpose) == (books.staff["ana"], 3)


def test_an_undo_stands_in_the_timeline_and_the_history_stays(registered_books):
    books = registered_books
    home, people = a_home()
    before = {day: roles(home, day) for day in _days(books)}
    order = a_split(books, home, people)
    do(books, order)

    undo(books, order.id, home)

    assert {day: roles(home, day) for day in _days(books)} == before
    [later, first] = queries.timeline(home)
    assert (later.kind, later.undoes) == (Kind.UNDO, order.id)
    assert (first.id, first.is_undone, first.others) == (order.id, True, (order.other,))
    with pytest.raises(ChangeRefused) as told:
        undo(books, order.id, home)
    assert told.value.why is Why.UNDONE_BEFORE


def test_nobody_who_died_or_is_unknown_gets_a_role_until_the_death_is_undone(registered_books):
    books = registered_books
    home, people = a_home()
    order = an_order(books, Kind.DEATH, home, people=(people[0],), head=people[1])
    do(books, order)

    def why(kind, **fields):
        with pytest.raises(ChangeRefused) as told:
            do(books, an_order(books, kind, home, **fields))
        return told.value.why

    assert why(Kind.COLLECTOR_NAMED, collector=people[0]) is Why.DIED
    assert why(Kind.JOIN, people=(people[0],)) is Why.DIED
    assert why(Kind.COLLECTOR_NAMED, collector=order.id) is Why.NOBODY_KNOWN
    assert why(Kind.JOIN, people=(order.id,)) is Why.NOBODY_KNOWN
    # who became head by the same operation lives
    do(books, an_order(books, Kind.COLLECTOR_NAMED, home, collector=people[2]))
    do(books, an_order(books, Kind.NEW_HEAD, home, head=people[2]))
    assert why(Kind.LEAVE, people=(people[0],)) is Why.DIED
    assert queries.dead([*people]) == {people[0]}


def test_the_place_on_a_past_day_is_where_it_was(registered_books):
    books = registered_books
    home, _ = a_home()
    books.clock.forward(days=10)
    here = queries.standing(home).area
    there = next(area for area, _ in queries.areas() if area != here)
    move = an_order(books, Kind.MOVE, home, area=there)
    do(books, move)
    today = books.tools.today()

    assert queries.area_on(home, today) == there
    assert queries.area_on(home, today - timedelta(days=1)) == here
    undo(books, move.id, home)
    assert queries.area_on(home, today) == here


def test_no_history_has_two_heads_whoever_writes(registered_books):
    books = registered_books
    home, people = a_home()
    books.clock.forward(days=5)
    do(books, an_order(books, Kind.NEW_HEAD, home, head=people[1]))
    start = books.tools.today() - timedelta(days=5)

    with pytest.raises(IntegrityError, match="one_head"):
        _execute(
            """INSERT INTO membership (id, household_id, registrant_id, role, from_date, begun_by)
               VALUES (%s, %s, %s, 1, %s, %s)""",
            (books.acting().new_id(), home, _somebody_without_home(books), start, UUID(int=1)),
        )
    with pytest.raises(IntegrityError, match="one_head_at_any_time"):
        _execute(
            "UPDATE membership SET until_date = %s WHERE household_id = %s AND role = 1 "
            "AND registrant_id = %s",
            (start + timedelta(days=9), home, people[0]),
        )


def test_nobody_has_two_homes_at_any_time_whoever_writes(registered_books):
    books = registered_books
    home, people = a_home()
    books.clock.forward(days=5)
    do(books, an_order(books, Kind.LEAVE, home, people=(people[-1],)))
    start = books.tools.today() - timedelta(days=5)
    [(other,), *_] = fetch(REGISTRY, "SELECT id FROM household WHERE id <> %s ORDER BY id", (home,))

    for begun_by in (UUID(int=1), None):
        with pytest.raises(IntegrityError, match="one_home_at_any_time"):
            _in_one_transaction(
                (
                    """INSERT INTO membership
                       (id, household_id, registrant_id, role, from_date, begun_by)
                       VALUES (%s, %s, %s, 2, %s, %s)""",
                    (books.acting().new_id(), other, people[-1], start, begun_by),
                ),
                (
                    """UPDATE membership SET until_date = %s
                       WHERE household_id = %s AND registrant_id = %s""",
                    (start + timedelta(days=2), other, people[-1]),
                ),
            )


def test_the_application_writes_no_row_that_has_ended(registered_books):
    home, people = a_home()

    with pytest.raises(ProgrammingError, match="permission denied"):
        _execute(
            """INSERT INTO membership (id, household_id, registrant_id, role, from_date, until_date)
               VALUES (%s, %s, %s, 1, '2020-01-01', '2020-02-01')""",
            (UUID(int=1), home, people[1]),
        )


def _in_one_transaction(*statements):
    with transaction.atomic(using=REGISTRY):
        for statement, parameters in statements:
            _execute(statement, parameters)


def _somebody_without_home(books):
    away, people = a_home(4)
    do(books, an_order(books, Kind.LEAVE, away, people=(people[-1],)))
    return people[-1]


def _execute(statement, parameters):
    with connections[REGISTRY].cursor() as cursor:
        cursor.execute(statement, parameters)


def _days(books):
    return [books.tools.today() + timedelta(days=days) for days in range(-3, 2)]


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_the_books_on_any_date_are_the_operations_replayed(shelf, django_db_blocker, seed):
    with django_db_blocker.unblock():
        _replay(shelf.take("registered"), random.Random(seed))
        shelf.give_back()


def _replay(books, chance):
    homes = [home for (home,) in fetch(REGISTRY, "SELECT id FROM household ORDER BY id LIMIT 3")]
    books.clock.forward(days=7)
    replayed, kept = queries.situation_of(homes), []
    for _ in range(chance.randint(2, 6)):
        if kept and chance.random() < 0.4:
            change = kept.pop()
            order = an_order(books, Kind.UNDO, change.order.household, undoes=change.order.id)
            replayed = after(replayed, decide_undo(order, done(change), replayed))
            do(books, order)
            kept = []
            continue
        order = any_order(chance, replayed, books.acting().new_id)
        order = dataclasses.replace(order, area=None, day=min(order.day, books.tools.today()))
        if order.collector is not None or order.kind is Kind.MOVE:
            continue
        drafts = [CHILD for _ in order.newcomers]
        change, why = _decided(order, replayed, books)
        if change is None:
            with pytest.raises(ChangeRefused) as told:
                do(books, order, drafts)
            assert told.value.why is why
            continue
        replayed = after(replayed, change)
        do(books, order, drafts)
        # the ids of rows differ: what is replayed goes on with those of the books
        written = queries.situation_of(list(replayed.households))
        _same(replayed, written, books)
        replayed = written
        kept.append(_as_written(order, change))
    _same(replayed, queries.situation_of(list(replayed.households)), books)


def _decided(order, situation, books):
    """Return what is decided, or why not."""
    try:
        today, new_id = books.tools.today(), books.acting().new_id
        return decide(order, situation, today=today, new_id=new_id), None
    except ChangeRefused as refused:
        return None, refused.why


def _same(replayed, written, books):
    assert replayed.households == written.households
    day = books.tools.today() - timedelta(days=100)
    while day <= books.tools.today() + timedelta(days=1):
        told = queries.rows_on(list(replayed.households), day)
        ours = state_on(replayed.memberships.values(), day)
        ours = {home: roles for home, roles in ours.items() if home in replayed.households}
        assert state_on(told, day) == ours
        day += timedelta(days=1)


def _as_written(order, change):
    _, latest = queries.operation(order.id)
    situation = queries.situation_of(list(latest.versions))
    return dataclasses.replace(
        change,
        begun=tuple(situation.memberships[row] for row in latest.begun),
        ended=tuple(situation.memberships[row] for row in latest.ended),
    )


def test_who_enrols_after_the_reference_date_is_decided_with_the_others(registered_books, tmp_path):
    from despensa.records.programmes import facts_copy

    day = registered_books.tools.today() - timedelta(days=20)
    households, members = facts_copy.copy_facts(tmp_path, day)

    lines = list(csv.DictReader(members.read_text().splitlines()))
    assert len(households.read_text().splitlines()) == 1 + count(REGISTRY, "household") > 1
    assert {line["member_from"] for line in lines} == {day.isoformat()}


def test_freezing_reads_who_lived_there_on_the_reference_date(registered_books, tmp_path):
    from despensa.records.programmes import facts_copy

    books = registered_books
    home, people = a_home()
    today = books.tools.today()
    books.clock.forward(days=3)
    order = a_split(books, home, people)
    do(books, order)

    def frozen(day):
        folder = tmp_path / day.isoformat()
        folder.mkdir()
        households, members = facts_copy.copy_facts(folder, day)
        return (str(order.other) in households.read_text(), members.read_text())

    assert frozen(today)[0] is False
    assert frozen(books.tools.today())[0] is True
    assert count(REGISTRY, "household_change") == 1
    assert changing.ACTION == "change_household"
