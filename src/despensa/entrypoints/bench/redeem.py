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
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.jobs import merging
from despensa.records import journal_queries
from despensa.records.databases import LEDGER
from despensa.usecases.merge_events import BATCH_MAX, LANES


class MergedWrongly(Refused):
    """The ledger does not hold what was merged: the figures mean nothing."""


def bench_redeem(ground: Ground, redemptions: int, *, seed: int) -> Figures:
    """
    Return the figures of merging so many redemptions, one worker a lane, in batches of 500.

    Raises: MergedWrongly.
    """
    ground.tell(f"writing {redemptions:,} events into the inbox (not counted)")
    filled = inbox.fill_inbox(ground, redemptions, seed=seed)
    inbox.settle(ground)
    seconds = _merged(ground, filled)
    ground.tell("measuring the limit: bare COPY and merge of the same rows")
    limit = bare_merge.limit_seconds(ground, redemptions, batch=BATCH_MAX, workers=LANES)
    return Figures("redeem", "redemptions", redemptions, seconds, limit)


def _merged(ground: Ground, filled: inbox.Filled) -> float:
    """Return the seconds until the inbox is empty and everything merged is on disk."""
    progress = Progress("merging", filled.events, ground.tell)
    began = time.monotonic()
    merged = merging.merge_all(ground.tools, tell=progress.at)
    journal_queries.unnumbered_leaves(LEDGER, 1)  # returns when all of it is on disk
    seconds = time.monotonic() - began
    if merged.events != filled.events or merged.posted != filled.events:
        raise MergedWrongly(
            f"{merged.posted} of {merged.events} events were posted, not {filled.events}"
        )
    return seconds
