import csv

import pytest
import python_calamine
import xlsxwriter

from despensa.adapters.register_file.template import template_headings, write_template
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.draft import Birth, Document, NameParts, Role, Sex
from despensa.domain.registration.layout import Kind
from tests.adapters.register_file.builders import (
    a_person,
    a_template_text,
    codes,
    read,
    read_people,
)

FULL = a_person(
    full_name="María José de la Cruz Peña",
    surname_1="de la Cruz",
    surname_2="Peña",
    given_names="María José",
    birth_date="1990-02",
    collector="primary",
    document_type="passport",
    document_country="es",
    document_number="X 12/3",
    phone="600 11 22 33",
    phone_2="+44 7700 900001",
    address="Dos Puentes, 4",
    area_name="Dos Puentes",
    area_pcode="VP0106",
    disability_functional="sí",
    pregnant_or_nursing="",
    displaced="no",
    income_monthly_minor="45000",
    language="es-GT",
    channel="SMS",
)


def test_every_cell_of_the_template_arrives():
    register = read_people(FULL, a_person(person="2", sex="", birth_date=""))

    (household,) = register.households
    head, member = household.persons
    assert register.kind is Kind.TEMPLATE
    assert household.source_record_id == "1"
    assert (household.address, household.area_name) == ("Dos Puentes, 4", "Dos Puentes")
    assert household.area_pcode == "VP0106"
    assert household.facts == {
        "displaced": False, "income_monthly_minor": 45000, "language": "es", "channel": "sms",
    }  # fmt: skip
    assert head.source_record_id == "1/1"
    assert head.full_name == "María José de la Cruz Peña"
    assert head.name_parts == NameParts("de la Cruz", "Peña", ("María", "José"))
    assert head.birth == Birth(1990, 2)
    assert head.sex is Sex.FEMALE
    assert head.roles == (Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR)
    assert head.documents == (Document("passport", "ESP", "X 12/3"),)
    assert head.phones == ("+34600112233", "+447700900001")
    assert head.facts == {"disability_functional": True}
    assert (member.sex, member.birth, member.roles) == (Sex.UNKNOWN, Birth(), (Role.MEMBER,))
    assert register.people_without_document == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_separator_line_end_and_encoding_gives_the_same_household(
    separator, line_end, encoding
):
    text = a_template_text(FULL, separator=separator, line_end=line_end)

    register = read(text.encode(encoding))

    assert register.households == read_people(FULL).households
    assert [one.code for one in register.warnings] == (
        ["read_as_windows_1252"] if encoding == "cp1252" else []
    )


def test_mixed_line_ends_blank_lines_and_the_sep_line_are_read():
    text = a_template_text(a_person(), a_person("2"), separator=";", line_end="\n")
    first, second, third = text.splitlines()

    register = read(f"sep=;\r\n{first}\r\n\r\n{second}\n;;;;\r{third}")

    assert [one.source_record_id for one in register.households] == ["1", "2"]
    assert register.households[0].persons[0].row == 4


def test_the_workbook_template_can_be_filled_in_and_read(tmp_path):
    path = tmp_path / "template.xlsx"
    write_template(path, ["en", "es", "fr", "pt", "ar"], load_catalogue())
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    headings = workbook.get_sheet_by_name("Register").to_python()[0]
    filled = tmp_path / "filled.xlsx"
    with xlsxwriter.Workbook(str(filled)) as copy:
        sheet = copy.add_worksheet("Register")
        sheet.write_row(0, 0, headings)
        for column, heading in enumerate(headings):
            sheet.write_string(1, column, FULL.get(heading, ""))
        copy.add_worksheet("Guide en").write_string(0, 0, "How to fill in")

    register = read(filled.read_bytes(), filename="filled.xlsx")

    assert tuple(headings) == template_headings(load_catalogue())
    assert workbook.sheet_names == [
        "Register",
        *(f"Guide {one}" for one in "en es fr pt ar".split()),
    ]
    assert register.households == read_people(FULL).households


def test_the_template_is_the_same_every_time_and_empty_of_people(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, ["es"], load_catalogue())

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with pytest.raises(ValueError, match="holds headings and no rows"):
        read(tmp_path / "a.xlsx", filename="a.xlsx")


def test_the_csv_template_holds_the_headings(tmp_path):
    write_template(tmp_path / "t.csv", ["es"], load_catalogue())

    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.reader(stream)) == list(template_headings(load_catalogue()))


def test_the_same_file_read_on_another_day_gives_the_same_records():
    text = a_template_text(FULL, a_person("2"))

    assert read(text).households == read(text).households
    assert read(text).file_sha256 == read(text).file_sha256


def test_rows_of_a_household_need_not_stand_together():
    register = read_people(a_person("1"), a_person("2"), a_person("1", "2"))

    assert sorted(one.source_record_id for one in register.households) == ["1", "2"]
    assert register.people == 3


def test_a_household_of_one_is_headed_by_that_one_who_also_collects():
    register = read_people(a_person(role=""))

    assert register.households[0].persons[0].roles == (
        Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR,
    )  # fmt: skip


def test_a_collector_who_lives_elsewhere_is_not_counted():
    register = read_people(a_person(), a_person(person="2", role="collector", collector="primary"))

    assert register.people == 1
    assert register.households[0].persons[1].roles == (Role.PRIMARY_COLLECTOR,)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"full_name": ""}, "missing", "full_name"),
        ({"full_name": "=1+1"}, "name_formula", "full_name"),
        ({"person_number": ""}, "missing", "person_number"),
        ({"household_number": ""}, "household_number_missing", "household_number"),
        ({"sex": "f/m"}, "choice_unknown", "sex"),
        ({"role": "boss"}, "choice_unknown", "role"),
        ({"collector": "x"}, "choice_unknown", "collector"),
        ({"role": "collector"}, "household_without_members", "household_number"),
        ({"birth_date": "2031-01-01"}, "date_future", "birth_date"),
        ({"birth_date": "01/02/1990"}, "date_ambiguous", "birth_date"),
        ({"phone": "call me"}, "phone_unreadable", "phone"),
        ({"document_number": "123"}, "document_kind_missing", "document_type"),
        ({"document_type": "passport"}, "document_number_missing", "document_number"),
        ({"document_type": "voter", "document_number": "1"}, "choice_unknown", "document_type"),
        (
            {"document_type": "other", "document_number": "=1"},
            "document_number_unreadable",
            "document_number",
        ),
        ({"document_country": "Narnia"}, "document_country", "document_country"),
        ({"area_pcode": "a b"}, "pcode_unreadable", "area_pcode"),
        ({"address": "x" * 501}, "text_too_long", "address"),
        ({"displaced": "perhaps"}, "choice_unknown", "displaced"),
        ({"income_monthly_minor": "-5"}, "fact_value", "income_monthly_minor"),
        ({"income_monthly_minor": "1.5"}, "number_unreadable", "income_monthly_minor"),
        ({"channel": "pigeon"}, "fact_value", "channel"),
    ],
)
def test_one_bad_cell_rejects_its_household_and_says_how_to_mend_it(cells, code, column):
    blank = dict.fromkeys(("document_type", "document_number", "collector"), "")

    register = read_people(a_person(**(blank | cells)), a_person("9"))

    assert code in codes(register)
    error = next(one for one in register.errors if one.code == code)
    assert (error.sheet, error.row, error.column) == ("", 2, column)
    assert error.mend.endswith(".")
    assert "{" not in error.mend
    assert len(error.value) <= 80
    assert [one.source_record_id for one in register.households] == ["9"]


def test_all_faults_of_all_rows_are_listed_not_the_first():
    register = read_people(
        a_person(sex="?", birth_date="soon"), a_person(person="2", full_name="", phone="x")
    )

    assert codes(register) == ["choice_unknown", "date_unreadable", "missing", "phone_unreadable"]
    assert (register.accepted_rows, register.rejected_rows) == (0, 2)


@pytest.mark.parametrize(
    ("people", "code", "rows"),
    [
        ([a_person(), a_person()], "person_number_repeated", [2, 3]),
        ([a_person(), a_person(person="2", role="head")], "several_heads", [2, 3]),
        ([a_person(role="member"), a_person(person="2")], "no_head", [2]),
        (
            [a_person(collector="primary"), a_person(person="2", collector="primary")],
            "several_collectors",
            [2, 3],
        ),
        (
            [a_person(displaced="yes"), a_person(person="2", displaced="no")],
            "household_disagrees",
            [3],
        ),
        ([a_person(address="A"), a_person(person="2", address="B")], "household_disagrees", [3]),
    ],
)
def test_households_that_do_not_hold_together_are_rejected(people, code, rows):
    register = read_people(*people)

    assert [error.row for error in register.errors if error.code == code] == rows
    assert register.households == ()


def test_forbidden_columns_are_dropped_named_and_never_kept():
    register = read_people(
        a_person(tarjeta_electoral="SECRET-1", gps="SECRET-2", employer="SECRET-3", sex="?")
    )

    assert [(one.column, one.category.value) for one in register.dropped_columns] == [
        ("tarjeta_electoral", "votes"),
        ("gps", "movements"),
    ]
    assert [one.column for one in register.ignored_columns] == ["employer"]
    assert "SECRET-1" not in repr(register)
    assert "SECRET-2" not in repr(register)
