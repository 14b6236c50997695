"""What is typed at a desk becomes the household an import would make of it, or all its faults."""

from datetime import date

import pytest

from despensa.adapters.register_file.reader import read_register
from despensa.domain.catalogue import load_catalogue
from despensa.domain.enrolment.desk import (
    PERSON_FIELDS,
    DeskForm,
    Fault,
    FormFaulty,
    drafted,
    strange_fields,
)
from despensa.domain.forbidden import Category
from despensa.domain.registration.country import countries
from despensa.domain.registration.draft import Document, NameParts, Role

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
ANA = {"full_name": "Ana María López García", "role": "head", "sex": "female"}


def draft(*people, **household):
    form = DeskForm(household, people)
    home = countries()["VEN"]
    return drafted(form, number="n1", today=TODAY, home=home, catalogue=CATALOGUE)


def faults(*people, **household):
    with pytest.raises(FormFaulty) as refused:
        draft(*people, **household)
    return list(refused.value.faults)


def test_somebody_without_any_paper_is_a_household():
    made = draft({"full_name": "Mahmud"})

    [person] = made.persons
    assert person.full_name == "Mahmud"
    assert (person.documents, person.phones, person.birth.year) == ((), (), None)
    assert set(person.roles) == {Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR}


def test_two_surnames_and_any_script_stay_as_written():
    parts = {"surname_1": "López", "surname_2": "García", "given_names": "Ana María"}
    made = draft(ANA | parts, {"full_name": "محمد عبد الله"}, {"full_name": "Олена Коваль"})

    assert made.persons[0].name_parts == NameParts("López", "García", ("Ana", "María"))
    assert [one.full_name for one in made.persons[1:]] == ["محمد عبد الله", "Олена Коваль"]


def test_documents_phones_address_and_facts_are_read_as_in_a_file():
    given = ANA | {
        "document_type": "passport", "document_country": "ES", "document_number": "AB 123",
        "phone": "0414 1234567", "birth_date": "1990-02", "access_need": "step_free",
    }  # fmt: skip
    made = draft(given, address="Calle 3, Puerto Azul", area_pcode="VE0101", displaced="yes")

    [person] = made.persons
    assert person.documents == (Document("passport", "ESP", "AB 123"),)
    assert person.phones == ("+584141234567",)
    assert (person.birth.year, person.birth.month) == (1990, 2)
    assert person.facts == {"access_need": "step_free"}
    assert (made.address, made.area_pcode) == ("Calle 3, Puerto Azul", "VE0101")
    assert made.facts == {"displaced": True}


def test_a_desk_decides_nothing_that_an_import_would_decide_otherwise():
    heading = "household_number,person_number,full_name,birth_date,sex,role,phone,displaced"
    rows = ["n1,1,Ana López,1990,female,head,+584141234567,yes", "n1,2,Luis,,male,member,,"]
    file = read_register(
        "\r\n".join([heading, *rows, ""]).encode(), filename="x.csv", today=TODAY,
        workspace_country="VEN", catalogue=CATALOGUE,
    )  # fmt: skip
    people = [dict(zip(heading.split(","), row.split(","), strict=True)) for row in rows]
    for person in people:
        del person["household_number"], person["person_number"]
    displaced, _ = [person.pop("displaced") for person in people]

    assert [_without_rows(one) for one in file.households] == [
        _without_rows(draft(*people, displaced=displaced))
    ]


def _without_rows(household):
    return [
        (one.full_name, one.sex, one.birth, one.roles, one.documents, one.phones, one.facts)
        for one in household.persons
    ] + [household.address, household.facts, household.source_record_id]


@pytest.mark.parametrize(
    ("people", "household", "expected"),
    [
        ([], {}, (None, "", "household_without_members")),
        ([{"sex": "female"}], {}, (0, "full_name", "missing")),
        ([{"full_name": "=SUM(A1)"}], {}, (0, "full_name", "name_formula")),
        ([ANA, ANA], {}, (0, "role", "several_heads")),
        ([{"full_name": "A"}, {"full_name": "B"}], {}, (0, "role", "no_head")),
        ([ANA | {"phone": "12"}], {}, (0, "phone", "phone_unreadable")),
        ([ANA | {"document_type": "passport"}], {}, (0, "document_number", "document_number_missing")),
        ([ANA | {"document_number": "7"}], {}, (0, "document_type", "document_kind_missing")),
        ([ANA | {"birth_date": "2031"}], {}, (0, "birth_date", "date_future")),
        ([ANA | {"surname_1": "Pérez"}], {}, (0, "surname_1", "name_part_dropped")),
        ([ANA, {"full_name": "B", "sex": "x"}], {}, (1, "sex", "choice_unknown")),
        ([ANA], {"displaced": "perhaps"}, (None, "displaced", "choice_unknown")),
        ([ANA], {"income_monthly_minor": "-1"}, (None, "income_monthly_minor", "fact_value")),
    ],
)  # fmt: skip
def test_every_fault_says_whose_and_which_field(people, household, expected):
    found = [(one.person, one.name, one.code) for one in faults(*people, **household)]

    assert expected in found


def test_all_faults_are_told_at_once():
    found = faults(ANA | {"phone": "12"}, {"full_name": "", "sex": "x"}, displaced="perhaps")

    assert {(one.person, one.name) for one in found} == {
        (0, "phone"), (1, "full_name"), (1, "sex"), (None, "displaced"),
    }  # fmt: skip
    assert all(isinstance(one, Fault) for one in found)


def test_what_is_forbidden_has_no_field_and_is_named():
    form = DeskForm({"religion": "x"}, (ANA | {"voting_card": "1", "shoe_size": "40"},))

    found = {one.name: one.category for one in strange_fields(form, CATALOGUE)}

    assert found.keys() == {"religion", "voting_card", "shoe_size"}
    assert isinstance(found["religion"], Category)
    assert isinstance(found["voting_card"], Category)
    assert found["shoe_size"] is None


def test_the_form_asks_for_nothing_beside_the_template_and_the_catalogue():
    assert "document_number" in PERSON_FIELDS
    assert not set(PERSON_FIELDS) & {"household_number", "person_number", "address", "area_pcode"}
