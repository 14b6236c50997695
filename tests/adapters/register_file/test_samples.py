"""The real sample files of the three kinds."""

import pytest

from despensa.domain.registration.draft import Birth, Role, Sex
from despensa.domain.registration.layout import Kind
from despensa.domain.registration.register import dry_run_report
from tests.adapters.register_file.builders import codes, read


@pytest.fixture(scope="module")
def hope(shared_samples):
    name = "hope-rdi-50-households.xlsx"
    return read(shared_samples / name, filename=name, country="AF")


@pytest.fixture(scope="module")
def hope_invalid(shared_samples):
    name = "hope-rdi-invalid-rows.xlsx"
    return read(shared_samples / name, filename=name, country="AFG")


@pytest.fixture(scope="module")
def registrations_121(shared_samples):
    name = "121-registrations-1000.csv"
    return read(shared_samples / name, filename=name, country="NL")


def test_the_hope_workbook_is_read_whole(hope):
    assert hope.kind is Kind.HOPE
    assert (hope.rows_in, hope.accepted_rows, hope.rejected_rows) == (258, 258, 0)
    assert len(hope.households) == 50
    assert hope.people == 203
    assert sum(len(one.persons) for one in hope.households) == 208


def test_electoral_cards_geopoints_photos_and_illnesses_are_dropped(hope):
    dropped = {one.column: one.category.value for one in hope.dropped_columns}

    assert dropped["electoral_card_no_i_c"] == "votes"
    assert dropped["hh_geopoint_h_c"] == "movements"
    assert dropped["photo_i_c"] == "biometrics"
    assert dropped["recent_illness_child_h_f"] == "health"
    assert "work_status_i_c" in {one.column for one in hope.ignored_columns}
    assert "28928615" not in repr(hope)
    assert "65.887182" not in repr(hope)


def test_the_washington_group_answers_become_one_functional_fact(hope):
    head = hope.households[0].persons[0]

    assert head.facts == {"disability_functional": True, "pregnant_or_nursing": False}
    assert "CANNOT_DO" not in repr(head)


def test_excel_dates_documents_and_roles_of_hope_are_read(hope):
    head = hope.households[0].persons[0]

    assert (head.full_name, head.sex, head.birth) == ("James Hall", Sex.FEMALE, Birth(2013, 3, 2))
    assert [one.kind for one in head.documents] == ["national_id", "passport"]
    assert head.documents[0].number == "1128555897"
    assert head.roles == (Role.HEAD, Role.MEMBER, Role.PRIMARY_COLLECTOR)
    assert hope.households[0].area_pcode == "AF0105"
    assert hope.people_without_document == 0


def test_invalid_rows_of_hope_are_listed_all(hope_invalid):
    assert (hope_invalid.rows_in, hope_invalid.accepted_rows, hope_invalid.rejected_rows) == (
        46, 33, 13,
    )  # fmt: skip
    assert codes(hope_invalid) == [
        "consent_no", "consent_no", "consent_no", "household_without_members",
        "fact_value", "member_without_household", "date_unreadable", "member_without_household",
    ]  # fmt: skip
    assert [one.column for one in hope_invalid.dropped_columns] == ["household_location"]


def test_the_121_file_gives_one_household_per_registration(registrations_121):
    assert registrations_121.kind is Kind.REGISTRATIONS_121
    assert registrations_121.accepted_rows == 1000
    assert {len(one.persons) for one in registrations_121.households} == {1}
    assert len({one.source_record_id for one in registrations_121.households}) == 1000
    person = registrations_121.households[0].persons[0]
    assert (person.full_name, person.birth) == ("Micheal Cory Shelton", Birth())
    assert registrations_121.households[0].facts == {"language": "en"}
    assert registrations_121.people_without_document == 1000


def test_the_same_registration_twice_is_rejected(shared_samples):
    lines = (shared_samples / "121-registrations-1000.csv").read_text().splitlines()

    register = read("\n".join([*lines[:4], lines[2]]) + "\n", country="NL")

    assert codes(register) == ["registration_repeated", "registration_repeated"]
    assert (register.accepted_rows, register.rejected_rows) == (2, 2)


def test_a_workbook_of_another_kind_is_told_what_was_expected_and_found(shared_samples):
    with pytest.raises(ValueError, match="none of the kinds") as refused:
        read(shared_samples / "cod-ab-pse-adminboundaries.xlsx", filename="cod.xlsx")

    assert "ADM2_PCODE" in str(refused.value)
    assert "121 registrations" in str(refused.value)


def test_the_report_of_a_dry_run_has_exactly_the_agreed_keys(hope_invalid):
    report = dry_run_report(hope_invalid)

    assert list(report) == ["kind", "rows_in", "accepted", "rejected", "dropped_columns", "errors"]
    assert report["rows_in"] == report["accepted"] + report["rejected"]
    assert report["dropped_columns"] == ["household_location"]
    assert list(report["errors"][0]) == ["sheet", "row", "column", "value", "mend"]
    assert report["errors"][-1]["value"] == "52"
