"""Tabs of a real browser killed while people are served, and a moving card before its camera."""

import pytest

from tests.entrypoints.field import alone

KILLS, FRAMES = 10, 6


@pytest.mark.browser
def test_killed_tabs_lose_nothing_and_every_frame_of_a_moving_card_is_read(playwright):
    told = alone.measured(playwright, KILLS, FRAMES)

    assert (told["lost"], told["twice"]) == (0, 0)
    assert told["marked"]
    assert told["frames_read"] == FRAMES
    assert told["light"]
