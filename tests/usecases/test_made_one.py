"""What putting two records together teaches, keeps and destroys; what was told apart stays so."""

from datetime import timedelta
from importlib import resources

import psycopg
import pytest
from django.db import IntegrityError, transaction

from despensa.domain.duplicate import Verdict
from despensa.domain.household.operation import Kind
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.records.bulk import execute, fetch
from despensa.records.corrections import variant_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from despensa.usecases.notice_duplicates import notice_duplicates
from despensa.usecases.search_households import search_households
from tests.factories.observing import at_once, count, raised
from tests.usecases.test_change_household import an_order, do, undo
from tests.usecases.test_duplicates import (
    decide,
    homes_of_size,
    make_one,
    newcomer,
    noticed,
    two_people,
)
from tests.usecases.test_erase_person import alone, erase, wish_for


def known_twice(books, one="Yusuf Quilca Zaragoza", other="Joseph Quilca Zaragoza"):
    """Return (earlier, later) person of a pair whose names differ by one word."""
    first = newcomer(books, one)
    books.clock.forward(days=1)
    return first, newcomer(books, other)


def witnesses():
    return fetch(REGISTRY, "SELECT witnesses FROM spelling_variant ORDER BY word, other")


def believed(books):
    return variant_store.believed(["YUSUF", "JOSEPH"], books.keeper.vault)


def search(books, query):
    found = search_households(
        query, country="VE", acting=books.acting("ana"), vault=books.keeper.vault
    )
    return [one.household for one in found.households]


def home_of(person):
    return queries.records([person])[person].home


def test_two_merges_teach_a_spelling_and_the_undo_takes_its_witness_back(registered_books):
    books = registered_books
    make_one(books, noticed(books, *known_twice(books)))
    assert (witnesses(), believed(books)) == ([(1,), (1,)], {}), "one person proves little"

    order = make_one(
        books, noticed(books, *known_twice(books, "Yusuf Haddad Mora", "Joseph Haddad Mora"))
    )

    assert believed(books) == {"YUSUF": ("JOSEPH",), "JOSEPH": ("YUSUF",)}
    undo(books, order.id, order.household)
    assert (witnesses(), believed(books)) == ([(1,), (1,)], {})


def test_one_person_is_one_witness_however_many_records_are_put_together(registered_books):
    books = registered_books
    first, second = known_twice(books)
    make_one(books, noticed(books, first, second))
    books.clock.forward(days=1)
    third = newcomer(books, "Joseph Quilca Zaragoza")

    order = make_one(books, noticed(books, first, third))

    assert witnesses() == [(1,), (1,)]
    undo(books, order.id, order.household)
    assert witnesses() == [(1,), (1,)], "what it did not teach it does not take back"


def test_a_refused_merge_looks_at_nobody_and_teaches_nothing(registered_books):
    books = registered_books
    pair = noticed(books, *known_twice(books))
    decide(books, pair, Verdict.NOT_SAME)
    looks = count(REGISTRY, "access_entry")

    with pytest.raises(ChangeRefused) as refused:
        make_one(books, pair)

    assert refused.value.why is Why.TOLD_APART
    assert count(REGISTRY, "access_entry") == looks
    assert witnesses() == []


def test_what_the_later_record_was_known_by_leads_to_the_earlier_one(registered_books):
    books = registered_books
    first, second = known_twice(books)
    home = home_of(first)
    books.clock.forward(days=1)
    third = newcomer(books, "Xavier Quilca Zaragoza")
    # the third gives way to the second, and with it to the first
    make_one(books, noticed(books, second, third))
    order = make_one(books, noticed(books, first, second))

    assert search(books, "Joseph Quilca") == search(books, "Xavier Quilca") == [home]
    again = newcomer(books, "Xavier Quilca Zaragoza")
    assert notice_duplicates([again], acting=books.acting("ana"), vault=books.keeper.vault) == 1
    assert set(queries.known_pairs([tuple(sorted((first, again), key=lambda p: p.bytes))]))
    assert order.kept == first


def test_who_is_erased_is_erased_with_every_record_that_gave_way(registered_books):
    books = registered_books
    away, gone = alone(books)
    home, kept = next(
        (home, people[-1])
        for size in (2, 3, 4, 5)
        for home, people in homes_of_size(size)
        if gone not in people
    )
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE membership SET from_date = from_date - 9 WHERE household_id = %s",
                      (home,))  # fmt: skip
        owner.execute("UPDATE household SET facts = '{\"displaced\": true}' WHERE id = %s", (away,))
    make_one(books, noticed(books, gone, kept))
    assert queries.records_given_way(kept) == [gone]

    erase(books, wish_for(kept, home))

    for table in ("person_key", "search_token"):
        assert count(REGISTRY, table, "person = ANY(%s)", [gone, kept]) == 0
    left = fetch(
        REGISTRY,
        "SELECT full_name, birth_day, facts FROM registrant WHERE id = ANY(%s)",
        ([gone, kept],),
    )
    assert left == [(None, None, {})] * 2
    assert count(REGISTRY, "registrant_document", "registrant_id = %s AND sealed <> ''", gone) == 0
    assert fetch(REGISTRY, "SELECT count(*) FROM erasure GROUP BY proposal") == [(2,)]
    assert fetch(REGISTRY, "SELECT facts FROM household WHERE id = %s", (away,)) == [({},)]


def test_told_apart_is_for_ever_and_saying_it_again_changes_nothing(registered_books):
    books = registered_books
    pair = noticed(books, *known_twice(books))
    decide(books, pair, Verdict.NOT_SAME)

    decide(books, pair, Verdict.NOT_SAME)
    decide(books, pair, Verdict.NOT_SAME, seen=1)
    with pytest.raises(ChangeRefused, match="two people: that was decided and stays"):
        decide(books, pair, Verdict.ASKED, seen=1)

    assert count(REGISTRY, "duplicate_decision") == 1
    for number, verdict in ((2, 2), (3, 3)):
        with (
            pytest.raises(IntegrityError, match="duplicate_decision_told_apart"),
            transaction.atomic(REGISTRY),
        ):
            execute(
                REGISTRY,
                """INSERT INTO duplicate_decision (pair_id, number, verdict, staff, at)
                   SELECT pair_id, %s, %s, staff, at FROM duplicate_decision""",
                (number, verdict),
            )


def test_two_who_tell_apart_and_put_together_at_once_do_not_both(registered_books):
    books = registered_books
    pair = noticed(books, *known_twice(books))

    ended = at_once(lambda: decide(books, pair, Verdict.NOT_SAME), lambda: make_one(books, pair))

    assert [type(error) for error in raised(ended)] == [ChangeRefused]
    assert count(REGISTRY, "duplicate_decision") == 1


def test_the_later_of_a_decision_is_one_of_the_two(registered_books):
    books = registered_books
    pair = noticed(books, *known_twice(books))
    [(stranger,)] = fetch(
        REGISTRY,
        """SELECT person.id FROM registrant person, duplicate_pair pair
           WHERE person.id NOT IN (pair.person_a_id, pair.person_b_id) LIMIT 1""",
    )

    with (
        pytest.raises(IntegrityError, match="duplicate_decision_later_of_the_pair"),
        transaction.atomic(REGISTRY),
    ):
        execute(
            REGISTRY,
            """INSERT INTO duplicate_decision
                   (pair_id, number, verdict, staff, at, later_id, money_waits_until)
               VALUES (%s, 1, 3, %s, 0, %s, '2026-12-01')""",
            (pair, books.staff["ana"], stranger),
        )


def test_only_money_of_the_later_waits_from_the_question_until_the_answer(registered_books):
    books = registered_books
    (home, earlier), (away, later) = two_people(books)
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE membership SET from_date = from_date - 9 WHERE household_id = %s",
                      (home,))  # fmt: skip
    pair, today = noticed(books, earlier, later), books.tools.today()

    def waits(days=0):
        return queries.money_waits([home, away], on=today + timedelta(days=days))

    assert waits() == {}, "found, nobody was asked"
    decide(books, pair, Verdict.ASKED)
    until = today + timedelta(days=14)
    assert waits() == waits(13) == {away: until}
    assert waits(14) == {}, "undecided, it is paid"

    order = make_one(books, pair)
    assert waits() == {}
    undo(books, order.id, order.household)
    assert waits() == {away: until}, "open again, and no longer than from the first question"
    decide(books, pair, Verdict.NOT_SAME, seen=2)
    assert waits() == {}


@pytest.mark.parametrize(
    ("name", "gives_money"), [("maternal-grant", True), ("food-parcel", False)]
)
def test_an_upheld_appeal_about_money_ends_the_wait(registered_books, name, gives_money):
    books = registered_books
    (home, earlier), (away, later) = two_people(books)
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE membership SET from_date = from_date - 9 WHERE household_id = %s",
                      (home,))  # fmt: skip
    pair, today = noticed(books, earlier, later), books.tools.today()
    _upheld(books, away, name, at=books.clock.at - 1)
    decide(books, pair, Verdict.ASKED)
    assert queries.money_waits([home, away], on=today).keys() == {away}, (
        "upheld before the question"
    )

    _upheld(books, away, name, at=books.clock.at + 60)

    assert queries.money_waits([home, away], on=today).keys() == (set() if gives_money else {away})
    books.clock.forward(hours=1)
    decide(books, pair, Verdict.ASKED, seen=1)
    assert bool(queries.money_waits([away], on=today)) is not gives_money, "asking again is no wait"


def _upheld(books, household, name, *, at):
    """Write an appeal of a household, upheld at a moment, in a cycle of a shipped rule."""
    ids = [books.acting().new_id() for _ in range(4)]
    text = resources.files("despensa.data").joinpath(f"rules/{name}.yaml").read_text("utf-8")
    execute(
        REGISTRY,
        """WITH scheme AS (INSERT INTO programme (id, code, names, area_id)
                           VALUES (%(a)s, %(a)s::text, '{}', %(area)s) RETURNING id),
           written AS (INSERT INTO rule (id, programme_id, version, text, hash, proposal, published_at)
                       SELECT %(b)s, id, 1, %(text)s, uuid_send(%(b)s), %(b)s, 0 FROM scheme
                       RETURNING id, programme_id),
           round AS (INSERT INTO cycle (id, programme_id, rule_id, root_cycle, code, state,
                                        reference_date, opens_on, closes_on, dispute_days, totals)
                     SELECT %(c)s, programme_id, id, %(c)s, 'x', 2, '2026-11-01', '2026-11-01',
                            '2026-11-02', 90, '{}' FROM written RETURNING id)
           INSERT INTO grievance (id, cycle_id, household_id, ground, digest, taken_down_by,
                                  taken_down_at, last_day, answer_until, brought_receipt, answer,
                                  answered_by, answered_at, answer_receipt, child, has_waited)
           SELECT %(d)s, id, %(home)s, 1, '', %(ana)s, 0, '2026-12-01', '2026-12-01', '', 1, %(b)s,
                  %(at)s, '', %(d)s, false FROM round""",
        {
            **dict(zip("abcd", ids, strict=True)), "text": text, "area": books.root_area,
            "home": household, "ana": books.staff["ana"], "at": at,
        },
    )  # fmt: skip


def test_money_follows_whoever_was_later_when_they_were_asked(registered_books):
    books = registered_books
    (home, earlier), (away, later) = two_people(books)
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE membership SET from_date = from_date - 9 WHERE household_id = %s",
                      (home,))  # fmt: skip
    pair = noticed(books, earlier, later)
    decide(books, pair, Verdict.ASKED)

    do(books, an_order(books, Kind.LEAVE, home, people=(earlier,)))

    assert queries.money_waits([home, away], on=books.tools.today()).keys() == {away}
