"""
Record what the rule decided for every household of a cycle.

The engine has frozen the facts and decided them; here the outcomes are written in one transaction
with the cycle's root and totals as a public leaf. Source: docs/explanation/design.md, section 7.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from despensa.domain.act import Acting
from despensa.domain.eligibility.caution import coarse
from despensa.domain.eligibility.rule import Border
from despensa.domain.ports.crew import Alone, Crew
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.children import queries as children
from despensa.records.children.store import write_child_decisions
from despensa.records.databases import REGISTRY
from despensa.records.grievances import store as deciders
from despensa.records.programmes import queries, store
from despensa.records.programmes.decided_slice import DecidedWork
from despensa.records.staff import queries as staff

ACTION = "decide_cycle"


@dataclass(frozen=True, slots=True)
class DecidedCycle:
    """
    What the engine made of a cycle; `decisions` is CSV as the engine's port describes it.

    `lot_seed` is what lots were drawn from, by a rule that draws them; `border` how far the budget
    reached, by a rule with a budget that did not reach everybody.
    """

    cycle: UUID
    root_cycle: UUID
    frozen_root: bytes
    rule_hash: bytes
    totals: Mapping[str, int]
    decisions: Iterable[bytes]
    lot_seed: bytes | None = None
    border: Border | None = None


def decide_cycle(
    decided: DecidedCycle,
    *,
    acting: Acting,
    sealer: JournalSealer,
    crew: Crew | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """
    Return how many households were decided; `crew` seals their journal.

    `told` hears how many are staged; what it raises rolls everything back.

    Raises: WrongState when the cycle is no draft; BenefitGiven when a household has a benefit of
        this root cycle already; ClaimMade when a recovery was decided before; UnitUnknown;
        OutOfReach.
    """
    act = journal_store.act(REGISTRY, ACTION, acting)
    with transaction.atomic(using=REGISTRY):
        _require_reach(decided.cycle, acting)
        store.move(
            decided.cycle,
            from_state=store.DRAFT,
            to_state=store.DECIDED,
            changes={
                "frozen_root": decided.frozen_root,
                "totals": Jsonb(dict(decided.totals)),
            },
        )
        deciders.note_decider(decided.cycle, acting.staff, deciders.Deed.DECIDED)
        store.begin_decisions()
        work = DecidedWork(act, acting=acting, sealer=sealer)
        staged = 0
        for text, entries in (crew or Alone()).each(work, _parts(decided.decisions)):
            if text is not None:
                store.stage_decisions(text)
                staged += text.count(b"\n")
                if told is not None:
                    told(staged)
            journal_store.append(REGISTRY, entries)
        count = _write(decided)
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.ROOT, _announced(decided))
    return count


def _write(decided: DecidedCycle) -> int:
    """Write what was staged: all of it for a root, what its kind gives for a child."""
    child = children.child(decided.cycle)
    if child is None:
        return store.write_decisions(decided.cycle, decided.root_cycle)
    return write_child_decisions(decided.cycle, child.root, kind=child.kind, line=child.line)


def _announced(decided: DecidedCycle) -> dict[int, object]:
    body: dict[int, object] = {
        0: decided.cycle.bytes,
        1: decided.rule_hash,
        2: decided.frozen_root,
        # everybody reads this leaf: a group that is small points at people
        3: sorted([name, coarse(total)] for name, total in decided.totals.items()),
    }
    if decided.lot_seed is not None:
        body[4] = decided.lot_seed
    if decided.border is not None:
        # in decimal: a place may hold numbers longer than the encoding has
        body[5] = [str(number) for number in decided.border.last or ()]
    return body


def _require_reach(cycle: UUID, acting: Acting) -> None:
    row = queries.cycle(cycle)
    if row is not None and acting.staff is not None:
        reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
        reach.require(row.programme, row.programme_area)


def _parts(csv: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the text in parts of whole lines, of one journal entry each: once to seal, once to keep."""
    for chunk in journal.chunks(_lines(csv)):
        text = b"\n".join([*chunk, b""])
        yield text, text


def _lines(csv: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of the text: no field holds a line break."""
    rest = b""
    for part in csv:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
    if rest:
        yield rest
