"""The app's own journal, its tab killed between any two writes: nothing lost, nothing given twice."""

import pytest

from tests.clients import node


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_killed_tabs_lose_nothing(seed):
    node.needs_node()

    told = node.run("phone_kills.mjs", given={"households": 40, "kills": 100, "seed": seed})

    assert told["kills"] == 100
    assert told["sequence"]
    # every household once, whatever its operator was told before the tab died
    assert (told["delivered"], told["twice"]) == (40, 0)
    assert told["once"]
    assert told["marked"]
    # a scan that died without a verdict says so
    assert 0 < told["aborted"] <= told["kills"]
    # and when the list's time is over, nothing of it is left
    assert told["left"] == [0, False]
