"""
`bench decide`: freeze, decide and open one cycle over the whole register, by the office's own path.

Timed: the copy out of the registry and freezing; deciding, every household with its clause codes, by
the engine alone; writing decisions and their leaves; accounts and tags from the keeper, crediting the
ledger, marking the cycle open. The limit is bare DuckDB over the same Parquet files. Source: docs/reference/benchmarks.md.
"""

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import resources
from typing import Any
from uuid import UUID

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain import epoch as epochs
from despensa.domain import proposal as proposals
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.engine import (
    FreezeOrder,
    FrozenCycle,
    OutcomeTotal,
    RegistryFiles,
    Telling,
    untold,
)
from despensa.domain.role import Role
from despensa.entrypoints.bench import agreeing, people
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures
from despensa.entrypoints.bench.why import why_p95_ms
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.jobs import actions, cycle
from despensa.entrypoints.jobs.opening import unit_total
from despensa.records.programmes import queries
from despensa.records.registry import queries as registry_queries
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from despensa.usecases.draft_cycle import draft_cycle
from despensa.usecases.propose import propose

RULE = "rules/household-support.yaml"
_UNITS = ((1, "parcel", {"en": "food parcel"}), (2, "minor", {"en": "cents"}))


class OtherSize(Refused):
    """The workspace was filled with another number of people."""


@dataclass(frozen=True)
class _Stopwatch(DuckDBEngine):
    """The engine, noting when freezing and deciding were done."""

    marks: list[float] = field(default_factory=list)

    def freeze(
        self, files: RegistryFiles, order: FreezeOrder, folder: str, told: Telling = untold
    ) -> FrozenCycle:
        frozen = super().freeze(files, order, folder, told)
        self.marks.append(time.monotonic())
        return frozen

    def decide(self, folder: str, rule: Rule) -> tuple[OutcomeTotal, ...]:
        totals = super().decide(folder, rule)
        self.marks.append(time.monotonic())
        return totals


@dataclass(frozen=True, slots=True)
class _Prepared:
    programme: UUID
    cycle: UUID
    creator: UUID


def bench_decide(ground: Ground, count: int, *, seed: int) -> Figures:
    """
    Return the figures of one cycle over so many people; an empty workspace is filled first.

    Raises: OtherSize.
    """
    there = people.people_there(ground)
    if not there:
        ground.tell(f"inventing {count:,} people (not counted)")
        people.fill_register(ground, count, seed=seed)
    elif there != count:
        raise OtherSize(
            f"{ground.tools.workspace.folder} holds {there:,} people, not {count:,}. Ask for "
            f"--people {there}, or give another folder."
        )
    prepared = _prepared(ground)
    watch = _Stopwatch()
    tools = replace(ground.tools, engine=watch)
    began = time.monotonic()
    acting = tools.acting(prepared.creator)
    households = cycle.freeze_and_decide(prepared.cycle, tools, acting=acting)
    decided_at = time.monotonic()
    frozen_at, engine_at = watch.marks
    freeze, decide, record = frozen_at - began, engine_at - frozen_at, decided_at - engine_at
    ground.tell(
        f"{households:,} households: frozen in {freeze:.1f} s, decided in {decide:.1f} s, recorded "
        f"in {record:.1f} s; opening the cycle, about {freeze + record:.0f} s left"
    )
    proposal = _approved_opening(ground, prepared)
    began = time.monotonic()
    actions.carry_out(proposal, tools)
    opened = time.monotonic() - began
    limit = _limit_seconds(ground, prepared.cycle)
    return Figures(
        "decide",
        "people",
        count,
        freeze + decide + record + opened,
        limit,
        {
            "freeze_seconds": freeze,
            "decide_seconds": decide,
            "record_seconds": record,
            "open_seconds": opened,
            "limit_seconds": limit,
            "why_p95_ms": why_p95_ms(ground, prepared.cycle),
        },
    )


def _prepared(ground: Ground) -> _Prepared:
    tools, today = ground.tools, ground.tools.today()
    creator = ground.new_staff(Role.PROGRAMME_MANAGER)
    known = queries.cycles(1)
    programme = known[0].programme if known else rule_programme(ground, creator)
    drafted = draft_cycle(
        programme=programme,
        rule=queries.latest_rule(programme),
        code=f"bench-{tools.now()}-{str(creator)[:8]}",
        reference_date=today,
        opens_on=today,
        closes_on=today + timedelta(days=2),
        commit_lot=cycle.lots_of(tools),
        acting=tools.acting(creator),
    )
    return _Prepared(programme, drafted, creator)


def rule_programme(ground: Ground, creator: UUID) -> UUID:
    """Return a new programme with the published rule that benchmarks decide by. Raises: OtherSize."""
    root = registry_queries.root_area()
    if root is None:
        raise OtherSize("The workspace was never founded. Give another folder.")
    programme = define_programme(
        ProgrammeOutline("bench", {"en": "Benchmark"}, root, _UNITS),
        acting=ground.tools.acting(creator),
    )
    shipped = resources.files("despensa.data").joinpath(RULE).read_text("utf-8")
    # one workspace is decided again and again, all in one month
    text = shipped.replace("purpose: support\n", "purpose: support\nbeside: own_cycles\n", 1)
    proposal = _agreed(
        ground,
        creator,
        "publish_rule",
        proposals.Reason.PUBLISHED_PROGRAMME,
        scope=(programme.bytes, None, None),
        parameters=(text,),
        inputs=(rule_hash(parse_text(text)),),
    )
    actions.carry_out(proposal, ground.tools)
    return programme


def _approved_opening(ground: Ground, prepared: _Prepared) -> UUID:
    return _agreed(
        ground,
        prepared.creator,
        "open_cycle",
        proposals.Reason.SCHEDULED_CYCLE,
        scope=(prepared.programme.bytes, None, prepared.cycle.bytes),
        parameters=(epochs.epoch_of(ground.tools.today()),),
        totals=tuple(
            (unit_total(unit), total) for unit, _, _, total in queries.goods_totals(prepared.cycle)
        ),
    )


def _agreed(
    ground: Ground, creator: UUID, action: str, reason: proposals.Reason, **content: Any
) -> UUID:
    """Return a proposal that two invented people agreed on."""
    tools = ground.tools
    acting = tools.acting(creator)
    proposal = proposals.Proposal(
        proposal_id=acting.new_id().bytes,
        workspace_id=tools.workspace.workspace_id.bytes,
        action=action,
        creator=creator.bytes,
        created_at=acting.at,
        expires_at=acting.at + proposals.APPROVAL_KEPT_SECONDS,
        reason=reason,
        **content,
    )
    propose(proposal, acting=acting)
    proposal_id = UUID(bytes=proposal.proposal_id)
    agreeing.approve_as(ground, proposal_id, ground.new_staff(Role.APPROVER))
    return proposal_id


def _limit_seconds(ground: Ground, cycle_id: UUID) -> float:
    row = queries.cycle(cycle_id)
    if row is None:
        raise RuntimeError("the cycle just opened is not there")
    folder = cycle.frozen_folder(cycle_id, ground.tools)
    rule = parse_text(row.rule_text)
    return ground.tools.engine.bare_limit_seconds(folder, rule, time.monotonic)
