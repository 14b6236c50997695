"""
Every fault that may be planted is caught, and by the check that is there for it.

A check that no planted fault can fail proves nothing; which fault stands for which promise is
named in `despensa.entrypoints.simulate.plants`.
"""

import pytest

from despensa.entrypoints.simulate.plants import Plant
from despensa.entrypoints.simulate.run import caught, run_seed

SEEDS = range(240)
PHONES = 4


@pytest.mark.parametrize("plant", Plant, ids=lambda plant: plant.name.lower())
def test_a_planted_fault_is_caught_by_its_check(plant):
    assert caught(plant, SEEDS, PHONES) is not None


def test_what_is_caught_is_replayed_by_its_line():
    first = caught(Plant.ANSWER_CHANGES, SEEDS, PHONES)
    assert first is not None
    assert f"--first-seed {first.seed} " in first.replay
    again = run_seed(first.seed, first.phones, Plant.ANSWER_CHANGES)
    assert first in again
