"""Freeze the facts of a cycle and decide it with the engine."""

import shutil
from collections.abc import Callable
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.eligibility.frozen import lot_commitment, lot_seed
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import FreezeOrder, RegistryFiles
from despensa.entrypoints.jobs import collector
from despensa.entrypoints.jobs.crew import Forks
from despensa.entrypoints.wiring import Tools
from despensa.records.bulk import only_one
from despensa.records.children import queries as children
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries
from despensa.usecases.decide_cycle import DecidedCycle, decide_cycle

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
    salt, _ = tools.keeper.cycles.frozen_keys(cycle)
    return lot_seed(salt, cycle)


@collector.paused()
def freeze_and_decide(cycle_id: UUID, tools: Tools, *, acting: Acting) -> int:
    """
    Return how many households were decided.

    A folder left by an attempt that was killed before the decisions were written is made again;
    of two at once only one works on it.
    Raises: NoSuchCycle; AlreadyDecided, also when another is deciding it; EngineError; WrongState.
    """
    with only_one(REGISTRY, f"decide {cycle_id}") as is_mine:
        if not is_mine:
            raise AlreadyDecided(
                "Somebody else is deciding this cycle at this moment: nothing was changed. See: "
                "despensa cycle list."
            )
        return _freeze_and_decide(cycle_id, tools, acting=acting)


def _freeze_and_decide(cycle_id: UUID, tools: Tools, *, acting: Acting) -> int:
    row = queries.cycle(cycle_id)
    if row is None:
        raise NoSuchCycle("There is no cycle with this id. See: despensa cycle list.")
    if row.frozen_root is not None:
        raise AlreadyDecided(
            f"The cycle {row.code} was decided before, and its decisions stay as they are: nothing "
            "was changed. To decide anew, draft another cycle."
        )
    rule = parse_text(row.rule_text)
    salt, map_key = tools.keeper.cycles.frozen_keys(cycle_id.bytes)
    seed = lot_seed(salt, cycle_id.bytes) if rule.draws_lot else None
    folder = frozen_folder(cycle_id, tools)
    shutil.rmtree(folder, ignore_errors=True)
    copies = tools.workspace.facts / f"{cycle_id}.copy"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir(mode=0o700)
    child = children.child(cycle_id)
    only = None if child is None else children.households_sql(child)
    try:
        households, members = queries.copy_facts(copies, row.reference_date, only=only)
        frozen = tools.engine.freeze(
            RegistryFiles(str(households), str(members)),
            FreezeOrder(
                rule=rule,
                on=row.reference_date,
                cycle=cycle_id.bytes,
                areas=tuple(area.bytes for area in queries.areas_within(row.programme_area)),
                id_key=acting.random(32),
                salt=salt,
                map_key=map_key,
                lot_seed=seed,
            ),
            folder,
        )
    finally:
        shutil.rmtree(copies, ignore_errors=True)
    totals = tools.engine.decide(folder, rule)
    return decide_cycle(
        DecidedCycle(
            cycle=cycle_id,
            root_cycle=row.root_cycle,
            frozen_root=frozen.root,
            rule_hash=row.rule_hash,
            totals={OUTCOME_NAMES[total.outcome]: total.households for total in totals},
            decisions=tools.engine.copy_text(folder, rule, cycle_id.bytes, map_key),
            lot_seed=seed,
            border=tools.engine.border(folder, rule),
        ),
        acting=acting,
        sealer=tools.keeper.vault,
        crew=Forks(),
    )
