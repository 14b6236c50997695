from datetime import date
from random import Random

import pytest

from despensa.adapters.register_file.municipality import FORBIDDEN_HEADINGS, municipality
from despensa.domain.registration.draft import Precision
from tests.adapters.register_file.builders import TODAY, codes, read


@pytest.fixture(scope="module")
def invented():
    return municipality(Random(1), TODAY, country="GTM")


@pytest.fixture(scope="module")
def register(invented):
    return read(invented.csv_text, country="GT")


@pytest.fixture(scope="module")
def people(register):
    return {
        person.source_record_id: person for one in register.households for person in one.persons
    }


def test_the_same_seed_and_day_give_the_same_text(invented):
    assert municipality(Random(1), TODAY, country="GTM") == invented
    assert municipality(Random(2), TODAY, country="GTM") != invented


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29)])
def test_the_counts_hold_for_every_seed(seed, today):
    text = municipality(Random(seed), today, country="ES").csv_text

    register = read(text, today=today)

    assert (len(register.households), register.people) == (600, 2400)
    assert len(register.rejected) == 6


def test_twelve_villages_carry_three_names(invented, register):
    assert len(invented.villages) == 12
    assert {frozenset(one.names) for one in invented.villages} == {frozenset({"en", "es", "ar"})}
    assert {one.area_pcode for one in register.households} == {
        one.pcode for one in invented.villages
    }


def test_the_demo_shows_drops_and_every_planted_fault(invented, register):
    assert tuple(one.column for one in register.dropped_columns) == FORBIDDEN_HEADINGS
    assert register.ignored_columns == ()
    assert tuple(one.source_record_id for one in register.rejected) == invented.rejected
    assert set(codes(register)) == {
        "date_future", "several_heads", "phone_unreadable", "missing", "name_formula",
        "number_unreadable",
    }  # fmt: skip


def test_two_scripts_are_written(people):
    arabic = [
        one
        for one in people.values()
        if any("\u0600" <= sign <= "\u06ff" for sign in one.full_name)
    ]

    assert 500 < len(arabic) < 1500


def test_near_duplicates_share_a_birth_date_and_differ_in_spelling(invented, people):
    assert len(invented.near_duplicates) == 18
    for first, second in invented.near_duplicates:
        assert people[first].full_name != people[second].full_name
        assert people[first].birth == people[second].birth


def test_twins_share_a_birth_date_and_a_household(invented, people):
    assert len(invented.twins) == 10
    for first, second in invented.twins:
        assert first.split("/")[0] == second.split("/")[0]
        assert people[first].birth == people[second].birth
        assert people[first].full_name != people[second].full_name


def test_some_birth_dates_are_known_in_part_or_not_at_all(people):
    assert {one.birth.precision for one in people.values()} == set(Precision)
