"""Merging what phones sent until nothing waits; a full inbox is worked on in every lane at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from despensa.entrypoints.jobs import collector
from despensa.entrypoints.wiring import Tools
from despensa.usecases.merge_events import BATCH_MAX, LANES, Merged, merge_events

_NOTHING = Merged(0, 0, 0)


@collector.paused()
def merge_all(tools: Tools, *, tell: Callable[[int], object] = lambda _: None) -> Merged:
    """
    Merge until the inbox is empty and return the sums; `tell` hears how many events are done.

    After a first batch that was full there is one worker a lane: while one waits for the
    database, another seals and hashes.
    """
    lanes = [_merged(tools, 0)] + [_NOTHING] * (LANES - 1)

    def work(lane: int) -> None:
        while (more := _merged(tools, lane)).events:
            lanes[lane] = _sum([lanes[lane], more])
            tell(_sum(lanes).events)

    def work_beside(lane: int) -> None:
        try:
            work(lane)
        finally:
            connections.close_all()

    if lanes[0].events < BATCH_MAX:
        work(0)
    else:
        with ThreadPoolExecutor(LANES, thread_name_prefix="despensa-merge") as pool:
            list(pool.map(work_beside, range(LANES)))
    return _sum(lanes)


def _merged(tools: Tools, lane: int) -> Merged:
    return merge_events(acting=tools.acting(None), cycles=tools.keeper.cycles, first_lane=lane)


def _sum(parts: list[Merged]) -> Merged:
    return Merged(
        sum(part.events for part in parts),
        sum(part.posted for part in parts),
        sum(part.excess for part in parts),
    )
