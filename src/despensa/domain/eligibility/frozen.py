"""
What a rule needs to know of a household, and nothing else.

Decides which facts are frozen for a cycle and how far they are reduced: of a birth month only the
lowest and highest age it allows on the date, of an area only whether the programme covers it. The
row text is what the cycle's root commits to and what a household's slip carries.
Source: docs/explanation/design.md sections 5 and 7.2.
"""

import calendar
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from hashlib import sha256

from despensa.domain.eligibility.rule import (
    FACT_MAX,
    Age,
    AgeUnit,
    FactDeclaration,
    FactHolds,
    FactValue,
    Household,
    InArea,
    InCodes,
    Member,
    Rule,
)

ROW_FORMAT = "despensa/frozen/1"
LOT_LABEL = b"despensa/lot/1"
LOT_LENGTH = 6
_SEED_LABEL, _COMMITMENT_LABEL = b"despensa/lot-seed/1", b"despensa/lot-commitment/1"
MONTHS_A_YEAR = 12
YEAR_KNOWN, MONTH_KNOWN = 1, 2
Value = bool | int | str | None


class MalformedRow(ValueError):
    """The bytes are no frozen row of this rule."""


@dataclass(frozen=True, slots=True)
class AgeRead:
    """An age the rule asks for: on which day (None is the decision's) and in which unit."""

    on: date | None
    unit: AgeUnit


@dataclass(frozen=True, slots=True)
class Reads:
    """
    The reductions a rule reads, in the column order of the frozen file.

    Shape: household columns are `in_area` (when read), then `household_facts` by name, then `lot`
        (when drawn); member columns are a low and a high age per entry of `ages`, then
        `person_facts` by name.
    """

    in_area: bool
    household_facts: tuple[FactDeclaration, ...]
    ages: tuple[AgeRead, ...]
    person_facts: tuple[FactDeclaration, ...]
    lot: bool

    @property
    def household_columns(self) -> tuple[str, ...]:
        """Return the names of the household columns in order."""
        area = ("in_area",) if self.in_area else ()
        facts = tuple(f"fact_{fact.name}" for fact in self.household_facts)
        return area + facts + (("lot",) if self.lot else ())

    @property
    def member_columns(self) -> tuple[str, ...]:
        """Return the names of the member columns in order."""
        ages = [f"age{i}_{end}" for i in range(len(self.ages)) for end in ("low", "high")]
        return tuple(ages) + tuple(f"fact_{fact.name}" for fact in self.person_facts)


@dataclass(frozen=True, slots=True)
class FrozenHousehold:
    """One frozen row: values in the column order of `Reads`, members in canonical order."""

    values: tuple[Value, ...]
    members: tuple[tuple[Value, ...], ...]


def facts_read(rule: Rule) -> Reads:
    """Return the catalogue facts a rule reads and the reductions it needs of the core facts."""
    nodes = list(_walk((rule.clauses, rule.entitled_when, rule.benefit, rule.priority)))
    names = {
        node.name if not isinstance(node, InCodes) else node.fact
        for node in nodes
        if isinstance(node, (FactValue, FactHolds, InCodes))
    }
    facts = [rule.facts[name] for name in sorted(names)]
    ages = {AgeRead(node.on, node.unit) for node in nodes if isinstance(node, Age)}
    return Reads(
        in_area=any(isinstance(node, InArea) for node in nodes),
        household_facts=tuple(fact for fact in facts if fact.of == "household"),
        ages=tuple(sorted(ages, key=lambda age: (age.on or date.min, age.unit))),
        person_facts=tuple(fact for fact in facts if fact.of == "person"),
        lot=rule.draws_lot,
    )


def lot_seed(salt: bytes, cycle: bytes) -> bytes:
    """
    Return the seed of a cycle's lots, which nobody can tell before who keeps the salt shows it.

    Source: HMAC-SHA-256(cycle salt32, "despensa/lot-seed/1" || cycle16).
    """
    return hmac.digest(salt, _SEED_LABEL + cycle, "sha256")


def lot_commitment(seed: bytes) -> bytes:
    """
    Return what the log holds of a seed before the facts are frozen.

    Source: SHA-256("despensa/lot-commitment/1" || seed32).
    """
    return sha256(_COMMITMENT_LABEL + seed).digest()


def lot_of(seed: bytes, household: bytes) -> int:
    """
    Return the lot of a household; the lowest comes first.

    Source: first six bytes of HMAC-SHA-256(seed32, "despensa/lot/1" || household16), big-endian.
    """
    drawn = hmac.digest(seed, LOT_LABEL + household, "sha256")
    return int.from_bytes(drawn[:LOT_LENGTH], "big")


def age_range(born: date | None, precision: int, on: date, unit: AgeUnit) -> tuple[int, int] | None:
    """
    Return the lowest and highest completed age a birth month allows on a day; None when unknown.

    Units: completed years or months; a birth after the day counts as age 0.

    >>> age_range(date(2020, 3, 1), 2, date(2026, 3, 15), "years")
    (5, 6)
    >>> age_range(date(2020, 1, 1), 1, date(2026, 3, 15), "years")
    (5, 6)
    """
    if born is None or precision < YEAR_KNOWN:
        return None
    year = precision == YEAR_KNOWN
    first = (born.year, 1) if year else (born.year, born.month)
    last = (born.year, 12) if year else first
    last_day = calendar.monthrange(*last)[1]
    highest = _months_between(first, on)
    lowest = _months_between(last, on) - (1 if on.day < last_day else 0)
    divisor = MONTHS_A_YEAR if unit == "years" else 1
    return max(lowest, 0) // divisor, max(highest, 0) // divisor


def reduce(
    rule: Rule, household: Household, on: date, *, lot: int | None = None
) -> FrozenHousehold:
    """
    Return a household reduced to what the rule reads on a date, with its lot where one is drawn.

    Holds: the engine's set-based freeze gives the same values (tested on random households).
    """
    reads = facts_read(rule)
    area: tuple[Value, ...] = (household.in_area,) if reads.in_area else ()
    values = area + tuple(
        _checked(fact, household.facts.get(fact.name)) for fact in reads.household_facts
    )
    values += (lot,) if reads.lot else ()
    members = [_reduced_member(reads, member, on) for member in household.members]
    return FrozenHousehold(values, tuple(sorted(members, key=_text)))


def row_bytes(random_id: bytes, frozen: FrozenHousehold) -> bytes:
    """
    Return the bytes of a frozen row, whose hash is the household's leaf in the cycle's tree.

    Shape: JSON without spaces: ["despensa/frozen/1", random id as hex, [household values],
        [[member values] ...]], members sorted by their text.
    Source: docs/explanation/design.md section 7.2.
    """
    members = sorted((list(member) for member in frozen.members), key=_text)
    return _text([ROW_FORMAT, random_id.hex(), list(frozen.values), members]).encode()


def read_row(rule: Rule, row: bytes) -> tuple[bytes, FrozenHousehold]:
    """
    Return the random id and the frozen household of a row's bytes.

    Raises: MalformedRow when the bytes are not exactly what `row_bytes` gives for this rule.
    """
    reads = facts_read(rule)
    try:
        kind, random_id, values, members = json.loads(row)
        frozen = FrozenHousehold(tuple(values), tuple(tuple(member) for member in members))
        identifier = bytes.fromhex(random_id)
        same = kind == ROW_FORMAT and row_bytes(identifier, frozen) == row
    except (ValueError, TypeError) as error:
        raise MalformedRow("not a frozen row of version 1") from error
    widths = {len(member) for member in frozen.members} - {len(reads.member_columns)}
    if not same or widths or len(frozen.values) != len(reads.household_columns):
        raise MalformedRow("not a frozen row of this rule")
    return identifier, frozen


def _months_between(month: tuple[int, int], on: date) -> int:
    return (on.year - month[0]) * MONTHS_A_YEAR + on.month - month[1]


def _reduced_member(reads: Reads, member: Member, on: date) -> tuple[Value, ...]:
    ages: list[Value] = []
    for age in reads.ages:
        known = age_range(member.born, member.precision, age.on or on, age.unit)
        ages.extend(known or (None, None))
    facts = [_checked(fact, member.facts.get(fact.name)) for fact in reads.person_facts]
    return (*ages, *facts)


def _checked(fact: FactDeclaration, value: Value) -> Value:
    """A value outside the fact's type counts as unknown: freezing never fails on one record."""
    if fact.type == "boolean":
        return value if isinstance(value, bool) else None
    if fact.type == "code":
        return value if isinstance(value, str) and value in fact.values else None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and abs(int(value or 0)) <= FACT_MAX else None


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _walk(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for item in node:
            yield from _walk(item)
    elif is_dataclass(node):
        yield node
        for part in fields(node):
            yield from _walk(getattr(node, part.name))
