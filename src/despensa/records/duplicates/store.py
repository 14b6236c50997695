"""Writes of pairs that may be one person. Only use cases import this."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.duplicate import Source, Strength, Verdict
from despensa.domain.transparency import journal
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY

_FINDS_TAKE_TURNS = 3


@dataclass(frozen=True, slots=True)
class NewPair:
    """A pair on its way into the books; `reasons` sealed."""

    id: UUID
    first: UUID
    second: UUID
    strength: Strength
    source: Source
    reasons: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewDecision:
    """What somebody decides of a pair; `number` follows the one they saw."""

    pair: UUID
    number: int
    verdict: Verdict
    change: UUID | None = None
    later: UUID | None = None
    money_waits_until: date | None = None


def take_turns() -> None:
    """
    Let those who add pairs take turns, so that none is added twice.

    Locks: the pairs' advisory lock, until the transaction ends.
    """
    fetch(REGISTRY, "SELECT 1 FROM pg_advisory_xact_lock(%s)", (_FINDS_TAKE_TURNS,))


def add_pairs(pairs: Iterable[NewPair], *, at: int) -> None:
    """Write pairs that were not known."""
    copy_rows(
        REGISTRY,
        "duplicate_pair",
        ("id", "person_a_id", "person_b_id", "strength", "source", "reasons", "found_at"),
        (
            (one.id, one.first, one.second, int(one.strength), int(one.source), one.reasons, at)
            for one in pairs
        ),
    )


def pair_bodies(pairs: Sequence[NewPair]) -> list[bytes]:
    """Return what the journal says of new pairs; the reasons stay sealed to their person."""
    return [
        journal.encode_columns(
            {
                "key": one.id.bytes,
                "person_a_id": one.first.bytes,
                "person_b_id": one.second.bytes,
                "strength": int(one.strength),
                "source": int(one.source),
                "reasons": one.reasons,
            }
        )
        for one in pairs
    ]


def add_decision(decision: NewDecision, *, staff: UUID, at: int) -> None:
    """
    Write what was decided of a pair.

    Raises: IntegrityError when somebody else decided meanwhile.
    """
    execute(
        REGISTRY,
        """INSERT INTO duplicate_decision
           (pair_id, number, verdict, staff, at, change_id, later_id, money_waits_until)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            decision.pair, decision.number, int(decision.verdict), staff, at, decision.change,
            decision.later, decision.money_waits_until,
        ),
    )  # fmt: skip


def decision_body(decision: NewDecision) -> bytes:
    """Return what the journal says of a decision."""
    until = decision.money_waits_until
    return journal.encode_columns(
        {
            "key": decision.pair.bytes,
            "number": decision.number,
            "verdict": int(decision.verdict),
            "change_id": None if decision.change is None else decision.change.bytes,
            "later_id": None if decision.later is None else decision.later.bytes,
            "money_waits_until": None if until is None else until.isoformat(),
        }
    )


def first_question(pair: UUID) -> date | None:
    """Return until when money waits since a pair was asked about first, or None before."""
    [(until,)] = fetch(
        REGISTRY,
        "SELECT min(money_waits_until) FROM duplicate_decision WHERE pair_id = %s",
        (pair,),
    )
    found: date | None = until
    return found


def forget_reasons(person: UUID) -> list[UUID]:
    """Empty why pairs of somebody were found, because they are erased; return those pairs."""
    rows = fetch(
        REGISTRY,
        """UPDATE duplicate_pair SET reasons = '' WHERE person_a_id = %(one)s OR person_b_id = %(one)s
           RETURNING id""",
        {"one": person},
    )
    return sorted((pair for (pair,) in rows), key=lambda pair: pair.bytes)
