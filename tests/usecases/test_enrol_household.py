"""Enrolling one household at the desk: with a card, with somebody who vouches, or with nothing."""

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors

from despensa.domain.catalogue import load_catalogue
from despensa.domain.enrolment.card_binding import CardRefused, CardTrouble
from despensa.domain.enrolment.desk import DeskForm, drafted
from despensa.domain.enrolment.introducer import (
    Introducer,
    IntroducerKind,
    IntroducerRefused,
    Limits,
    NoVouching,
    erase_on,
)
from despensa.domain.ports.keeper import Access, KeyedPerson, Purpose
from despensa.domain.reach import OutOfReach, Reach, Stretch
from despensa.domain.registration.alone import ROWS_WITHOUT_APPROVAL, ApprovalNeeded
from despensa.domain.registration.country import countries
from despensa.domain.role import Role
from despensa.domain.sealing import Column, Sealed
from despensa.entrypoints.jobs import rounds
from despensa.records.bulk import fetch
from despensa.records.cards import binding
from despensa.records.cards import queries as cards
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import queries
from despensa.usecases.add_institution import add_institution
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.bind_card import bind_card
from despensa.usecases.enrol_household import Enrolment, enrol_household
from despensa.usecases.erase_introductions import erase_introductions
from despensa.usecases.search_households import search_households
from despensa.usecases.set_introducer_limits import LimitsWrong, set_introducer_limits
from despensa.usecases.spoil_card import spoil_card
from tests.factories.books import NOON
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.shelf import as_app
from tests.usecases.test_erase_person import a_member, erase, wish_for

EVERYWHERE = Reach((Stretch(None, None),))
ANA = {
    "full_name": "Zoraida Ñáñez Quispe", "role": "head", "birth_date": "1990",
    "document_type": "national_id", "document_number": "V-776655", "phone": "0414 7654321",
}  # fmt: skip
MAHMUD = {"full_name": "محمود"}


def a_draft(*people, **household):
    return drafted(
        DeskForm(household, people or (MAHMUD,)),
        number=uuid.uuid4().hex,
        today=datetime.fromtimestamp(NOON, UTC).date(),
        home=countries()["VEN"],
        catalogue=load_catalogue(),
    )


def load_day():
    from datetime import UTC, datetime

    from tests.factories.books import NOON

    return datetime.fromtimestamp(NOON, UTC).date()


def enrol(books, *people, by="ana", area=None, enrolment_id=None, **more):
    more = {"introducer": None, "card": None} | more
    return enrol_household(
        Enrolment(enrolment_id or uuid.uuid4(), a_draft(*people), area or books.root_area, **more),
        acting=books.acting(by),
        vault=books.keeper.vault,
        today=books.tools.today(),
        catalogue_version=load_catalogue().version,
    )


def stock(books):
    rows = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY number")
    return [number for (number,) in rows]


def an_office(books):
    office = add_institution(
        kind=6, names={"es": "Junta de San Rafael"}, office={"es": "Mesa de entrada"},
        area=books.root_area, acting=books.acting("jorge"),
    )  # fmt: skip
    return Introducer(IntroducerKind.OFFICE, office)


def found(books, query):
    result = search_households(
        query, country="VE", acting=books.acting("ana"), vault=books.keeper.vault
    )
    return {one.household: one.head_name for one in result.households}


def test_who_has_papers_and_who_has_none_are_registered_alike(founded_books):
    books = founded_books
    leaves = count(REGISTRY, "leaf_queue")
    with_papers = enrol(books, ANA, {"full_name": "Luis Ñáñez", "role": "member"}).household
    without = enrol(books, MAHMUD).household

    assert count(REGISTRY, "leaf_queue") > leaves
    assert found(books, "V-776655") == {with_papers: ANA["full_name"]}
    assert found(books, "Ñáñez Zoraida").keys() == {with_papers}
    assert found(books, "0414 7654321").keys() == {with_papers}
    shape = "SELECT count(*) FROM membership WHERE household_id = %s AND role IN (1, 3)"
    assert fetch(REGISTRY, shape, (with_papers,)) == fetch(REGISTRY, shape, (without,)) == [(2,)]
    assert count(REGISTRY, "registrant_document") == count(REGISTRY, "registrant_phone") == 1
    day = fetch(REGISTRY, "SELECT DISTINCT registered_on FROM household")
    assert day == [(books.tools.today(),)]


def test_the_same_form_sent_twice_is_one_household(founded_books):
    books = founded_books
    form = uuid.uuid4()

    first, second = at_once(*[lambda: enrol(books, enrolment_id=form)] * 2)

    assert {first.is_new, second.is_new} == {True, False}
    assert first.household == second.household
    assert count(REGISTRY, "household") == 1
    assert fetch(REGISTRY, "SELECT sum(rows)::int FROM rows_taken_alone") == [(1,)]


def test_what_a_registrar_enrols_counts_with_the_small_files(founded_books):
    books = founded_books
    enrol(books, *[{"full_name": f"P {n}", "role": "head" if n == 0 else "member"}
                   for n in range(ROWS_WITHOUT_APPROVAL)])  # fmt: skip
    before = digests(books.endpoints)

    with pytest.raises(ApprovalNeeded, match="appointment for tomorrow"):
        enrol(books)
    assert digests(books.endpoints) == before

    books.clock.forward(days=1)
    assert enrol(books).is_new


def test_nobody_enrols_outside_their_area(founded_books):
    books = founded_books
    [(village,), (other,)] = fetch(
        REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL ORDER BY pcode LIMIT 2"
    )
    today = books.tools.today()
    books.staff["vera"] = add_staff(
        NewStaff("vera", "is-not-a-secret", "Vera", "es", [Role.REGISTRAR], village, today,
                 today + timedelta(9)),
        acting=books.acting(),
    )  # fmt: skip
    before = digests(books.endpoints)

    for area, by in ((other, "vera"), (books.root_area, "vera"), (village, "samir")):
        with pytest.raises(OutOfReach):
            enrol(books, area=area, by=by)

    assert digests(books.endpoints) == before
    assert enrol(books, area=village, by="vera").is_new


def test_a_death_in_the_middle_leaves_nothing(carded_books, monkeypatch):
    books = carded_books
    before = digests(books.endpoints)
    office = an_office(books)
    middle = digests(books.endpoints)
    dies(monkeypatch, binding, "note")

    with pytest.raises(Killed):
        enrol(books, card=stock(books)[0], introducer=office)

    assert before != middle == digests(books.endpoints)


def test_a_card_of_nobody_is_bound_on_the_spot_and_counts(carded_books):
    books = carded_books
    first, second = stock(books)

    home = enrol(books, card=first).household

    card = cards.household_of(first, reach=EVERYWHERE)
    assert (card.household, card.state) == (home, 2)
    assert cards.usable_by_household([home]) == {home: [first]}
    later = enrol(books).household
    bind_card(
        second, later, acting=books.acting("ana"), sealer=books.keeper.vault,
        today=books.tools.today(),
    )  # fmt: skip
    assert cards.usable_by_household([later]) == {later: [second]}


def test_a_card_that_cannot_be_bound_stops_everything_with_its_sentence(carded_books):
    books = carded_books
    first, second = stock(books)
    enrol(books, card=first)
    assert spoil_card(second, acting=books.acting("ana"), sealer=books.keeper.vault)
    assert not spoil_card(second, acting=books.acting("ana"), sealer=books.keeper.vault)
    taken = next(iter(set(books.card_texts) - {first, second}))
    before = digests(books.endpoints)

    for number, trouble in (
        (first, CardTrouble.BOUND),
        (taken, CardTrouble.BOUND),
        (second, CardTrouble.SPOILT),
        ("ABCDEFGHJ2", CardTrouble.UNKNOWN),
    ):
        with pytest.raises(CardRefused) as refused:
            enrol(books, card=number)
        assert refused.value.trouble is trouble
    with pytest.raises(CardRefused):
        spoil_card(taken, acting=books.acting("ana"), sealer=books.keeper.vault)

    assert digests(books.endpoints) == before


def test_one_card_is_for_one_household_whoever_asks(carded_books):
    books = carded_books
    first, _ = stock(books)

    ended = at_once(lambda: enrol(books, card=first), lambda: enrol(books, card=first))

    assert [type(error) for error in raised(ended)] == [CardRefused]
    with (
        as_app(books.endpoints, "registry") as connection,
        pytest.raises(errors.CheckViolation, match="card_one_household"),
    ):
        connection.execute(
            """UPDATE card SET household_id = (SELECT id FROM household other
               WHERE other.id <> card.household_id LIMIT 1) WHERE number = %s""",
            (first,),
        )


def test_an_introducer_vouches_up_to_the_limit_of_the_area(registered_books):
    books = registered_books
    [(neighbour,)] = fetch(REGISTRY, "SELECT registrant_id FROM membership WHERE role = 1 LIMIT 1")
    person = Introducer(IntroducerKind.PERSON, neighbour)
    set_introducer_limits(books.root_area, Limits(2, 3), acting=books.acting("jorge"))
    [(village,)] = fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL LIMIT 1")

    assert [enrol(books, introducer=person, area=village).vouched for _ in "ab"] == [1, 2]
    before = digests(books.endpoints)
    with pytest.raises(IntroducerRefused) as refused:
        enrol(books, introducer=person, area=village)

    assert refused.value.why is NoVouching.LIMIT_REACHED
    assert digests(books.endpoints) == before
    with (
        as_app(books.endpoints, "registry") as connection,
        pytest.raises(errors.CheckViolation, match="introducer_within_the_limit"),
    ):
        connection.execute("UPDATE introducer SET vouched = vouched + 1")
    with pytest.raises(IntroducerRefused, match="Nobody who may vouch"):
        enrol(books, introducer=Introducer(IntroducerKind.PERSON, uuid.uuid4()))
    with pytest.raises(LimitsWrong):
        set_introducer_limits(books.root_area, Limits(0, 3), acting=books.acting("jorge"))
    with pytest.raises(OutOfReach):
        set_introducer_limits(books.root_area, Limits(1, 1), acting=books.acting("ana"))


def test_two_at_once_do_not_pass_the_limit_of_an_introducer(founded_books):
    books = founded_books
    office = an_office(books)
    set_introducer_limits(books.root_area, Limits(1, 1), acting=books.acting("jorge"))

    ended = at_once(*[lambda: enrol(books, introducer=office)] * 2)

    assert [type(error) for error in raised(ended)] == [IntroducerRefused]
    assert count(REGISTRY, "household") == count(REGISTRY, "introduction") == 1


def test_a_link_is_sealed_to_the_person_and_no_table_joins_it(founded_books):
    books = founded_books
    office = an_office(books)
    vouched = enrol(books, MAHMUD, introducer=office).household
    enrol(books, MAHMUD)

    [(person, sealed, ends)] = fetch(
        REGISTRY, "SELECT person_id, sealed, erase_on FROM introduction"
    )
    assert ends == erase_on(books.tools.today())
    assert office.id.bytes not in bytes(sealed)
    [(kek, wrapped)] = fetch(
        REGISTRY, "SELECT kek, wrapped FROM person_key WHERE person = %s", (person,)
    )
    acting = books.acting("ana")
    opened = books.keeper.vault.unseal(
        Access(acting.new_id().bytes, acting.staff.bytes, acting.at, Purpose.OWN_RECORD,
               (person.bytes,), (Column.LINK,)),
        [(KeyedPerson(person.bytes, kek, bytes(wrapped)),
          [Sealed(Column.LINK, person.bytes, bytes(sealed))])],
    )  # fmt: skip
    assert opened == [[[2, office.id.bytes]]]
    # both enrolments left the same tables behind in the journal: it does not tell who was vouched
    # for, and holds no link
    entries = fetch(REGISTRY, "SELECT bytes FROM journal_content")
    assert not [row for (row,) in entries if bytes(sealed) in bytes(row)]
    assert [home for (home,) in fetch(REGISTRY, "SELECT id FROM household")].count(vouched) == 1
    assert count(REGISTRY, "household") == 2
    [view] = queries.offices(reach=EVERYWHERE)
    assert (view.vouched, str(person) in str(view)) == (1, False)


def test_links_end_within_twelve_months_in_the_rounds(founded_books):
    books = founded_books
    office = an_office(books)
    enrol(books, introducer=office)
    books.clock.forward(days=40)
    enrol(books, introducer=office)
    [(sealed,), _] = fetch(REGISTRY, "SELECT sealed FROM introduction ORDER BY erase_on")

    books.clock.forward(days=300)
    rounds.round_trip(books.tools)
    assert count(REGISTRY, "introduction") == 2
    books.clock.forward(days=25)
    leaves = count(REGISTRY, "leaf_number")
    rounds.round_trip(books.tools)

    assert count(REGISTRY, "introduction") == count(REGISTRY, "introducer_month") == 1
    assert fetch(REGISTRY, "SELECT vouched FROM introducer") == [(1,)]
    assert count(REGISTRY, "leaf_number") == leaves + 1
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        for (table,) in owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            with owner.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
                assert bytes(sealed) not in b"".join(bytes(block) for block in copy), table
    assert erase_introductions(acting=books.acting()) == 0


def test_an_introducer_who_is_erased_leaves_no_count(registered_books):
    books = registered_books
    home, _, person = a_member(books)
    vouched = enrol(books, introducer=Introducer(IntroducerKind.PERSON, person)).household
    [(own,)] = fetch(REGISTRY, "SELECT person_id FROM introduction")

    erase(books, wish_for(person, home))

    assert count(REGISTRY, "introducer") == count(REGISTRY, "introducer_month") == 0
    assert count(REGISTRY, "introduction") == 1
    erase(books, wish_for(own, vouched))
    assert count(REGISTRY, "introduction") == 0
    with pytest.raises(IntroducerRefused):
        enrol(books, introducer=Introducer(IntroducerKind.PERSON, person))
