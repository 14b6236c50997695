"""
The independent reading of a rule: one household at a time, plain Python, three answers.

Decides entitled, not entitled or needs information. Unknown stays unknown: a number is held as the
lowest and highest value it can have (None where there is no limit), and a comparison is only
answered when every value in between gives the same answer. Shares nothing with `compile` but the
rule's parts, so that each can check the other. Source: docs/explanation/design.md section 7.3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from despensa.domain.eligibility.frozen import AgeRead, FrozenHousehold, Value, facts_read
from despensa.domain.eligibility.rule import (
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    Age,
    AnyMember,
    Arithmetic,
    Bands,
    BenefitLine,
    Between,
    ClauseHolds,
    Compare,
    Condition,
    Count,
    FactHolds,
    FactValue,
    InArea,
    InCodes,
    Junction,
    Number,
    ParameterValue,
    Rounding,
    Rule,
    Sum,
    Whole,
)

Truth = bool | None
Range = tuple[int | None, int | None]
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What a rule says about one household.

    Shape: `clauses` is (code, met True / not met False / unknown None) in the rule's order;
        `lines` is (unit, quantity) in the rule's order, without lines of quantity 0.
    """

    outcome: int
    clauses: tuple[tuple[str, Truth], ...]
    lines: tuple[tuple[str, int], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the clause codes with their state in front: + met, - not met, ? unknown."""
        return tuple(
            {True: "+", False: "-", None: "?"}[state] + code for code, state in self.clauses
        )


def decision_from_codes(
    outcome: int, codes: Iterable[str], lines: Iterable[tuple[str, int]]
) -> Decision:
    """
    Return a stored decision with its clause states again.

    Raises: KeyError when a code does not begin with +, - or ?.
    """
    states = {"+": True, "-": False, "?": None}
    return Decision(outcome, tuple((code[1:], states[code[0]]) for code in codes), tuple(lines))


def evaluate(rule: Rule, household: FrozenHousehold, on: date) -> Decision:
    """
    Return the decision of a rule about one frozen household.

    Holds: entitled only when every quantity is known too; whatever is known to be due is given
        in full, and never less than the line's `while_unknown` while information is missing.
    Raises: NotInForce when a parameter has no value on the date; ValueError when the rule decides
        about persons, which version 1 does not evaluate yet.
    Source: docs/explanation/design.md section 7.1.
    """
    if rule.subject != "household":
        raise ValueError("this version evaluates rules about households only")
    reading = _Reading(rule, household, on)
    clauses = {clause.code: reading.truth(clause.when, reading.row) for clause in rule.clauses}
    reading.clauses = clauses
    right = reading.truth(rule.entitled_when, reading.row)
    ranges = [reading.quantity(line) for line in rule.benefit]
    lines = [
        (line.unit, quantity)
        for line, known in zip(rule.benefit, ranges, strict=True)
        if (quantity := _given(line, known, right)) > 0
    ]
    unsure = any(low != high for low, high in ranges)
    outcome = NOT_ENTITLED if right is False else ENTITLED
    if right is None or (right and unsure):
        outcome = NEEDS_INFORMATION
    return Decision(outcome, tuple(clauses.items()), tuple(lines))


def _given(line: BenefitLine, known: tuple[int, int], right: Truth) -> int:
    if right is False:
        return 0
    if right is None:
        return line.while_unknown
    low, high = known
    return low if low == high else max(low, line.while_unknown)


class _Reading:
    """One rule read for one household on one date."""

    def __init__(self, rule: Rule, household: FrozenHousehold, on: date) -> None:
        reads = facts_read(rule)
        self.rule = rule
        self.on = on
        self.ages = {age: index for index, age in enumerate(reads.ages)}
        self.row: Row = dict(zip(reads.household_columns, household.values, strict=True))
        self.members: list[Row] = [
            dict(zip(reads.member_columns, member, strict=True)) for member in household.members
        ]
        self.clauses: Mapping[str, Truth] = {}

    def truth(self, node: Condition, row: Row) -> Truth:
        match node:
            case ClauseHolds(code):
                return self.clauses[code]
            case Junction(kind, parts):
                return _junction(kind, [self.truth(part, row) for part in parts])
            case FactHolds(name):
                value = row[f"fact_{name}"]
                return None if value is None else value is True
            case InCodes(name, values):
                value = row[f"fact_{name}"]
                return None if value is None else value in values
            case InArea():
                inside = row["in_area"]
                return None if inside is None else inside is True
            case AnyMember(where):
                return _junction("any", [self.truth(where, member) for member in self.members])
            case Compare(left, operation, right):
                return _compare(self.number(left, row), operation, self.number(right, row))
            case Between(value, low, high):
                middle = self.number(value, row)
                above = _compare(middle, ">=", self.number(low, row))
                return _junction("all", [above, _compare(middle, "<=", self.number(high, row))])
            case Age():
                return self.age(node, row)

    def age(self, node: Age, row: Row) -> Truth:
        index = self.ages[AgeRead(node.on, node.unit)]
        youngest, oldest = row[f"age{index}_low"], row[f"age{index}_high"]
        if not isinstance(youngest, int) or not isinstance(oldest, int):
            return None
        floor = 0 if node.at_least is None else self.rule.constant(node.at_least, self.on)
        fitting = [
            age >= floor and (node.below is None or age < self.rule.constant(node.below, self.on))
            for age in range(youngest, oldest + 1)
        ]
        return any(fitting) if node.reading == "widest" else all(fitting)

    def number(self, node: Number, row: Row) -> Range:
        match node:
            case Whole(value):
                return value, value
            case ParameterValue():
                known = self.rule.constant(node, self.on)
                return known, known
            case FactValue(name):
                fact = row[f"fact_{name}"]
                return (fact, fact) if isinstance(fact, int) else (None, None)
            case Count(where):
                return self.total(Whole(1), where)
            case Sum(of, where):
                return self.total(of, where)
            case Arithmetic(operation, parts):
                return _arithmetic(operation, [self.number(part, row) for part in parts])

    def total(self, of: Number, where: Condition | None) -> Range:
        low: int | None = 0
        high: int | None = 0
        for member in self.members:
            counted = True if where is None else self.truth(where, member)
            if counted is False:
                continue
            least, most = self.number(of, member)
            if counted is None:
                least = None if least is None else min(0, least)
                most = None if most is None else max(0, most)
            low = None if low is None or least is None else low + least
            high = None if high is None or most is None else high + most
        return low, high

    def quantity(self, line: BenefitLine) -> tuple[int, int]:
        if isinstance(line.quantity, Bands):
            low, high = self.bands(line.quantity)
        else:
            low, high = self.number(line.quantity, self.row)
        least = line.minimum if low is None else _settled(line, low)
        most = line.maximum if high is None else _settled(line, high)
        return least, most

    def bands(self, node: Bands) -> Range:
        low, high = self.number(node.of, self.row)
        starts = [self.rule.constant(start, self.on) for start, _ in node.steps]
        given = [0, *(self.rule.constant(quantity, self.on) for _, quantity in node.steps)]
        edges: list[int | None] = [None, *starts, None]
        reached = [
            quantity
            for quantity, (begin, end) in zip(given, pairwise(edges), strict=True)
            if (begin is None or high is None or high >= begin)
            and (end is None or low is None or low < end)
        ]
        return min(reached), max(reached)


def _settled(line: BenefitLine, quantity: int) -> int:
    return min(max(_rounded(line.rounding, max(quantity, 0)), line.minimum), line.maximum)


def _rounded(rounding: Rounding, quantity: int) -> int:
    whole, rest = divmod(quantity, rounding.to)
    up = {"down": False, "up": rest > 0, "nearest": 2 * rest >= rounding.to}[rounding.direction]
    return (whole + (1 if up else 0)) * rounding.to


def _junction(kind: str, parts: list[Truth]) -> Truth:
    if kind == "none":
        answer = _junction("any", parts)
        return None if answer is None else not answer
    deciding = kind == "any"
    if deciding in [part for part in parts if part is not None]:
        return deciding
    return None if None in parts else not deciding


def _compare(left: Range, operation: str, right: Range) -> Truth:
    (left_low, left_high), (right_low, right_high) = left, right
    if operation in (">", ">="):
        mirrored = {">": "<", ">=": "<="}[operation]
        return _compare(right, mirrored, left)
    if operation == "!=":
        same = _compare(left, "==", right)
        return None if same is None else not same
    if operation == "==":
        if left_low is not None and left == right and left_low == left_high:
            return True
        apart = [_compare(left, "<", right), _compare(right, "<", left)]
        return False if True in apart else None
    equal_counts = operation == "<="
    if _below(left_high, right_low, touching=equal_counts):
        return True
    return False if _below(right_high, left_low, touching=not equal_counts) else None


def _below(high: int | None, low: int | None, *, touching: bool) -> bool:
    """Say whether everything up to `high` lies below everything from `low` on, for certain."""
    if high is None or low is None:
        return False
    return high <= low if touching else high < low


def _arithmetic(operation: str, parts: list[Range]) -> Range:
    low, high = parts[0]
    for other_low, other_high in parts[1:]:
        if operation == "plus":
            low = None if low is None or other_low is None else low + other_low
            high = None if high is None or other_high is None else high + other_high
        elif operation == "minus":
            least = None if low is None or other_high is None else low - other_high
            high = None if high is None or other_low is None else high - other_low
            low = least
        else:
            low, high = _product((low, high), (other_low, other_high))
    return low, high


def _product(left: Range, right: Range) -> Range:
    ends = [end for side in (left, right) for end in side]
    if any(end is None for end in ends):
        return None, None
    corners = [a * b for a in left for b in right if a is not None and b is not None]
    return min(corners), max(corners)
