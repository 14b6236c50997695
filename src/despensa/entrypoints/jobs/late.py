"""
The daily round of late entrants: who registered or changed after a cycle was frozen.

The rule version of the cycle decides them in a child. As long as the share that two people approved
with the cycle lasts, the child opens under that approval; who does not fit any more, or must be
looked at, is decided in a second child that waits for two people. Killed anywhere, the next round
goes on with what it finds. Source: docs/explanation/design.md, sections 7.4 and 7.10.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.child import ChildKind, fitting, late_id
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import NotInForce, Rule
from despensa.domain.ports.engine import FreezeOrder, RegistryFiles
from despensa.entrypoints.jobs import child, cycle, opening
from despensa.entrypoints.jobs.mandate import mandate_of
from despensa.entrypoints.wiring import Tools
from despensa.records.bulk import only_one
from despensa.records.children import purpose_queries
from despensa.records.children import queries as children
from despensa.records.databases import REGISTRY
from despensa.records.programmes import facts_copy, queries
from despensa.records.programmes.queries import CycleRow
from despensa.records.proposals import queries as proposals
from despensa.usecases.begin_opening import PurposeTaken, ShareUsedUp
from despensa.usecases.note_late_round import is_noted, note_late_round

_FITS, _WAITS = 0, 1
_DRAFT, _DECIDED, _OPENING = 1, 2, 3
# a round that stops at one of these goes on tomorrow, or when somebody has mended it
_STOPS = (RuntimeError, NotInForce)
Goods = tuple[tuple[int, int], ...]
_log = logging.getLogger(__name__)


def carry_out(tools: Tools) -> int:
    """Return how many cycles of late entrants were opened."""
    opened = 0
    for share in children.shares_open_on(tools.today()):
        with only_one(REGISTRY, f"late {share.root}") as is_mine:
            if not is_mine:
                continue
            try:
                opened += _round(share, tools)
            except _STOPS as error:
                _log.warning("late entrants of cycle %s wait: %s", share.root, error)
    return opened


def _round(share: children.ShareRow, tools: Tools) -> int:
    root = queries.cycle(share.root)
    if root is None:
        raise LookupError("a cycle with a share is not there")
    opened = _finish(root, share, tools)
    day = tools.today()
    if is_noted(root.id, day):
        return opened
    late = children.late_entrants(root.id, since=_seconds(root.reference_date, tools))
    fits = _fitting(root, late, tools)
    parts = {
        _FITS: [row.household for row, fit in zip(late, fits, strict=True) if fit],
        _WAITS: [row.household for row, fit in zip(late, fits, strict=True) if not fit],
    }
    for part, households in parts.items():
        if households:
            _make(root, part, households, tools)
    opened += _finish(root, share, tools)
    note_late_round(root.id, day, acting=tools.acting(None))
    return opened


def _make(root: CycleRow, part: int, households: Sequence[UUID], tools: Tools) -> None:
    order = child.order_for(
        root.id,
        ChildKind.LATE,
        child=late_id(root.id, tools.today(), part),
        today=tools.today(),
        households=tuple(households),
        is_within_share=part == _FITS,
    )
    child.make_child(order, tools, acting=tools.acting(None))


def _finish(root: CycleRow, share: children.ShareRow, tools: Tools) -> int:
    """Return how many children were opened: those of this round, or left by one that was killed."""
    opened = 0
    for row in children.children_of(root.id):
        found = queries.cycle(row.cycle)
        if row.kind is not ChildKind.LATE or found is None:
            continue
        is_own = found.id in {
            late_id(root.id, day, part)
            for day in (tools.today(), found.opens_on)
            for part in (_FITS, _WAITS)
        }
        state = found.state
        if is_own and state == _DRAFT:
            cycle.freeze_and_decide(row.cycle, tools, acting=tools.acting(None))
            state = _DECIDED
        if row.is_within_share and state in {_DECIDED, _OPENING}:
            opened += _open(root, found, share, tools)
    return opened


def _open(root: CycleRow, late: CycleRow, share: children.ShareRow, tools: Tools) -> int:
    """Open late entrants under the approval of their root; return 1 when they were."""
    view = proposals.proposal(share.proposal)
    if view is None or root.epoch is None:
        raise LookupError("an open cycle has no approval")
    goods = queries.goods_totals(late.id)
    order = opening.Order(
        proposal=view.id,
        mandate=mandate_of(view, tools),
        cycle=late.id,
        programme=root.programme,
        epoch=root.epoch,
        totals=tuple((opening.unit_total(unit), total) for unit, _, _, total in goods),
        late_of=root.id,
    )
    try:
        opening.open_cycle(order, tools, acting=tools.acting(None))
    except (ShareUsedUp, PurposeTaken) as error:
        _log.info("the late entrants %s wait for two people: %s", late.code, error)
        return 0
    return 1


def _fitting(root: CycleRow, late: Sequence[children.LateRow], tools: Tools) -> list[bool]:
    """Return which late entrants open under the approval of the root, in their order."""
    rule = parse_text(root.rule_text)
    if not late or _money_ended(root, rule, tools):
        return [False] * len(late)
    households = [row.household for row in late]
    goods = _tried(root, rule, households, tools)
    held = purpose_queries.held_by_others(root.id, households)
    may = [not row.shares_people and row.household not in held for row in late]
    fits = iter(
        fitting(
            [goods.get(row.household, ()) for row, one in zip(late, may, strict=True) if one],
            list(children.share_left(root.id).items()),
        )
    )
    return [one and next(fits) for one in may]


def _money_ended(root: CycleRow, rule: Rule, tools: Tools) -> bool:
    """Return whether the budget did not reach everybody: who comes late overtakes nobody then."""
    return (
        rule.budget is not None
        and tools.engine.border(cycle.frozen_folder(root.id, tools), rule) is not None
    )


def _tried(
    root: CycleRow, rule: Rule, households: Sequence[UUID], tools: Tools
) -> Mapping[UUID, Goods]:
    """Return what the rule would give each, decided in a folder of its own that is destroyed."""
    acting: Acting = tools.acting(None)
    numbers = queries.unit_numbers()
    # what a kill leaves of it is removed like a draft's (`jobs.drafting`)
    copies = tools.workspace.facts / f"preview-late-{acting.new_id()}.copy"
    copies.mkdir(mode=0o700)
    folder = str(copies / "frozen")
    try:
        ids = ",".join(f"'{household}'::uuid" for household in households)
        on, cycle16, map_key = tools.today(), acting.new_id().bytes, acting.random(32)
        files = facts_copy.copy_facts(copies, on, only=f"SELECT unnest(ARRAY[{ids}])")
        tools.engine.freeze(
            RegistryFiles(*map(str, files)),
            FreezeOrder(
                rule=rule,
                on=on,
                cycle=cycle16,
                areas=tuple(area.bytes for area in queries.areas_within(root.programme_area)),
                id_key=acting.random(32),
                salt=acting.random(32),
                map_key=map_key,
                lot_seed=acting.random(32) if rule.draws_lot else None,
            ),
            folder,
        )
        tools.engine.decide(folder, rule)
        return {
            UUID(bytes=row.household): tuple(
                (numbers[unit], quantity) for unit, quantity in row.lines if unit in numbers
            )
            for row in tools.engine.decisions(folder, rule, cycle16, map_key)
        }
    finally:
        tools.engine.destroy(folder)
        shutil.rmtree(copies, ignore_errors=True)


def _seconds(day: date, tools: Tools) -> int:
    return int(datetime.combine(day, time(), tools.acting(None).zone).timestamp())
