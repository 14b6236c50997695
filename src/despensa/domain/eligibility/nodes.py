"""
From checked trees to conditions and numbers: names, scopes, signs and sizes.

Decides whether every name in a condition exists and may stand where it stands, and which reading
of an uncertain age favours the person. A condition that helps towards the right takes the widest
reading, one that stands in the way (inside `none`, or under "fewer than") the narrowest.
Source: docs/explanation/design.md section 5 (age clauses) and 7.1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from despensa.domain.eligibility.document import Path, Problem
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.rule import (
    FACT_MAX,
    MEMBERS_MAX,
    Age,
    AnyMember,
    Arithmetic,
    Bands,
    Between,
    ClauseHolds,
    Compare,
    Condition,
    Constant,
    Count,
    FactDeclaration,
    FactHolds,
    FactValue,
    InArea,
    InCodes,
    Junction,
    Number,
    ParameterValue,
    Reading,
    RuleParameter,
    Scope,
    Sum,
    Whole,
)
from despensa.domain.sentence import Name, Value

NUMBER_MAX = 10**36
_SIGN_OF = {">": (1, -1), ">=": (1, -1), "<": (-1, 1), "<=": (-1, 1), "==": (0, 0), "!=": (0, 0)}


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a node stands: its path, whose facts it sees, whether meeting it helps (+1, 0, -1).

    An `applicant` is the person a rule about persons decides: the facts of the person and those of
    the household are both in sight.
    """

    path: Path
    scope: Scope
    sign: int

    def at(self, *steps: str | int) -> "Place":
        """Return the same place further down the tree."""
        return Place((*self.path, *steps), self.scope, self.sign)

    def signed(self, factor: int) -> "Place":
        """Return the same place with its sign multiplied."""
        return Place(self.path, self.scope, self.sign * factor)


@dataclass(slots=True)
class NodeReader:
    """Builds conditions and numbers from trees that already fit the schema."""

    facts: Mapping[str, FactDeclaration]
    parameters: Mapping[str, RuleParameter]
    clause_signs: dict[str, set[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, path: Path, code: str, **parameters: Value) -> None:
        """Note a problem and go on, so that all of them are found at once."""
        self.problems.append(Problem(path, RuleFault(code, **parameters)))

    def condition(self, tree: Mapping[str, Any], place: Place) -> Condition:
        """Return the condition a one-key tree stands for."""
        (kind, body), *_ = tree.items()
        readers: dict[str, Callable[[Any, Place], Condition]] = {
            "clause": self._clause,
            "fact": self._holds,
            "in_area": self._in_area,
            "any_member": self._any_member,
            "compare": self._compare,
            "between": self._between,
            "in": self._codes,
            "age": self._age,
        }
        if kind in ("all", "any", "none"):
            inner = place.at(kind).signed(-1 if kind == "none" else 1)
            parts = tuple(self.condition(part, inner.at(i)) for i, part in enumerate(body))
            return Junction(kind, parts)  # type: ignore[arg-type]
        return readers[kind](body, place.at(kind))

    def number(self, tree: Any, place: Place) -> Number:
        """Return the number a tree stands for."""
        if isinstance(tree, int):
            return Whole(tree)
        (kind, body), *_ = tree.items()
        here = place.at(kind)
        if kind == "parameter":
            return self.constant(tree, place)
        if kind == "fact":
            self._declared(body, "integer", here)
            return FactValue(body)
        if kind in ("count", "sum"):
            return self._over_members(kind, body, here)
        return self._arithmetic(kind, body, here)

    def constant(self, tree: Any, place: Place) -> Constant:
        """Return a whole number or the name of a dated parameter."""
        if isinstance(tree, int):
            return Whole(tree)
        name = tree["parameter"]
        if name not in self.parameters:
            self.fault((*place.path, "parameter"), "parameter_unknown", name=name)
        return ParameterValue(name)

    def bands(self, body: Mapping[str, Any], place: Place) -> Bands:
        """Return a quantity by steps; the sign inside follows the direction of the quantities."""
        steps = tuple(
            (
                self.constant(step["from"], place.at("steps", i, "from")),
                self.constant(step["quantity"], place.at("steps", i, "quantity")),
            )
            for i, step in enumerate(body["steps"])
        )
        quantities = [self.bounds(quantity)[0] for _, quantity in steps]
        rising = quantities == sorted(quantities) and quantities[0] >= 0
        return Bands(self.number(body["of"], place.at("of").signed(1 if rising else 0)), steps)

    def bounds(self, number: Number) -> tuple[int, int]:
        """Return the lowest and highest value a number could ever take."""
        if isinstance(number, Whole):
            return number.value, number.value
        if isinstance(number, ParameterValue):
            known = self.parameters.get(number.name)
            values = [dated.value for dated in known.values] if known else [0]
            return min(values), max(values)
        if isinstance(number, FactValue):
            return -FACT_MAX, FACT_MAX
        if isinstance(number, Count):
            return 0, MEMBERS_MAX
        if isinstance(number, Sum):
            low, high = self.bounds(number.of)
            return min(0, low * MEMBERS_MAX), max(0, high * MEMBERS_MAX)
        return self._arithmetic_bounds(number)

    def _arithmetic_bounds(self, number: Arithmetic) -> tuple[int, int]:
        parts = [self.bounds(part) for part in number.parts]
        if number.operation == "plus":
            return sum(low for low, _ in parts), sum(high for _, high in parts)
        if number.operation == "minus":
            return parts[0][0] - parts[1][1], parts[0][1] - parts[1][0]
        low, high = parts[0]
        for other_low, other_high in parts[1:]:
            corners = [a * b for a in (low, high) for b in (other_low, other_high)]
            low, high = min(corners), max(corners)
        return low, high

    def _clause(self, code: str, place: Place) -> Condition:
        if place.path[0] != "entitled_when":
            is_order = place.path[0] == "priority"
            self.fault(place.path, "clause_in_order" if is_order else "clause_in_clause")
        self.clause_signs.setdefault(code, set()).add(place.sign)
        return ClauseHolds(code)

    def _holds(self, name: str, place: Place) -> Condition:
        self._declared(name, "boolean", place)
        return FactHolds(name)

    def _in_area(self, _body: str, place: Place) -> Condition:
        if place.scope == "person":
            self.fault(place.path, "area_of_member")
        return InArea()

    def _any_member(self, body: Mapping[str, Any], place: Place) -> Condition:
        return AnyMember(self.condition(body, self._members(place)))

    def _compare(self, body: list[Any], place: Place) -> Condition:
        left, right = _SIGN_OF[body[1]]
        return Compare(
            self.number(body[0], place.at(0).signed(left)),
            body[1],
            self.number(body[2], place.at(2).signed(right)),
        )

    def _between(self, body: Mapping[str, Any], place: Place) -> Condition:
        return Between(
            self.number(body["value"], place.at("value").signed(0)),
            self.number(body["low"], place.at("low").signed(-1)),
            self.number(body["high"], place.at("high")),
        )

    def _codes(self, body: Mapping[str, Any], place: Place) -> Condition:
        fact = self._declared(body["fact"], "code", place.at("fact"))
        for index, value in enumerate(body["values"]):
            if fact and value not in fact.values:
                where = place.at("values", index).path
                self.fault(
                    where,
                    "no_such_value",
                    found=value,
                    name=Name("fact", fact.name),
                    known=fact.values,
                )
        return InCodes(body["fact"], tuple(body["values"]))

    def _age(self, body: Mapping[str, Any], place: Place) -> Condition:
        if place.scope == "household":
            self.fault(place.path, "age_of_household")
        by_sign: dict[int, Reading] = {1: "widest", -1: "narrowest"}
        reading: Reading | None = body.get("reading") or by_sign.get(place.sign)
        if reading is None:
            self.fault(place.path, "age_open")
        bounds = {
            name: self.constant(body[name], place.at(name)) if name in body else None
            for name in ("at_least", "below")
        }
        on = self.day(body["on"], place.at("on").path) if "on" in body else None
        unit = body.get("unit", "years")
        return Age(bounds["at_least"], bounds["below"], unit, on, reading or "widest")

    def day(self, text: str, path: Path) -> date:
        """Return a calendar day; a day that does not exist is a problem."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(path, "no_day", found=text)
            return date(1970, 1, 1)

    def _over_members(self, kind: str, body: Mapping[str, Any], place: Place) -> Number:
        inner = self._members(place)
        if kind == "count":
            where = body.get("where")
            return Count(self.condition(where, inner.at("where")) if where else None)
        of = self.number(body["of"], inner.at("of"))
        where_place = inner.at("where").signed(1 if self.bounds(of)[0] >= 0 else 0)
        where = body.get("where")
        return Sum(of, self.condition(where, where_place) if where else None)

    def _arithmetic(self, kind: str, body: list[Any], place: Place) -> Number:
        signs = [1] * len(body)
        if kind == "minus":
            signs = [1, -1]
        if kind == "times":
            # a first pass measures the factors; their faults and signs come with the second
            measured = [self.number(part, place.at(i)) for i, part in enumerate(body)]
            signs = [1 if all(self.bounds(part)[0] >= 0 for part in measured) else 0] * len(body)
            self._forget(place.path)
        parts = tuple(
            self.number(part, place.at(i).signed(sign))
            for i, (part, sign) in enumerate(zip(body, signs, strict=True))
        )
        result = Arithmetic(kind, parts)  # type: ignore[arg-type]
        if max(abs(bound) for bound in self.bounds(result)) > NUMBER_MAX:
            self.fault(place.path, "too_large")
        return result

    def _forget(self, path: Path) -> None:
        self.problems[:] = [
            problem for problem in self.problems if problem.path[: len(path)] != path
        ]

    def _members(self, place: Place) -> Place:
        if place.scope == "person":
            self.fault(place.path, "members_inside")
        return Place(place.path, "person", place.sign)

    def _declared(self, name: str, kind: str, place: Place) -> FactDeclaration | None:
        fact = self.facts.get(name)
        if fact is None:
            self.fault(place.path, "fact_undeclared", name=name)
        elif fact.type != kind:
            is_one, wanted = RuleFault(f"type_{fact.type}"), RuleFault(f"type_{kind}")
            named = Name("fact", name)
            self.fault(place.path, "fact_other_type", name=named, found=is_one, wanted=wanted)
        elif place.scope not in ("applicant", fact.of):
            self.fault(place.path, f"fact_of_{fact.of}", name=Name("fact", name))
        return fact
