"""What is special in the two foreign kinds, on small files of our own."""

import io

import pytest
import xlsxwriter

from despensa.domain.registration.draft import Birth, Role
from despensa.domain.registration.layout import Kind
from tests.adapters.register_file.builders import codes, read

HOUSEHOLD = {
    "household_id": 1,
    "consent_h_c": "YES",
    "admin2_h_c": "AF0105",
    "village_h_c": "Saltwell",
}
HEAD = {
    "household_id": 1,
    "individual_id": 11,
    "relationship_i_c": "HEAD",
    "full_name_i_c": "Ana Ruiz",
    "gender_i_c": "FEMALE",
    "birth_date_i_c": "03-04-1990",
}
CHILD = HEAD | {
    "individual_id": 12,
    "relationship_i_c": "SON_DAUGHTER",
    "full_name_i_c": "Luz Ruiz",
}


def a_hope_workbook(households, persons, *, labels=False):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        workbook.add_worksheet("Export Summary").write_string(0, 0, "Exported")
        for name, rows in (("Households", households), ("Individuals", persons)):
            sheet = workbook.add_worksheet(name)
            headings = list(dict.fromkeys(key for row in rows for key in row))
            lines = [headings, *([row.get(key, "") for key in headings] for row in rows)]
            if labels:
                lines.insert(1, [f"{one} - string" for one in headings])
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, line)
    return stream.getvalue()


def read_hope(households, persons, **options):
    return read(a_hope_workbook(households, persons, **options), filename="rdi.xlsx", country="AF")


@pytest.mark.parametrize("labels", [False, True])
def test_a_second_row_of_headings_is_no_household(labels):
    register = read_hope([HOUSEHOLD], [HEAD, CHILD], labels=labels)

    assert register.kind is Kind.HOPE
    assert (register.rows_in, register.accepted_rows) == (3, 3)
    (household,) = register.households
    assert (household.area_name, household.area_pcode) == ("Saltwell", "AF0105")
    assert [one.source_record_id for one in household.persons] == ["1/11", "1/12"]
    assert household.persons[0].birth == Birth(1990, 4, 3)


def test_an_estimated_birth_date_keeps_its_year_only():
    register = read_hope([HOUSEHOLD], [HEAD | {"estimated_birth_date_i_c": "YES"}])

    assert register.households[0].persons[0].birth == Birth(1990)


def test_a_collector_outside_the_household_comes_with_the_one_they_collect_for():
    outside = HEAD | {
        "household_id": "",
        "individual_id": 99,
        "relationship_i_c": "NON_BENEFICIARY",
        "primary_collector_id": 1,
    }

    register = read_hope([HOUSEHOLD], [HEAD, outside])

    (household,) = register.households
    assert register.people == 1
    assert household.persons[0].roles == (Role.HEAD, Role.MEMBER)
    assert household.persons[1].roles == (Role.PRIMARY_COLLECTOR,)


def test_a_collector_of_a_household_elsewhere_is_counted_as_left_out():
    register = read_hope([HOUSEHOLD], [HEAD | {"alternate_collector_id": "7"}])

    assert [(one.code, one.count) for one in register.warnings] == [("collector_dropped", 1)]


@pytest.mark.parametrize(
    ("households", "persons", "found"),
    [
        ([HOUSEHOLD, HOUSEHOLD], [HEAD], ["household_repeated", "household_repeated"]),
        ([HOUSEHOLD], [CHILD, CHILD | {"individual_id": 13}], ["no_head"]),
        ([HOUSEHOLD], [HEAD, HEAD | {"individual_id": 13}], ["several_heads", "several_heads"]),
        ([HOUSEHOLD], [HEAD, HEAD], ["person_number_repeated"] * 2 + ["several_heads"] * 2),
        ([HOUSEHOLD | {"consent_h_c": "NO"}], [HEAD], ["consent_no"]),
        ([HOUSEHOLD], [HEAD | {"household_id": 5}], ["household_without_members", "member_without_household"]),
        ([HOUSEHOLD | {"household_id": ""}], [HEAD], ["household_number_missing", "member_without_household"]),
        ([HOUSEHOLD], [HEAD, CHILD | {"household_id": ""}], ["household_number_missing"]),
        ([HOUSEHOLD | {"residence_status_h_c": "MARTIAN"}], [HEAD], ["choice_unknown"]),
    ],
)  # fmt: skip
def test_faults_of_hope_workbooks(households, persons, found):
    register = read_hope(households, persons)

    assert sorted(codes(register)) == sorted(found)
    assert register.rows_in == register.accepted_rows + register.rejected_rows
    assert register.rows_in == len(households) + len(persons)


def test_faults_of_roles_are_shown_where_the_workbook_states_them():
    register = read_hope([HOUSEHOLD], [HEAD, HEAD | {"individual_id": 13}])

    assert {(one.sheet, one.column) for one in register.errors} == {
        ("Individuals", "relationship_i_c")
    }


def test_a_household_with_great_difficulty_residence_and_dwelling():
    register = read_hope(
        [HOUSEHOLD | {"residence_status_h_c": "IDP", "total_households_h_f": 2}],
        [HEAD | {"seeing_disability_i_c": "SOME_DIFFICULTY", "memory_disability_i_c": "CANNOT_DO"},
         CHILD | {"seeing_disability_i_c": "NONE"}],
    )  # fmt: skip

    (household,) = register.households
    assert household.facts == {"displaced": True, "dwelling_shared": True}
    assert [one.facts["disability_functional"] for one in household.persons] == [True, False]


def test_121_registrations_may_carry_a_reference_and_one_full_name():
    text = "referenceId,fullName,phoneNumber,preferredLanguage\nr-1,Ana Ruiz,34600112233,es\n"

    register = read(text)

    (household,) = register.households
    assert register.kind is Kind.REGISTRATIONS_121
    assert household.source_record_id == "r-1"
    assert household.persons[0].full_name == "Ana Ruiz"
    assert household.persons[0].phones == ("+34600112233",)
    assert household.persons[0].roles == (Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR)


def test_121_registrations_in_another_order_are_the_same_records():
    lines = [f"{34600112233 + at},es,Ana{'x' * at},Ruiz" for at in range(3)]
    heading = "phoneNumber,preferredLanguage,nameFirst,nameLast"

    forward = read("\n".join([heading, *lines]) + "\n")
    backward = read("\n".join([heading, *reversed(lines)]) + "\n")

    assert {one.source_record_id for one in forward.households} == {
        one.source_record_id for one in backward.households
    }


def test_a_121_registration_without_any_name_is_rejected():
    register = read("phoneNumber,preferredLanguage,nameFirst\n34600112233,es,\n,es,\n")

    assert codes(register) == ["missing", "household_number_missing", "missing"]
