"""Freeze the facts of a cycle and decide it with the engine."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError

from despensa.domain.act import Acting
from despensa.domain.eligibility.frozen import lot_commitment, lot_seed
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.engine import FreezeOrder, FrozenCycle, RegistryFiles
from despensa.entrypoints.jobs import collector
from despensa.entrypoints.jobs.crew import Forks
from despensa.entrypoints.jobs.progress import Stopped
from despensa.entrypoints.wiring import Tools
from despensa.records.bulk import only_one
from despensa.records.children import queries as children
from despensa.records.databases import REGISTRY
from despensa.records.programmes import facts_copy, queries
from despensa.usecases.decide_cycle import DecidedCycle, decide_cycle

# later its facts may be others: whoever decides then expects those of then
RESUMED_WITHIN_SECONDS = 3600
# hears the stage (resume, copy, freeze, decide, keep), how much of it is done and of how much
Telling = Callable[[str, int, int], None]
OUTCOME_NAMES = {1: "entitled", 2: "not_entitled", 3: "needs_information"}


class NoSuchCycle(LookupError):
    """There is no cycle with this id."""


class AlreadyDecided(RuntimeError):
    """A cycle is decided once."""


def frozen_folder(cycle_id: UUID, tools: Tools) -> str:
    """Return the folder that holds a cycle's frozen facts."""
    return str(tools.workspace.facts / str(cycle_id))


def lots_of(tools: Tools) -> Callable[[bytes], bytes]:
    """Return what commits to the seed of a cycle's lots, which the keeper makes and keeps."""

    def commitment(cycle: bytes) -> bytes:
        return lot_commitment(_seed(cycle, tools))

    return commitment


def _seed(cycle: bytes, tools: Tools) -> bytes:
    salt, _ = tools.keeper.cycles.make_frozen_keys(cycle)
    return lot_seed(salt, cycle)


@collector.paused()
def freeze_and_decide(
    cycle_id: UUID, tools: Tools, *, acting: Acting, told: Telling | None = None
) -> int:
    """
    Return how many households were decided.

    `told` hears (stage, done, of how many; 0 while unknown); what it raises, and Ctrl-C, puts
    everything back. An attempt that was killed is gone on with: facts it had frozen whole, within
    the last hour, are decided as they are, so that the same bytes come of it; older or half frozen
    ones are frozen anew. The decisions are written in one transaction. Of two at once only one works on it.
    Raises: NoSuchCycle; AlreadyDecided, also when another is deciding it; EngineError; WrongState.
    """
    with only_one(REGISTRY, f"decide {cycle_id}") as is_mine:
        if not is_mine:
            raise AlreadyDecided(
                "Somebody else is deciding this cycle at this moment: nothing was changed. See: "
                "despensa cycle list."
            )
        work = _Work(cycle_id, tools, acting, told or _untold)
        try:
            return work.freeze_and_decide()
        except (Stopped, KeyboardInterrupt):
            tools.engine.destroy(work.folder)
            raise


@dataclass(frozen=True, slots=True)
class _Work:
    """One attempt at deciding a cycle."""

    cycle: UUID
    tools: Tools
    acting: Acting
    told: Telling

    @property
    def folder(self) -> str:
        return frozen_folder(self.cycle, self.tools)

    def freeze_and_decide(self) -> int:
        row = self._draft()
        rule = parse_text(row.rule_text)
        kept = self._kept(rule)
        if kept is not None:
            self.told("resume", kept.households, kept.households)
            try:
                return self._decide(row, rule, kept)
            except IntegrityError:
                # somebody who was frozen is not in the register any more
                pass
        return self._decide(row, rule, self._freeze(row, rule))

    def _draft(self) -> queries.CycleRow:
        row = queries.cycle(self.cycle)
        if row is None:
            raise NoSuchCycle("There is no cycle with this id. See: despensa cycle list.")
        if row.frozen_root is not None:
            raise AlreadyDecided(
                f"The cycle {row.code} was decided before, and its decisions stay as they are: "
                "nothing was changed. To decide anew, draft another cycle."
            )
        return row

    def _kept(self, rule: Rule) -> FrozenCycle | None:
        """Return what an earlier attempt froze; whom a child is for may change, so it starts anew."""
        if children.child(self.cycle) is not None:
            return None
        since = self.tools.now() - RESUMED_WITHIN_SECONDS
        return self.tools.engine.kept(self.folder, rule, since=since)

    def _freeze(self, row: queries.CycleRow, rule: Rule) -> FrozenCycle:
        tools, acting = self.tools, self.acting
        salt, map_key = tools.keeper.cycles.make_frozen_keys(self.cycle.bytes)
        tools.keeper.cycles.keep_frozen_keys(
            self.cycle.bytes, root=row.root_cycle.bytes, until=self._undisputed(row)
        )
        tools.engine.destroy(self.folder)
        # what a kill leaves of it is removed like a draft's (`jobs.drafting`)
        copies = tools.workspace.facts / f"preview-cycle-{acting.new_id()}.copy"
        copies.mkdir(mode=0o700)
        child = children.child(self.cycle)
        only = None if child is None else children.households_sql(child)
        about = facts_copy.rows_about() if child is None else 0
        try:
            self.told("copy", 0, about)
            households, members = facts_copy.copy_facts(
                copies,
                row.reference_date,
                only=only,
                told=lambda rows: self.told("copy", rows, about if rows <= about else 0),
            )
            self.told("freeze", 0, 0)
            return tools.engine.freeze(
                RegistryFiles(str(households), str(members)),
                FreezeOrder(
                    rule=rule,
                    on=row.reference_date,
                    cycle=self.cycle.bytes,
                    areas=tuple(area.bytes for area in queries.areas_within(row.programme_area)),
                    id_key=acting.random(32),
                    salt=salt,
                    map_key=map_key,
                    lot_seed=self._lot(rule),
                ),
                self.folder,
                lambda done, of: self.told("freeze", done, of),
            )
        finally:
            shutil.rmtree(copies, ignore_errors=True)

    def _undisputed(self, row: queries.CycleRow) -> int:
        """Return the last second in which decisions of the cycle may be appealed against."""
        after = row.disputed_until + timedelta(days=1)
        return int(datetime.combine(after, time.min, self.acting.zone).timestamp()) - 1

    def _lot(self, rule: Rule) -> bytes | None:
        return _seed(self.cycle.bytes, self.tools) if rule.draws_lot else None

    def _decide(self, row: queries.CycleRow, rule: Rule, frozen: FrozenCycle) -> int:
        tools = self.tools
        _, map_key = tools.keeper.cycles.frozen_keys(self.cycle.bytes)
        self.told("decide", 0, 0)
        totals = tools.engine.decide(self.folder, rule)
        self.told("keep", 0, frozen.households)
        return decide_cycle(
            DecidedCycle(
                cycle=self.cycle,
                root_cycle=row.root_cycle,
                frozen_root=frozen.root,
                rule_hash=row.rule_hash,
                totals={OUTCOME_NAMES[total.outcome]: total.households for total in totals},
                decisions=tools.engine.copy_text(self.folder, rule, self.cycle.bytes, map_key),
                lot_seed=self._lot(rule),
                border=tools.engine.border(self.folder, rule),
            ),
            acting=self.acting,
            sealer=tools.keeper.vault,
            crew=Forks(),
            told=lambda done: self.told("keep", done, frozen.households),
        )


def remove_abandoned(tools: Tools) -> None:
    """Destroy what attempts froze that were killed and not gone on with in time."""
    oldest = tools.now() - RESUMED_WITHIN_SECONDS
    for cycle_id in queries.drafts():
        folder = Path(frozen_folder(cycle_id, tools))
        partial = folder.with_name(f"{folder.name}.partial")
        for left in (folder, partial):
            if left.is_dir() and left.stat().st_mtime < oldest:
                with only_one(REGISTRY, f"decide {cycle_id}") as is_mine:
                    if is_mine:
                        tools.engine.destroy(str(left))


def _untold(_stage: str, _done: int, _total: int) -> None:
    """Hear of progress and do nothing."""
