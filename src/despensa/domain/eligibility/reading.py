"""
The independent reading of conditions and numbers: plain Python, three answers.

Decides what one condition, number, quantity or place in the order is for one household. Unknown
stays unknown: a number is held as the lowest and highest value it can have (None where there is no
limit), and a comparison is only answered when every value in between gives the same answer.
Shares nothing with `compile` but the rule's parts, so that each can check the other.
Source: docs/explanation/design.md section 7.3.
"""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from despensa.domain.eligibility.frozen import AgeRead, FrozenHousehold, Value, facts_read
from despensa.domain.eligibility.rule import (
    Age,
    AnyMember,
    Arithmetic,
    Bands,
    BenefitLine,
    Between,
    ClauseHolds,
    Compare,
    Condition,
    Constant,
    Count,
    FactHolds,
    FactValue,
    First,
    Highest,
    InArea,
    InCodes,
    Junction,
    Lowest,
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


class Reading:
    """One rule on one date, reading one household after the other."""

    def __init__(self, rule: Rule, on: date) -> None:
        """Look up once what every household is read for."""
        reads = facts_read(rule)
        self.rule = rule
        self.on = on
        self.ages = {age: index for index, age in enumerate(reads.ages)}
        self.columns = reads.household_columns, reads.member_columns
        self.constants: dict[Constant, int] = {}
        self.members: list[Row] = []
        self.clauses: Mapping[str, Truth] = {}

    def rows(self, household: FrozenHousehold) -> list[Row]:
        """
        Turn to a household and return the rows that are decided: itself, or each of its members.

        Shape: a row of a member holds the columns of the household too.
        """
        heads, columns = self.columns
        own: Row = dict(zip(heads, household.values, strict=True))
        self.members = [dict(zip(columns, m, strict=True)) for m in household.members]
        if self.rule.subject == "household":
            return [own]
        return [{**own, **member} for member in self.members]

    def states(self, row: Row) -> tuple[Truth, ...]:
        """Return what each clause is for a row, in the rule's order, and keep it for `truth`."""
        states = tuple(self.truth(clause.when, row) for clause in self.rule.clauses)
        codes = [clause.code for clause in self.rule.clauses]
        self.clauses = dict(zip(codes, states, strict=True))
        return states

    def place(self, row: Row) -> tuple[int, ...]:
        """
        Return where a row stands when money ends; the lowest comes first, equal ones together.

        Shape: one number for a condition or a lot, two for a number: whether it is unknown, and
            itself, negative where the highest comes first. What is open counts for the person.
        Source: docs/reference/rules.md, "When money ends".
        """
        place: list[int] = []
        for step in self.rule.priority:
            if isinstance(step, First):
                place.append({True: 0, None: 1, False: 2}[self.truth(step.when, row)])
            elif isinstance(step, (Highest, Lowest)):
                low, high = self.number(step.by, row)
                ends = (high, low) if isinstance(step, Highest) else (low, high)
                best = ends[0] if ends[0] is not None else ends[1]
                sign = -1 if isinstance(step, Highest) else 1
                place += (1, 0) if best is None else (0, sign * best)
            else:
                lot = row["lot"]
                place.append(lot if isinstance(lot, int) else 0)
        return tuple(place)

    def truth(self, node: Condition, row: Row) -> Truth:
        """Return whether a condition holds: yes, no, or unknown."""
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
        """Return whether an age fits, by the reading the rule chose."""
        index = self.ages[AgeRead(node.on, node.unit)]
        youngest, oldest = row[f"age{index}_low"], row[f"age{index}_high"]
        if not isinstance(youngest, int) or not isinstance(oldest, int):
            return None
        floor = 0 if node.at_least is None else self.constant(node.at_least)
        below = None if node.below is None else self.constant(node.below)
        fitting = (
            age >= floor and (below is None or age < below) for age in range(youngest, oldest + 1)
        )
        return any(fitting) if node.reading == "widest" else all(fitting)

    def constant(self, node: Constant) -> int:
        """Return the number a constant stands for on the date."""
        if node not in self.constants:
            self.constants[node] = self.rule.constant(node, self.on)
        return self.constants[node]

    def number(self, node: Number, row: Row) -> Range:
        """Return the lowest and highest value a number can have."""
        match node:
            case Whole(value):
                return value, value
            case ParameterValue():
                known = self.constant(node)
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
        """Return the sum over the members who meet, or may meet, a condition."""
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

    def quantity(self, line: BenefitLine, row: Row) -> tuple[int, int]:
        """Return the least and most that a line may come to, rounded and within its limits."""
        if isinstance(line.quantity, Bands):
            low, high = self.bands(line.quantity, row)
        else:
            low, high = self.number(line.quantity, row)
        least = line.minimum if low is None else _settled(line, low)
        most = line.maximum if high is None else _settled(line, high)
        return least, most

    def bands(self, node: Bands, row: Row) -> Range:
        """Return the least and most of the steps that a number may reach."""
        low, high = self.number(node.of, row)
        starts = [self.constant(start) for start, _ in node.steps]
        given = [0, *(self.constant(quantity) for _, quantity in node.steps)]
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
