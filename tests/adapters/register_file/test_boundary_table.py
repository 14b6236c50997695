"""Boundary tables: the real one, and small ones of our own with everything that goes wrong."""

from datetime import date

import pytest

from despensa.adapters.register_file.boundary_table import read_boundary_table
from despensa.adapters.register_file.source import RegisterFileError
from despensa.domain.registration.gazetteer import GazetteerError, Known, Place, plan_areas

TODAY = date(2026, 11, 21)
TABLE = (
    "ADM2_ES,ADM2_EN,ADM2_AR,ADM2_PCODE,ADM1_ES,ADM1_PCODE,ADM0_PCODE,validTo\n"
    "Villa,Town,مدينة,ES0101,Norte,ES01,ES,\n"
    "Otra,Other,,X-77,Norte,ES01,ES,\n"
    "Vieja,Old,,ES0109,Norte,ES01,ES,2020-01-01\n"
)


def places(text):
    return read_boundary_table(text.encode(), filename="areas.csv", today=TODAY)


def test_the_real_table_of_palestine_is_read(shared_samples):
    name = "cod-ab-pse-adminboundaries.xlsx"
    found = read_boundary_table(shared_samples / name, filename=name, today=TODAY)

    assert len(found) == 19
    assert [one.level for one in found] == [0, 1, 1, *[2] * 16]
    by_code = {one.pcode: one for one in found}
    assert by_code["PS0101"] == Place("PS0101", "PS01", 2, {"en": "Jenin"})


def test_names_in_several_languages_and_codes_that_nest_in_nothing_are_read():
    by_code = {one.pcode: one for one in places(TABLE)}

    assert by_code["ES0101"].names == {"es": "Villa", "en": "Town", "ar": "مدينة"}
    assert by_code["X-77"].parent == "ES01"
    assert "ES0109" not in by_code


def test_the_newer_headings_are_read():
    text = (
        "adm2_name,adm2_name1,adm2_pcode,adm1_name,adm1_pcode,adm0_pcode,lang,lang1\n"
        "Town,مدينة,ES0101,North,ES01,ES,en,ar\n"
    )

    by_code = {one.pcode: one for one in places(text)}

    assert by_code["ES0101"].names == {"en": "Town", "ar": "مدينة"}
    assert by_code["ES01"].names == {"en": "North"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Villa,Town,,ES 01 01,Norte,ES01,ES,", "is no p-code"),
        ("Villa,Town,,ES0199,Norte,,,", "lies in nothing"),
        ("Villa,Town,,ES0101,Sur,ES02,ES,", "lies in ES02 here and in ES01"),
        ("Villa,City,,ES0101,Norte,ES01,ES,", "is called 'City' here and 'Town'"),
        ("=1+1,Town,,ES0102,Norte,ES01,ES,", ""),
    ],
)
def test_a_row_that_contradicts_is_named_with_its_place(row, said):
    if not said:
        assert len(places(TABLE + row + "\n")) == 5
        return
    with pytest.raises(RegisterFileError, match=said) as refused:
        places(TABLE + row + "\n")

    assert "row 5" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "not_a_gazetteer"),
        ("ADM1_PCODE,ADM0_PCODE\n,\n", "areas_wrong"),
        ("", "empty"),
        ("ADM1_PCODE\n" + '"' + "\n", "cut_off"),
    ],
)
def test_a_file_that_is_no_table_gets_a_sentence(text, code):
    with pytest.raises(RegisterFileError) as refused:
        places(text)

    assert refused.value.code == code


KNOWN = {"ES": Known("ES", None, 0, {"es": "Municipio"})}


def test_a_plan_adds_what_is_new_and_leaves_the_root_alone():
    plan = plan_areas(places(TABLE), KNOWN, root="ES", root_codes=("ES", "ESP"))

    assert [one.pcode for one in plan.added] == ["ES01", "ES0101", "X-77"]
    assert (plan.changed, plan.unchanged) == ((), 0)


def test_the_same_table_again_plans_nothing_and_a_move_or_name_is_a_change():
    first = plan_areas(places(TABLE), KNOWN, root="ES", root_codes=())
    known = KNOWN | {
        one.pcode: Known(one.pcode, one.parent, one.level, one.names) for one in first.added
    }

    again = plan_areas(places(TABLE), known, root="ES", root_codes=())
    renamed = plan_areas(places(TABLE.replace("Villa", "Vila")), known, root="ES", root_codes=())
    moved = plan_areas(
        places(TABLE.replace("Otra,Other,,X-77,Norte,ES01", "Otra,Other,,X-77,Sur,ES02")),
        known,
        root="ES",
        root_codes=(),
    )

    assert (again.added, again.changed, again.unchanged) == ((), (), 3)
    assert [one.names["es"] for one in renamed.changed] == ["Vila"]
    assert [(one.pcode, one.parent) for one in moved.changed] == [("X-77", "ES02")]
    assert [one.pcode for one in moved.added] == ["ES02"]


def test_the_table_of_another_country_is_refused():
    with pytest.raises(GazetteerError, match="your own country"):
        plan_areas(places(TABLE), KNOWN, root="PS", root_codes=("PS", "PSE"))
