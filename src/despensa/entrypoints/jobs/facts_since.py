"""
Which households' facts are no longer those that a cycle was decided on.

The frozen file wins: nothing of the cycle changes by it. The register is frozen once more as it is
now, for the cycle's own day, beside the first; the two are compared and the second is destroyed.
Source: docs/explanation/design.md, sections 7.2 and 7.10.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from despensa.domain.act import Acting
from despensa.domain.eligibility.frozen import lot_seed
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import FactsDifference, FreezeOrder, MapKey, RegistryFiles
from despensa.entrypoints.jobs.cycle import frozen_folder
from despensa.entrypoints.wiring import Tools
from despensa.records.children import queries as children
from despensa.records.programmes import facts_copy, queries
from despensa.records.programmes.queries import CycleRow


class FactsGone(RuntimeError):
    """The cycle has no frozen facts: it is a draft, or they were destroyed after its appeals."""


def facts_since(row: CycleRow, tools: Tools) -> Sequence[FactsDifference]:
    """
    Return the households whose facts, as far as the rule reads them, differ from the frozen ones.

    Raises: FactsGone; EngineError.
    """
    folder = frozen_folder(row.id, tools)
    if row.frozen_root is None or not Path(folder).is_dir():
        raise FactsGone(
            f"The cycle {row.code} has no frozen facts: it is not decided yet, or they were "
            "destroyed when its appeals ended."
        )
    acting: Acting = tools.acting(None)
    rule = parse_text(row.rule_text)
    salt, map_key = tools.keeper.cycles.frozen_keys(row.id.bytes)
    child = children.child(row.id)
    now_key = MapKey(row.id.bytes, acting.random(32))
    # what a kill leaves of it is removed like a draft's (`jobs.drafting`)
    copies = tools.workspace.facts / f"preview-since-{acting.new_id()}.copy"
    copies.mkdir(mode=0o700)
    now = str(copies / "frozen")
    try:
        files = facts_copy.copy_facts(
            copies,
            row.reference_date,
            only=None if child is None else children.households_sql(child),
        )
        tools.engine.freeze(
            RegistryFiles(*map(str, files)),
            FreezeOrder(
                rule=rule,
                on=row.reference_date,
                cycle=row.id.bytes,
                areas=tuple(area.bytes for area in queries.areas_within(row.programme_area)),
                id_key=acting.random(32),
                salt=acting.random(32),
                map_key=now_key.key,
                lot_seed=lot_seed(salt, row.id.bytes) if rule.draws_lot else None,
            ),
            now,
        )
        then = (folder, MapKey(row.id.bytes, map_key))
        return tools.engine.differences(then, (now, now_key), rule)
    finally:
        tools.engine.destroy(now)
        shutil.rmtree(copies, ignore_errors=True)
