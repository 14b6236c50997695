"""Columns whose headings do not say what they mean are read as a person says."""

import json

import pytest

from despensa.adapters.register_file.reader import read_headings
from despensa.adapters.register_file.source import RegisterFileError
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.column_map import (
    ColumnMapError,
    headings_digest,
    mappable_fields,
    parse_column_map,
)
from tests.adapters.register_file.builders import codes, read
from tests.factories.submissions import FIRST

LIST = (
    "Hogar;Nombre y apellidos;Parentesco;Nacimiento;Tel;Desplazado;Voto\n"
    "H1;Ana Pérez;jefa;1980-02-03;+34600112233;sí;A\n"
    "H1;Luis Pérez;hijo;2010;;no;B\n"
    "H2;Eva Gil;Jefe;x;;;C\n"
)
MAP = {
    "hogar": "household_number",
    "Nombre y apellidos": "full_name",
    "Parentesco": "relationship",
    "Nacimiento": "birth_date",
    "Tel": "phone",
    "Desplazado": "displaced",
}


def mapped(document):
    return parse_column_map(document, load_catalogue())


def test_a_list_of_ones_own_is_read_with_a_map_and_not_without():
    with pytest.raises(RegisterFileError, match="column map"):
        read(LIST)

    register = read(
        LIST.replace("sí;A\nH1", "sí;A\nH1").replace(";no;B", ";sí;B"), column_map=mapped(MAP)
    )

    assert register.kind == "mapped-table"
    assert codes(register) == ["date_unreadable"]
    (household,) = register.households
    assert [("head" in one.roles) for one in household.persons] == [True, False]
    assert household.facts == {"displaced": True}
    assert household.persons[0].phones == ("+34600112233",)
    assert [one.column for one in register.dropped_columns] == ["Voto"]
    assert register.rows_in == register.accepted_rows + register.rejected_rows == 3


def test_two_lists_with_the_same_numbers_are_two_sources():
    other = "Hogar;Nombre y apellidos;Edad\nH1;Ana;3\n"
    first = read(LIST, column_map=mapped(MAP))
    columns = {"Hogar": "household_number", "Nombre y apellidos": "full_name"}
    second = read(other, column_map=mapped(columns))

    assert first.source != second.source
    assert read(other, column_map=mapped(columns), source="parish").source == "parish"


def test_a_question_of_a_form_is_mapped_by_its_path_or_its_last_part():
    page = [
        {
            "_uuid": FIRST,
            "_id": 1,
            "g/barrio": "Centro",
            "people": [{"people/full_name": "Ana", "people/fecha": "1990"}],
        }
    ]

    register = read(
        json.dumps(page), column_map=mapped({"g/barrio": "area_name", "fecha": "birth_date"})
    )

    (household,) = register.households
    assert (household.area_name, household.persons[0].birth.year) == ("Centro", 1990)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"Voto": "full_name"}, "cannot be mapped"),
        ({"religión": "displaced"}, "cannot be mapped"),
        ({"Nombre": "nickname"}, "is no field"),
        ({"a": "full_name", "b": "full_name"}, "mapped twice"),
        ({"a": "full_name", " A ": "phone"}, "mapped twice"),
        ({}, "at least one"),
        ("full_name", "at least one"),
        ({1: "full_name"}, "is no heading"),
        ({"x" * 201: "full_name"}, "more than 200"),
        ({"a": ["full_name"]}, "is no field"),
    ],
)
def test_a_map_that_cannot_be_used_says_why(document, said):
    with pytest.raises(ColumnMapError, match=said):
        mapped(document)


def test_every_fault_of_a_map_is_told_at_once():
    with pytest.raises(ColumnMapError) as refused:
        mapped({"Voto": "full_name", "b": "nickname"})

    assert len(str(refused.value).splitlines()) == 2


def test_an_answer_that_gives_a_place_away_cannot_be_mapped():
    page = [{"_uuid": FIRST, "_id": 1, "full_name": "Ana", "donde": "40.41 -3.70 0 0"}]

    with pytest.raises(RegisterFileError) as refused:
        read(json.dumps(page), column_map=mapped({"donde": "address"}))

    assert refused.value.code == "mapped_forbidden"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"Nombre y apellidos": "full_name"}, "map_incomplete"),
        (MAP | {"Apodo": "surname_1"}, "mapped_elsewhere"),
        ({"nothing": "full_name"}, "wrong_kind"),
    ],
)
def test_a_map_that_does_not_fit_the_file_is_refused(columns, code):
    with pytest.raises(RegisterFileError) as refused:
        read(LIST, column_map=mapped(columns))

    assert refused.value.code == code


def test_a_question_about_people_cannot_be_mapped_from_the_household(shared_samples):
    page = [{"_uuid": FIRST, "_id": 1, "tel": "1", "people": [{"full_name": "Ana"}]}]

    with pytest.raises(RegisterFileError) as refused:
        read(json.dumps(page), column_map=mapped({"tel": "phone"}))
    assert refused.value.code == "mapped_elsewhere"
    with pytest.raises(RegisterFileError) as refused:
        read(
            shared_samples / "121-registrations-1000.csv", column_map=mapped({"fullName": "phone"})
        )
    assert refused.value.code == "map_not_needed"


def test_no_field_that_can_be_mapped_is_forbidden_and_the_order_of_columns_is_free():
    assert "full_name" in mappable_fields(load_catalogue())
    assert headings_digest({"": ("a", "B")}) == headings_digest({"x": ("b ", "A")})
    assert headings_digest({"": ("a", "b")}) != headings_digest({"": ("a", "b", "c")})
    assert not read_headings(LIST.encode(), filename="l.csv").is_form
