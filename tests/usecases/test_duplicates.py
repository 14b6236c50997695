"""Pairs that may be one person: found, looked at, told apart, made one, and undone."""

import dataclasses
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction

from despensa.domain.duplicate import Candidate, Strength, Verdict, earlier_first, ordered
from despensa.domain.household.operation import Kind
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.reach import Reach, Stretch
from despensa.domain.registration.draft import Birth, PersonDraft, Sex
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import adding, queries
from despensa.records.households import queries as households
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries as registry
from despensa.usecases.decide_pair import decide_pair
from despensa.usecases.notice_duplicates import notice_duplicates
from despensa.usecases.open_pair import NoSuchPair, open_pair
from tests.factories.observing import count, digests
from tests.usecases.test_carry_over import _cycle, entitled_home, entitled_in_all, go_round, holds
from tests.usecases.test_change_household import an_order, do, undo

EVERYWHERE = Reach((Stretch(None, None),))
REASONS = (12, 20, 30)


def homes_of_size(size):
    """Return (household, its people) of every household of so many people."""
    rows = fetch(
        REGISTRY,
        """SELECT household_id FROM membership WHERE role IN (1, 2) GROUP BY household_id
           HAVING count(*) = %s ORDER BY household_id""",
        (size,),
    )
    return [(home, households.situation_of([home]).living(home)) for (home,) in rows]


def noticed(books, one, other, strength=Strength.LIKELY):
    """Return the id of a new pair of two people."""
    candidate = Candidate(*ordered(one, other), strength, REASONS)
    with transaction.atomic(using=REGISTRY):
        adding.add_noticed([candidate], acting=books.acting("ana"), vault=books.keeper.vault)
    [(pair,)] = fetch(
        REGISTRY,
        "SELECT id FROM duplicate_pair WHERE person_a_id = %s AND person_b_id = %s",
        ordered(one, other),
    )
    return pair


def two_people(_books):
    """Return somebody of a household of several, and somebody else of another such."""
    several = [(home, people) for size in (3, 4, 5, 6) for home, people in homes_of_size(size)]
    (first, there), (second, others) = several[:2]
    return (first, there[-1]), (second, others[-1])


def make_one(books, pair, **fields):
    """Let the later record of a pair give way to the earlier."""
    found = queries.pair(pair)
    views = queries.records([found.first, found.second])
    kept, later = earlier_first(*(view.record for view in views.values()))
    other = None if kept.home == later.home else kept.home
    version = None if other is None else households.standing(other).version
    order = an_order(
        books, Kind.SAME_PERSON, later.home, people=(later.person,), kept=kept.person,
        other=other, other_version=version, pair=pair, **fields,
    )  # fmt: skip
    do(books, order)
    return order


def decide(books, pair, verdict, seen=0, by="ana"):
    decide_pair(pair, verdict, seen=seen, acting=books.acting(by), sealer=books.keeper.vault)


def test_a_pair_is_written_once_and_told_apart_for_ever(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)
    [waiting] = queries.waiting(10, reach=EVERYWHERE)
    assert (waiting.id, waiting.one_household) == (pair, False)

    decide(books, pair, Verdict.NOT_SAME)
    with transaction.atomic(using=REGISTRY):
        again = adding.add_noticed(
            [Candidate(*ordered(one, other), Strength.NEARLY_SURE, REASONS)],
            acting=books.acting("ana"),
            vault=books.keeper.vault,
        )

    assert again == 0
    assert queries.waiting(10, reach=EVERYWHERE) == []
    assert queries.count_waiting(reach=EVERYWHERE) == 0


def test_opening_a_pair_is_a_look_at_both_that_each_can_read(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)

    opened = open_pair(pair, acting=books.acting("ana"), vault=books.keeper.vault)

    assert opened.reasons == REASONS
    assert all(record.full_name for record in opened.records)
    assert {record.view.id for record in opened.records} == {one, other}
    for person in (one, other):
        [look, *_] = registry.looks([person], 5)
        assert (look.staff, look.purpose) == (books.staff["ana"], 8)


def test_the_reasons_lie_sealed(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)

    stored = queries.pair(pair).reasons

    assert stored[0] == 1
    assert bytes(REASONS) not in stored
    with pytest.raises(IntegrityError, match="duplicate_pair_once"), transaction.atomic(REGISTRY):
        execute(
            REGISTRY,
            """INSERT INTO duplicate_pair
                   (id, person_a_id, person_b_id, strength, source, reasons, found_at)
               SELECT gen_random_uuid(), person_a_id, person_b_id, strength, source, reasons, found_at
               FROM duplicate_pair""",
        )


def test_out_of_reach_of_one_of_the_two_there_is_no_pair(registered_books):
    books = registered_books
    (home, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)
    villages = [area for (area,) in fetch(REGISTRY, "SELECT id FROM area WHERE level = 1")]
    here = households.standing(home).area
    elsewhere = next(area for area in villages if area != here)
    execute(REGISTRY, "UPDATE household SET area_id = %s WHERE id <> %s", (elsewhere, home))
    with psycopg.connect(books.endpoints.registry_owner) as connection:
        connection.execute(
            "UPDATE role_grant SET area = %s WHERE staff_id = %s", (here, books.staff["ana"])
        )
    looks = count(REGISTRY, "access_entry")

    with pytest.raises(NoSuchPair):
        open_pair(pair, acting=books.acting("ana"), vault=books.keeper.vault)
    with pytest.raises(ChangeRefused):
        decide(books, pair, Verdict.NOT_SAME)
    with pytest.raises(ChangeRefused):
        make_one(books, pair)

    assert queries.waiting(10, reach=Reach((Stretch(None, frozenset({here})),))) == []
    assert count(REGISTRY, "access_entry") == looks
    assert count(REGISTRY, "duplicate_decision") == 0


def test_two_who_decide_at_once_do_not_both(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)
    decide(books, pair, Verdict.ASKED)

    with pytest.raises(ChangeRefused) as refused:
        decide(books, pair, Verdict.NOT_SAME, seen=0)

    assert refused.value.why is Why.PAIR_DECIDED


def test_asking_holds_money_for_fourteen_days_and_no_longer_by_asking_again(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)
    decide(books, pair, Verdict.ASKED)
    until = queries.pair(pair).decided.money_waits_until
    assert until == books.tools.today() + timedelta(days=14)

    books.clock.forward(days=9)
    decide(books, pair, Verdict.ASKED, seen=1)

    assert queries.pair(pair).decided.money_waits_until == until
    [waiting] = queries.waiting(10, reach=EVERYWHERE)
    assert waiting.decided.verdict is Verdict.ASKED


def test_two_records_become_one_and_the_undo_opens_the_pair_again(registered_books):
    books = registered_books
    (_, one), (_, other) = two_people(books)
    pair = noticed(books, one, other)
    before = {
        home: households.rows_on([home], books.tools.today()) for home, _ in two_people(books)
    }

    order = make_one(books, pair)

    [gone] = order.people
    assert gone not in households.situation_of([order.household]).living(order.household)
    assert order.kept in households.situation_of([order.other]).living(order.other)
    assert queries.pair(pair).decided.verdict is Verdict.SAME
    assert queries.waiting(10, reach=EVERYWHERE) == []
    assert queries.replaced([gone, order.kept]) == {gone}
    with pytest.raises(ChangeRefused) as refused:
        do(books, an_order(books, Kind.JOIN, order.other, people=(gone,)))
    assert refused.value.why is Why.SAME_AS_ANOTHER

    undo(books, order.id, order.household)

    assert queries.replaced([gone, order.kept]) == set()
    decided = queries.pair(pair).decided
    assert (decided.number, decided.verdict) == (1, None)
    assert [waiting.id for waiting in queries.waiting(10, reach=EVERYWHERE)] == [pair]
    for home, rows in before.items():
        now = households.rows_on([home], books.tools.today())
        assert {dataclasses.astuple(row) for row in now} == {dataclasses.astuple(r) for r in rows}
    again = make_one(books, pair)
    assert queries.pair(pair).decided.change == again.id


def test_records_that_nobody_found_alike_are_not_made_one(registered_books):
    books = registered_books
    (home, one), (away, other) = two_people(books)
    [(_, third), *_] = [(h, people[0]) for h, people in homes_of_size(2)]
    pair = noticed(books, one, third)

    with pytest.raises(ChangeRefused) as refused:
        do(
            books,
            an_order(
                books, Kind.SAME_PERSON, home, people=(one,), kept=other, other=away,
                other_version=0, pair=pair,
            ),
        )  # fmt: skip

    assert refused.value.why is Why.NOBODY_NAMED
    assert count(REGISTRY, "duplicate_decision") == 0


def others_than(home, least=1):
    """Return an entitled household other than this one, and its people."""
    for row in programmes.decided_households(_cycle()):
        if row[0] != home and row[3] and row[4]:
            living = households.situation_of([row[0]]).living(row[0])
            if len(living) >= least:
                return row[0], living
    raise AssertionError("no such household was made")


def leave_alone(books, home, people):
    """Let everybody but the head leave."""
    do(books, an_order(books, Kind.LEAVE, home, people=tuple(people[1:])))


def test_food_stays_where_it_was_given_while_the_household_goes_on(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    away, others = others_than(home, least=2)
    theirs, before = holds(books, away), entitled_in_all()

    make_one(books, noticed(books, people[-1], others[-1]))
    go_round(books)

    assert (holds(books, home), holds(books, away)) == (had, theirs)
    assert entitled_in_all() == before


def test_a_household_of_the_later_record_alone_gives_what_is_free_and_takes_it_back(opened_books):
    books = opened_books
    home, people, had = entitled_home()
    away, others = others_than(home, least=2)
    theirs, before = holds(books, away), entitled_in_all()
    leave_alone(books, away, others)
    age(books, home)

    order = make_one(books, noticed(books, people[-1], others[0]))
    go_round(books)

    assert (order.household, order.other) == (away, home)
    assert households.standing(away).ended_on == books.tools.today()
    assert (holds(books, home), holds(books, away)) == (had + theirs, 0)
    assert entitled_in_all() == before

    undo(books, order.id, away)
    go_round(books)

    assert (holds(books, home), holds(books, away)) == (had, theirs)
    assert households.standing(away).ended_on is None
    assert entitled_in_all() == before


def test_what_a_phone_holds_is_not_touched_and_follows_when_the_list_comes_back(leased_books):
    books = leased_books
    home, people, had = entitled_home()
    away, others = others_than(home, least=2)
    theirs, before = holds(books, away), entitled_in_all()
    leave_alone(books, away, others)
    age(books, home)
    before_all = digests(books.endpoints)

    make_one(books, noticed(books, people[-1], others[0]))
    go_round(books)

    assert (holds(books, home), holds(books, away)) == (had, theirs)
    after_all = digests(books.endpoints)
    for table in ("ledger.lease", "ledger.lease_row"):
        assert after_all[table] == before_all[table]
    assert entitled_in_all() == before


def age(books, home):
    """Let everybody of a household have been registered a year earlier."""
    with psycopg.connect(books.endpoints.registry_owner) as connection:
        connection.execute(
            "UPDATE membership SET from_date = from_date - 365 WHERE household_id = %s", (home,)
        )


def newcomer(books, name, phone=None, document=None):
    """Return somebody born into a household today under this name."""
    home = next(home for size in (2, 3, 4, 5, 6) for home, _ in homes_of_size(size))
    draft = PersonDraft("new", name, Sex.FEMALE, Birth(1984, 5, 3), (), 1)
    draft = draft._replace(
        phones=(phone,) if phone else (), documents=(document,) if document else ()
    )
    person = books.acting().new_id()
    do(books, an_order(books, Kind.BIRTH, home, newcomers=(person,)), [draft])
    return person


def notice(books, *people):
    return notice_duplicates(people, acting=books.acting("ana"), vault=books.keeper.vault)


def test_a_newcomer_known_by_name_and_year_is_noticed_and_nobody_else_is_opened(registered_books):
    books = registered_books
    first = newcomer(books, "Amina Zaragoza Quilca")
    assert notice(books, first) == 0
    second = newcomer(books, "Amina Saragosa Quilca")
    looks = count(REGISTRY, "access_entry")

    found = notice(books, second)

    assert found == 1
    assert count(REGISTRY, "access_entry") == looks + 1, "only the newcomer was opened"
    [waiting] = queries.waiting(5, reach=EVERYWHERE)
    assert {queries.pair(waiting.id).first, queries.pair(waiting.id).second} == {first, second}
    assert notice(books, second) == 0


def test_a_shared_phone_alone_is_not_noticed(registered_books):
    books = registered_books
    newcomer(books, "Amina Zaragoza Quilca", phone="+584121112233")

    assert notice(books, newcomer(books, "Bruno Ferreira Lopes", phone="+584121112233")) == 0
