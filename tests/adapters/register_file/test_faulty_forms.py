"""Rejected submissions go back in the form they came in, are mended there, and come in again."""

import json

import pytest

from despensa.adapters.register_file.faulty_rows import faulty_suffixes, write_faulty_rows
from tests.adapters.register_file.builders import codes, read
from tests.factories.submissions import SHAPES, THIRD, a_member, with_household

SPOILT = with_household(
    THIRD,
    household={"displaced": "yes", "address": "=1+1"},
    members=[
        a_member("Eva Mal", role="head", birth_date="2001-99", where="12.5 -3.25 0 0"),
        a_member("Noa Mal"),
    ],
)
GIVEN = {"kobo-json": ".json", "odk-central-csv": ".zip", "openrosa-xml": ".xml"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", ["own", ".xlsx"])
def test_rejected_submissions_are_mended_in_their_own_form_and_keep_their_id(
    shape, suffix, tmp_path
):
    register = read(SHAPES[shape](SPOILT))
    ending = faulty_suffixes(register, GIVEN[shape])[0] if suffix == "own" else suffix
    path = tmp_path / f"faulty{ending}"

    assert write_faulty_rows(register, path) == register.rejected_rows == 3
    again = read(path, filename=path.name)

    assert codes(again) == codes(register) == ["date_unreadable"]
    assert [one.source_record_id for one in again.rejected] == [THIRD]
    assert again.source == register.source
    assert (again.rows_in, again.dropped_columns) == (3, ())
    assert b"12.5" not in path.read_bytes()
    if ending in (".json", ".xml"):
        assert b"YYYY-MM-DD" in path.read_bytes()
        path.write_bytes(path.read_bytes().replace(b"2001-99", b"2001-09"))
        (household,) = read(path, filename=path.name).households
        assert household.source_record_id == THIRD
        assert [one.full_name for one in household.persons] == ["Eva Mal", "Noa Mal"]
        assert household.facts == {"displaced": True}


def test_each_reason_stands_beside_the_person_it_is_about(tmp_path):
    register = read(SHAPES["kobo-json"](SPOILT))
    write_faulty_rows(register, tmp_path / "faulty.json")

    (document,) = json.loads((tmp_path / "faulty.json").read_text())

    assert document["despensa_reason"] == ""
    assert "YYYY-MM-DD" in document["members"][0]["despensa_reason"]
    assert document["members"][1]["despensa_reason"] == ""


def test_a_submission_sent_twice_is_given_back_whole(tmp_path):
    page = json.loads(SHAPES["kobo-json"]())
    register = read(json.dumps(page["results"] + page["results"][:1]))

    assert write_faulty_rows(register, tmp_path / "twice.json") == register.rejected_rows == 6
    assert codes(read(tmp_path / "twice.json")) == codes(register)
