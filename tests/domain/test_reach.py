"""How far a role reaches on the tree of areas, by itself and together with others."""

from uuid import UUID

import pytest

from despensa.domain.reach import OutOfReach, Reach, Stretch, lineage, smallest_around

COUNTRY, NORTH, SOUTH, VILLAGE = (UUID(int=n) for n in (1, 2, 3, 4))
FOOD, CASH = UUID(int=11), UUID(int=12)
PARENTS = {COUNTRY: None, NORTH: COUNTRY, SOUTH: COUNTRY, VILLAGE: NORTH}

EVERYTHING = Reach((Stretch(None, None),))
IN_NORTH = Reach((Stretch(None, frozenset({NORTH, VILLAGE}), frozenset({COUNTRY})),))
FOOD_ONLY = Reach((Stretch(FOOD, None),))
FOOD_IN_NORTH = Stretch(FOOD, frozenset({NORTH, VILLAGE}), frozenset({COUNTRY}))
CASH_IN_SOUTH = Stretch(CASH, frozenset({SOUTH}), frozenset({COUNTRY}))
TWO = Reach((FOOD_IN_NORTH, CASH_IN_SOUTH))


def test_nothing_reaches_nothing():
    assert Reach().areas == []
    assert not Reach().covers(FOOD, VILLAGE)
    assert not Reach().holds(VILLAGE)
    assert not Reach().touches(FOOD, COUNTRY)


def test_everything_is_the_whole_workspace_with_every_programme():
    assert EVERYTHING.areas is None
    assert EVERYTHING.is_everything
    assert EVERYTHING.covers(None, None)
    assert not FOOD_ONLY.is_everything
    assert not IN_NORTH.is_everything


@pytest.mark.parametrize(
    ("reach", "programme", "area", "covers"),
    [
        (IN_NORTH, None, VILLAGE, True),
        (IN_NORTH, FOOD, NORTH, True),
        (IN_NORTH, FOOD, COUNTRY, False),
        (IN_NORTH, FOOD, SOUTH, False),
        (IN_NORTH, FOOD, None, False),
        (FOOD_ONLY, FOOD, SOUTH, True),
        (FOOD_ONLY, CASH, SOUTH, False),
        (FOOD_ONLY, None, SOUTH, False),
        (TWO, FOOD, NORTH, True),
        (TWO, CASH, SOUTH, True),
        (TWO, CASH, NORTH, False),
        (TWO, FOOD, SOUTH, False),
    ],
)
def test_one_grant_must_cover_programme_and_area_together(reach, programme, area, covers):
    assert reach.covers(programme, area) is covers
    if not covers:
        with pytest.raises(OutOfReach, match="security officer"):
            reach.require(programme, area)


def test_a_cycle_is_touched_from_a_part_of_its_area():
    assert IN_NORTH.touches(FOOD, COUNTRY)
    assert IN_NORTH.touches(FOOD, VILLAGE)
    assert not IN_NORTH.touches(FOOD, SOUTH)
    assert not TWO.touches(UUID(int=13), COUNTRY)


def test_people_are_reached_by_area_and_shown_with_the_programmes_of_the_role():
    assert TWO.areas == [NORTH, SOUTH, VILLAGE]
    assert TWO.holds(VILLAGE)
    assert not TWO.holds(COUNTRY)
    assert TWO.programmes_at(VILLAGE) == {FOOD}
    assert IN_NORTH.programmes_at(VILLAGE) is None
    assert TWO.programmes_at(COUNTRY) == frozenset()


@pytest.mark.parametrize(
    ("areas", "around"),
    [
        ([VILLAGE], VILLAGE),
        ([VILLAGE, NORTH], NORTH),
        ([VILLAGE, SOUTH], COUNTRY),
        ([VILLAGE, COUNTRY], COUNTRY),
        ([], None),
    ],
)
def test_the_smallest_area_around_some(areas, around):
    assert smallest_around(areas, PARENTS) == around


def test_a_tree_that_goes_in_a_circle_ends():
    assert lineage(NORTH, {NORTH: SOUTH, SOUTH: NORTH}) == [NORTH, SOUTH]
