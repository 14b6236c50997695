"""
Record what the rule decided for every household of a cycle.

The engine has frozen the facts and decided them; here the outcomes are written in one transaction
with the cycle's root and totals as a public leaf. Source: docs/explanation/design.md, section 7.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, public_entry
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.programmes import store


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

    Raises: WrongState when the cycle is no draft; IntegrityError when a household already has a
        benefit of this root cycle.
    """
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "decide_cycle")
    with transaction.atomic(using=REGISTRY):
        store.move(
            decided.cycle,
            from_state=store.DRAFT,
            to_state=store.DECIDED,
            changes={
                "frozen_root": decided.frozen_root,
                "totals": Jsonb(dict(decided.totals)),
            },
        )
        count = store.write_decisions(decided.cycle, decided.root_cycle, decided.decisions)
        body = {
            0: decided.cycle.bytes,
            1: decided.rule_hash,
            2: decided.frozen_root,
            3: sorted([name, total] for name, total in decided.totals.items()),
        }
        journal_store.append(
            REGISTRY,
            [
                public_entry(
                    act,
                    entry=acting.new_id(),
                    salt=acting.new_salt(),
                    kind=PublicKind.ROOT,
                    body=body,
                )
            ],
        )
    return count
