"""Epochs: months since January 2026, and which one a cycle may take."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain import epoch
from despensa.domain.epoch import EpochError


@given(st.dates(min_value=date(2026, 1, 1), max_value=date(7000, 1, 1)))
def test_a_day_lies_in_the_month_of_its_epoch(day):
    first = epoch.first_day(epoch.epoch_of(day))

    assert (first.year, first.month, first.day) == (day.year, day.month, 1)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(9999, 1, 1)])
def test_a_day_outside_the_epochs_is_refused(day):
    with pytest.raises(EpochError, match="clock"):
        epoch.epoch_of(day)


@pytest.mark.parametrize("number", [-1, 65_536, 96_000])
def test_a_number_that_is_no_month_is_refused(number):
    with pytest.raises(EpochError):
        epoch.first_day(number)


@pytest.mark.parametrize("number", [10, 11, 46])
def test_a_cycle_takes_an_epoch_the_keeper_can_reach(number):
    assert epoch.require_cycle_epoch(number, highest_step=10) == number


@pytest.mark.parametrize(
    ("number", "sentence"), [(9, "keys are destroyed"), (47, "more than 36 months")]
)
def test_a_cycle_out_of_the_keepers_reach_is_refused(number, sentence):
    with pytest.raises(EpochError, match=sentence):
        epoch.require_cycle_epoch(number, highest_step=10)


def test_no_epoch_leaves_the_stored_size():
    with pytest.raises(EpochError):
        epoch.require_cycle_epoch(65_536, highest_step=65_530)
