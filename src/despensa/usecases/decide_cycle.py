"""
Record what the rule decided for every household of a cycle.

The engine has frozen the facts and decided them; here the outcomes are written in one transaction
with the cycle's root and totals as a public leaf. Source: docs/explanation/design.md, section 7.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries, store
from despensa.records.staff import queries as staff
from despensa.records.tables import TABLE_NUMBER

ACTION = "decide_cycle"
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class DecidedCycle:
    """What the engine made of a cycle; `decisions` is CSV as the engine's port describes it."""

    cycle: UUID
    root_cycle: UUID
    frozen_root: bytes
    rule_hash: bytes
    totals: Mapping[str, int]
    decisions: Iterable[bytes]


def decide_cycle(decided: DecidedCycle, *, acting: Acting) -> int:
    """
    Return how many households were decided.

    Raises: WrongState when the cycle is no draft; BenefitGiven when a household has a benefit of
        this root cycle already; UnitUnknown; OutOfReach.
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
        lines: list[bytes] = []
        store.stage_decisions(_kept(decided.decisions, lines))
        # hashing needs no database and writing needs nothing of us: they go on side by side
        with ThreadPoolExecutor(1) as beside:
            entries = beside.submit(lambda: list(_entries(act, lines, acting)))
            count = store.write_decisions(decided.cycle, decided.root_cycle)
        body = {
            0: decided.cycle.bytes,
            1: decided.rule_hash,
            2: decided.frozen_root,
            3: sorted([name, total] for name, total in decided.totals.items()),
        }
        journal_store.append(REGISTRY, entries.result())
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.ROOT, body)
    return count


def _require_reach(cycle: UUID, acting: Acting) -> None:
    row = queries.cycle(cycle)
    if row is not None and acting.staff is not None:
        reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
        reach.require(row.programme, row.programme_area)


def _kept(csv: Iterable[bytes], lines: list[bytes]) -> Iterator[bytes]:
    """Yield the parts unchanged and keep their lines: no field holds a line break."""
    rest = b""
    for part in csv:
        *whole, rest = (rest + part).split(b"\n")
        lines.extend(whole)
        yield part
    if rest:
        lines.append(rest)


def _entries(act: Act, lines: Sequence[bytes], acting: Acting) -> Iterator[Entry]:
    """Yield one entry per chunk; a row is keyed by household and holds the decision's CSV line."""
    table = TABLE_NUMBER["decision"]
    for chunk in journal.chunks(lines):
        bodies = journal.encode_table(("csv",), ((line,) for line in chunk))
        rows = journal.encode_rows(
            journal.Row(
                table,
                journal.Op.INSERT,
                bytes.fromhex(line[:_UUID_LENGTH].decode().replace("-", "")),
                journal.Seal.NONE,
                body,
            )
            for line, body in zip(chunk, bodies, strict=True)
        )
        yield private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=rows)
