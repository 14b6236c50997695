"""
`bench redeem`: merging events of phones into redemptions, transfers, evidence and leaves.

What is timed begins with events in the inbox, where accepting has made them durable, and ends
when the last of them is merged and every merge is on disk. The limit is the same rows through
COPY and a bare INSERT ... SELECT (`bare_merge`). Source: docs/reference/benchmarks.md.
"""

import time

from despensa.entrypoints.bench import bare_merge, inbox
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures, Progress
from despensa.usecases.merge_events import BATCH_MAX, merge_events


class MergedWrongly(RuntimeError):
    """The ledger does not hold what was merged: the figures mean nothing."""


def bench_redeem(ground: Ground, redemptions: int, *, seed: int) -> Figures:
    """
    Return the figures of merging so many redemptions, one worker, in batches of 500.

    Raises: MergedWrongly.
    """
    ground.tell(f"writing {redemptions:,} events into the inbox (not counted)")
    filled = inbox.fill_inbox(ground, redemptions, seed=seed)
    inbox.settle(ground)
    seconds = _merged(ground, filled)
    ground.tell("measuring the limit: bare COPY and merge of the same rows")
    limit = bare_merge.limit_seconds(ground, redemptions, batch=BATCH_MAX)
    return Figures("redeem", "redemptions", redemptions, seconds, limit)


def _merged(ground: Ground, filled: inbox.Filled) -> float:
    tools = ground.tools
    progress = Progress("merging", filled.events, ground.tell)
    events = posted = 0
    began = time.monotonic()
    while (merged := merge_events(acting=tools.acting(None), cycles=tools.keeper.cycles)).events:
        events += merged.events
        posted += merged.posted
        progress.at(events)
    seconds = time.monotonic() - began
    if events != filled.events or posted != filled.events:
        raise MergedWrongly(f"{posted} of {events} events were posted, not {filled.events}")
    return seconds
