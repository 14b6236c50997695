"""The desk in the office: form, check, enrolment, card; papers to print; who may vouch and collect."""

import base64
from datetime import timedelta

import pytest
from django.urls import reverse

from despensa.adapters.qr import ZxingCodes
from despensa.domain import receipt as receipts
from despensa.domain.encoding import cose
from despensa.domain.enrolment.card_binding import SENTENCES as CARD_SENTENCES
from despensa.entrypoints.office import desk_words
from despensa.entrypoints.office.rooms.desk_papers import other_script
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.entrypoints.office.test_household_changes import hidden
from tests.factories.observing import count

ENROL = "/desk/enrol/"
PEOPLE = ("registrant", "household", "person_key", "search_token", "access_entry")


def filled(books, **more):
    return {
        "consent": "yes",
        "h_area": str(books.root_area),
        "h_address": "Calle 3, casa azul",
        "people": "2",
        "p0_full_name": "Zoraida Ñáñez Quispe",
        "p0_role": "head",
        "p1_full_name": "محمود",
        "p1_role": "member",
    } | more


def stock():
    rows = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY number")
    return [number for (number,) in rows]


def field_errors(answer):
    assert answer.status_code == 422, answer.status_code
    return {error.field_id: str(error.message) for error in answer.context["page"].errors}


def test_a_household_is_typed_checked_and_enrolled_once(carded_books, signed_in):
    books = carded_books
    client = signed_in(books, "ana")
    before = count(REGISTRY, "household")
    first, second = stock()
    # the code itself, as a scanner types it
    check = client.post(ENROL, filled(books, card=books.card_texts[first]))
    _, facts = check.context["page"].groups[1]
    shown = {str(fact.name): str(fact.value) for fact in facts}
    assert shown["Full name as the person writes it"] == "Zoraida Ñáñez Quispe"
    assert count(REGISTRY, "household") == before

    done = client.post(ENROL, hidden(check) | {"stage": "do"})
    again = client.post(ENROL, hidden(check) | {"stage": "do"})

    assert done.status_code == 302
    assert done["Location"] == again["Location"]
    assert count(REGISTRY, "household") == before + 1
    looks = count(REGISTRY, "access_entry")
    page = client.get(done["Location"])
    assert page.context["page"].cards == (f"{first[:4]}-{first[4:8]}-{first[8:]}",)
    assert "Zoraida" not in page.content.decode()
    assert count(REGISTRY, "access_entry") == looks
    assert second in stock()


def test_somebody_who_came_before_is_told_beside_the_enrolment_that_stands(
    founded_books, signed_in
):
    client = signed_in(founded_books, "ana")
    known = {"p0_document_type": "national_id", "p0_document_number": "V-776655"}

    def enrol():
        check = client.post(ENROL, filled(founded_books, **known))
        done = client.post(ENROL, hidden(check) | {"stage": "do"})
        return client.get(done["Location"])

    assert enrol().context["page"].pairs == ()
    page = enrol()

    [pair] = page.context["page"].pairs
    assert reverse("office:duplicate_pair", args=[pair]) in page.content.decode()
    assert client.get(reverse("office:duplicate_pair", args=[pair])).status_code == 200
    assert count(REGISTRY, "household") == 2


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(carded_books, signed_in):
    books = carded_books
    client = signed_in(books, "ana")
    before = count(REGISTRY, "household")
    taken = next(iter(set(books.card_texts) - set(stock())))

    found = field_errors(client.post(ENROL, filled(books, p0_full_name="", p1_phone="12")))
    assert found.keys() == {"id_p0_full_name", "id_p1_phone"}
    assert found["id_p1_phone"].startswith("Person 2: ")
    no_word = filled(books)
    del no_word["consent"]
    assert field_errors(client.post(ENROL, no_word)).keys() == {"id_consent"}
    assert field_errors(client.post(ENROL, filled(books, h_area=""))).keys() == {"id_h_area"}
    wrong = field_errors(client.post(ENROL, filled(books, card="C7Q4-88KD-3")))
    assert wrong == {"id_card": "This is no card number: type the ten characters as in C7Q4-88KD-2, or scan the code."}  # fmt: skip
    forged = books.card_texts[taken][:-1] + "A"
    assert "not made by this office" in field_errors(
        client.post(ENROL, filled(books, card=forged))
    )["id_card"]  # fmt: skip
    check = client.post(ENROL, filled(books, card=taken))
    bound = field_errors(client.post(ENROL, hidden(check) | {"stage": "do"}))
    assert "one card is for one household" in bound["id_card"]
    nobody = field_errors(client.post(ENROL, filled(books, introducer_card=stock()[0])))
    assert "Nobody who may vouch" in nobody["id_introducer_card"]

    assert count(REGISTRY, "household") == before


def test_people_are_added_and_taken_away_without_losing_what_was_typed(founded_books, signed_in):
    books = founded_books
    client = signed_in(books, "ana")

    more = client.post(ENROL, filled(books, stage="add"))
    fewer = client.post(ENROL, filled(books, stage="fewer"))

    assert [len(one.context["page"].people) for one in (more, fewer)] == [3, 1]
    assert "Zoraida Ñáñez Quispe" in more.content.decode()
    assert "محمود" in more.content.decode()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_paper_is_signed_printed_in_two_scripts_and_names_nobody(
    founded_books, signed_in, language
):
    books = founded_books
    client = signed_in(books, "ana")
    people = {table: count(REGISTRY, table) for table in PEOPLE}
    day = (books.tools.today() + timedelta(days=14)).isoformat()
    given = {
        "bring": ["3", "2"], "come_by": day, "area": str(books.root_area), "language": language,
        "answer": "3f2a91c7-d840-4c1e-9a51-6f0c1ab2d3e4",
    }  # fmt: skip

    answer = client.post("/desk/appoint/", given)
    page = client.get(answer["Location"]).context["page"]

    assert (page.language, len(page.parts)) == (language, 2)
    directions = {part.direction for part in page.parts}
    assert directions == {"ltr", "rtl"}
    assert all(len(part.things) == 2 for part in page.parts)
    picture = base64.b64decode(page.code_url.partition(",")[2]).decode()
    signed = fetch(REGISTRY, "SELECT receipt FROM enrolment_answer")[0][0]
    assert ZxingCodes().code_svg(bytes(signed).hex().upper(), side_mm=38.0) == picture
    authority = books.keeper.signatory.public_keys().authority
    said = receipts.verify_receipt(
        bytes(signed), authority_keys={cose.key_id(authority): authority}
    ).receipt
    assert said.bring == (2, 3)
    assert " ".join(receipts.spoken_code(bytes(signed))) == page.words
    assert {table: count(REGISTRY, table) for table in PEOPLE} == people
    assert other_script(language, ("es", "ar", "en")) == ("es" if language == "ar" else "ar")


def test_a_refusal_needs_a_reason_of_the_list(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    area = {"area": str(founded_books.root_area)}

    assert field_errors(client.post("/desk/refuse/", area)).keys() == {"id_reason"}
    assert field_errors(client.post("/desk/refuse/", area | {"reason": "7"})).keys() == {
        "id_reason"
    }
    assert field_errors(client.post("/desk/refuse/", {"reason": "35"})).keys() == {"id_area"}
    assert client.post("/desk/refuse/", area | {"reason": "35"}).status_code == 302
    for given in ({}, {"bring": ["7", "1"]}, {"bring": ["1"], "come_by": "2030-01-01"}):
        assert client.post("/desk/appoint/", area | given).status_code == 422
    assert count(REGISTRY, "enrolment_answer") == 1


def test_offices_and_limits_are_set_by_who_runs_programmes(carded_books, signed_in):
    books = carded_books
    manager, area = signed_in(books, "jorge"), str(books.root_area)
    named = {"kind": "6", "name_es": "Junta", "office_es": "Mesa", "area": area}

    assert manager.post("/desk/offices/new/", named).status_code == 302
    limits = {"area": area, "person": "1", "office": "2"}
    assert manager.post("/desk/introducers/", limits).status_code == 302
    assert field_errors(manager.post("/desk/introducers/", limits | {"person": "0"})).keys() == {
        "id_person"
    }
    collecting = {"programme": str(books.programme), "person": "3", "office": "90"}
    assert manager.post("/desk/collectors/", collecting).status_code == 302
    assert fetch(REGISTRY, "SELECT person, institution FROM collector_limit") == [(3, 90)]
    assert manager.get("/desk/").context["page"].may_enrol is False

    registrar = signed_in(books, "ana")
    [(office,)] = fetch(REGISTRY, "SELECT id FROM institution")
    holder = next(iter(set(books.card_texts) - set(stock())))
    for way in ({"introducer_office": str(office)}, {"introducer_card": holder}):
        check = registrar.post(ENROL, filled(books, **way))
        assert registrar.post(ENROL, hidden(check) | {"stage": "do"}).status_code == 302
    check = registrar.post(ENROL, filled(books, introducer_card=holder))
    refused = field_errors(registrar.post(ENROL, hidden(check) | {"stage": "do"}))
    assert "1 households already, of at most 1" in refused["id_introducer_card"]
    desk = registrar.get("/desk/")
    [row] = desk.context["page"].offices
    assert (row.vouched, row.allowed) == (1, 2)
    assert "Zoraida" not in desk.content.decode()


def test_a_spoilt_card_dies_at_the_desk(carded_books, signed_in):
    books = carded_books
    client = signed_in(books, "ana")
    spoilt, _ = stock()

    assert client.post("/desk/spoilt/", {"card_number": spoilt}).status_code == 302
    assert client.post("/desk/spoilt/", {"card_number": "x"}).status_code == 422
    assert fetch(REGISTRY, "SELECT state FROM card WHERE number = %s", (spoilt,)) == [(5,)]
    check = client.post(ENROL, filled(books, card=spoilt))
    refused = field_errors(client.post(ENROL, hidden(check) | {"stage": "do"}))
    assert "spoilt or no longer counts" in refused["id_card"]


def test_the_words_of_the_office_are_those_of_the_rules():
    assert {trouble: str(word) for trouble, word in desk_words.CARD_TROUBLES.items()} == dict(
        CARD_SENTENCES
    )
    assert reverse("office:desk") == "/desk/"
