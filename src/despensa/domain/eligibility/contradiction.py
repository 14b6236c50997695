"""
Whether conditions can hold together at all.

Decides it for the checks of the linter, from the numbers and codes alone: conditions joined by
`all` are gathered, those joined by `any` are tried one by one. What it cannot see it takes for
possible, so that a rule is never refused for a contradiction that is none.
Source: docs/reference/rules.md, "What stands between a rule and its publication".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from despensa.domain.eligibility.rule import (
    FACT_MAX,
    MEMBERS_MAX,
    Age,
    AnyMember,
    Arithmetic,
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
    Rule,
    Sum,
    Whole,
)

AGE_MAX = {"years": 200, "months": 2400}
_BRANCHES_MAX = 400
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
Signed = tuple[Condition, bool]


def bounds(rule: Rule, number: Number, on: date) -> tuple[int, int]:
    """Return the lowest and highest value that a number may take on a date."""
    match number:
        case Whole() | ParameterValue():
            known = rule.constant(number, on)
            return known, known
        case FactValue():
            return -FACT_MAX, FACT_MAX
        case Count():
            return 0, MEMBERS_MAX
        case Sum(of, _):
            low, high = bounds(rule, of, on)
            return min(0, low * MEMBERS_MAX), max(0, high * MEMBERS_MAX)
        case Arithmetic(operation, parts):
            low, high = bounds(rule, parts[0], on)
            for part in parts[1:]:
                other = bounds(rule, part, on)
                if operation == "plus":
                    low, high = low + other[0], high + other[1]
                elif operation == "minus":
                    low, high = low - other[1], high - other[0]
                else:
                    corners = [a * b for a in (low, high) for b in other]
                    low, high = min(corners), max(corners)
            return low, high


@dataclass(slots=True)
class _Known:
    """What conditions that hold together leave possible."""

    ranges: dict[object, tuple[int, int]] = field(default_factory=dict)
    excluded: dict[object, set[int]] = field(default_factory=dict)
    answers: dict[object, bool] = field(default_factory=dict)
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    impossible: bool = False

    def copy(self) -> "_Known":
        excluded = {key: set(values) for key, values in self.excluded.items()}
        return _Known(
            dict(self.ranges), excluded, dict(self.answers), dict(self.codes), self.impossible
        )

    def answer(self, key: object, *, is_met: bool) -> None:
        if self.answers.setdefault(key, is_met) is not is_met:
            self.impossible = True

    def narrow(self, key: object, whole: tuple[int, int], operation: str, value: int) -> None:
        low, high = self.ranges.get(key, whole)
        if operation == "!=":
            self.excluded.setdefault(key, set()).add(value)
        if operation in ("<", "<=", "=="):
            high = min(high, value - 1 if operation == "<" else value)
        if operation in (">", ">=", "=="):
            low = max(low, value + 1 if operation == ">" else value)
        self.ranges[key] = low, high
        gaps = self.excluded.get(key, set())
        if low > high or (high - low < len(gaps) and gaps.issuperset(range(low, high + 1))):
            self.impossible = True


class Possibility:
    """Says of the conditions of one rule on one date whether they can hold together."""

    def __init__(self, rule: Rule, on: date) -> None:
        """Begin with the branches this question may take."""
        self.rule = rule
        self.on = on
        self.clauses: Mapping[str, Condition] = {c.code: c.when for c in rule.clauses}
        self.branches = 0

    def is_possible(self, signed: Iterable[Signed]) -> bool:
        """
        Return whether all conditions can come out as signed (met or not met) at once.

        Raises: NotInForce when a parameter has no value on the date.
        """
        self.branches = 0
        return self._possible(list(signed), _Known())

    def age_widths(self, condition: Condition) -> list[tuple[Age, int]]:
        """Return the ages that a condition narrows down, each with how many units it leaves."""
        found = []
        for ages in _age_groups(condition):
            known = _Known()
            for age in ages:
                self._leaf(age, known, is_met=True)
            for low, high in known.ranges.values():
                found.append((ages[0], high - low + 1))
        return found

    def _possible(self, waiting: list[Signed], known: _Known) -> bool:
        self.branches += 1
        if self.branches > _BRANCHES_MAX:
            return True
        choices: list[list[Signed]] = []
        waiting = list(waiting)
        while waiting:
            node, is_met = waiting.pop()
            if isinstance(node, ClauseHolds):
                waiting.append((self.clauses[node.code], is_met))
            elif isinstance(node, Junction):
                inner = [(part, is_met is not (node.kind == "none")) for part in node.parts]
                if is_met is (node.kind != "any") or len(inner) == 1:
                    waiting += inner
                else:
                    choices.append(inner)
            elif is_met or not isinstance(node, (Between, Age)):
                self._leaf(node, known, is_met=is_met)
            else:
                choices.append([(half, True) for half in self._outside(node)])
            if known.impossible:
                return False
        if not choices:
            return True
        first, *rest = choices
        later: list[Signed] = [(Junction("any", tuple(map(_signed, one))), True) for one in rest]
        return any(self._possible([part, *later], known.copy()) for part in first)

    def _outside(self, node: Between | Age) -> list[Condition]:
        if isinstance(node, Between):
            return [Compare(node.value, "<", node.low), Compare(node.value, ">", node.high)]
        halves: list[Condition] = []
        if node.at_least is not None:
            halves.append(Age(None, node.at_least, node.unit, node.on, node.reading))
        if node.below is not None:
            halves.append(Age(node.below, None, node.unit, node.on, node.reading))
        return halves

    def _leaf(self, node: Condition, known: _Known, *, is_met: bool) -> None:
        match node:
            case Compare(left, operation, right):
                self._compare(left, operation if is_met else _OPPOSITE[operation], right, known)
            case Between(value, low, high):
                self._compare(value, ">=", low, known)
                self._compare(value, "<=", high, known)
            case Age():
                key, whole = ("age", node.on, node.unit), (0, AGE_MAX[node.unit])
                if node.at_least is not None:
                    known.narrow(key, whole, ">=", self.rule.constant(node.at_least, self.on))
                if node.below is not None:
                    known.narrow(key, whole, "<", self.rule.constant(node.below, self.on))
            case InCodes(name, values):
                declared = frozenset(self.rule.facts[name].values)
                listed = frozenset(values) if is_met else declared - frozenset(values)
                known.codes[name] = known.codes.get(name, declared) & listed
                known.impossible |= not known.codes[name]
            case FactHolds() | InArea():
                known.answer(node, is_met=is_met)
            case AnyMember(where):
                known.answer(node, is_met=is_met)
                if is_met and not self._possible([(where, True)], _Known()):
                    known.impossible = True
            case _:
                raise TypeError(f"{type(node).__name__} is no single condition")

    def _compare(self, left: Number, operation: str, right: Number, known: _Known) -> None:
        (low, high), other = bounds(self.rule, left, self.on), bounds(self.rule, right, self.on)
        if other[0] == other[1]:
            known.narrow(left, (low, high), operation, other[0])
        elif low == high:
            known.narrow(right, other, _MIRRORED[operation], low)
        else:
            key = ("difference", left, right)
            known.narrow(key, (low - other[1], high - other[0]), operation, 0)


def _signed(one: Signed) -> Condition:
    node, is_met = one
    return node if is_met else Junction("none", (node,))


def _age_groups(node: Any) -> list[list[Age]]:
    """Return the ages asked together of one member, for every member asked about."""
    if isinstance(node, Age):
        return [[node]]
    if isinstance(node, Junction) and node.kind == "all":
        own = [part for part in node.parts if isinstance(part, Age)]
        rest = [group for part in node.parts if part not in own for group in _age_groups(part)]
        return [*([own] if own else []), *rest]
    if isinstance(node, Junction):
        return [group for part in node.parts for group in _age_groups(part)]
    if isinstance(node, (AnyMember, Count, Sum)):
        inner = _age_groups(node.where) if node.where is not None else []
        return inner + (_age_groups(node.of) if isinstance(node, Sum) else [])
    if isinstance(node, Compare):
        return _age_groups(node.left) + _age_groups(node.right)
    if isinstance(node, Between):
        return [group for part in (node.value, node.low, node.high) for group in _age_groups(part)]
    if isinstance(node, Arithmetic):
        return [group for part in node.parts for group in _age_groups(part)]
    return []
