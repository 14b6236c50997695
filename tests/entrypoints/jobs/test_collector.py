"""The collector is off inside, and on again only when the last overlapping block has ended."""

import gc

from despensa.entrypoints.jobs.collector import paused


def test_overlapping_pauses_end_with_the_last():
    assert gc.isenabled()

    with paused():
        with paused():
            inner = gc.isenabled()
        outer = gc.isenabled()

    assert (inner, outer, gc.isenabled()) == (False, False, True)
