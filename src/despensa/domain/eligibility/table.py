"""
Conditions as rows of a decision table: which of them fit one, and the condition each row stands for.

Decides what a form can show. A row is one test, or some tests joined by all, any or none, of the
household or of one and the same member. What does not fit exactly is no row: it stays a tree.
Holds: `row_of(tree).tree()` is the tree, for every tree that is a row.
Source: docs/reference/rules.md, "Conditions".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from despensa.domain.eligibility.rewrite import is_same

AREA, MEMBERS, AGE_YEARS, AGE_MONTHS = "in_area", "members", "age_years", "age_months"
SUM = "sum:"
_AGES = {AGE_YEARS: "years", AGE_MONTHS: "months"}
Who = Literal["itself", "a_member", "no_member"]
Join = Literal["all", "any", "none", "member_all", "member_any"]
Kind = Literal["area", "boolean", "code", "integer", "age"]
COMPARISONS: Mapping[Kind, tuple[str, ...]] = {
    "area": ("yes", "no"),
    "boolean": ("yes", "no"),
    "code": ("in", "not_in"),
    "integer": ("<", "<=", "==", "!=", ">=", ">", "between"),
    "age": ("at_least", "below", "from_to"),
}
JOINS: tuple[Join, ...] = ("all", "any", "none", "member_all", "member_any")
_ORDER = frozenset(COMPARISONS["integer"]) - {"between"}


@dataclass(frozen=True, slots=True)
class Term:
    """
    One test of a row.

    Shape: `what` is a fact's name, one of the four above, or `sum:` and a fact of members; empty
        while nothing was chosen. `values` are one or two numbers or parameters as they stand in
        the tree, or the codes. `each` multiplies a bound by the number of members.
    """

    what: str = ""
    comparison: str = "yes"
    values: tuple[Any, ...] = ()
    who: Who = "itself"
    each: bool = False

    def tree(self) -> dict[str, Any]:
        """Return the condition this test stands for."""
        inner = self._inner()
        if self.who == "itself":
            return inner
        member = {"any_member": inner}
        return {"none": [member]} if self.who == "no_member" else member

    def _inner(self) -> dict[str, Any]:
        if self.comparison in ("yes", "no"):
            held: dict[str, Any] = {"fact": self.what}
            if self.what == AREA:
                held = {"in_area": "programme"}
            return held if self.comparison == "yes" else {"none": [held]}
        if self.comparison in ("in", "not_in"):
            held = {"in": {"fact": self.what, "values": list(self.values)}}
            return held if self.comparison == "in" else {"none": [held]}
        if self.what in _AGES:
            return {"age": self._age()}
        bounds = [self._bound(value) for value in self.values]
        number = _number(self.what)
        if self.comparison == "between":
            return {"between": {"value": number, "low": bounds[0], "high": bounds[1]}}
        return {"compare": [number, self.comparison, bounds[0]]}

    def _age(self) -> dict[str, Any]:
        bounds: dict[str, Any] = {}
        if self.comparison in ("at_least", "from_to"):
            bounds["at_least"] = self.values[0]
        if self.comparison in ("below", "from_to"):
            bounds["below"] = self.values[-1]
        return bounds if self.what == AGE_YEARS else {**bounds, "unit": "months"}

    def _bound(self, value: object) -> object:
        return {"times": [{"count": {}}, value]} if self.each else value


@dataclass(frozen=True, slots=True)
class Row:
    """The tests of one row and how they hold together; with one test it is that test alone."""

    tests: tuple[Term, ...]
    join: Join = "all"

    def tree(self) -> dict[str, Any]:
        """Return the condition this row stands for."""
        if len(self.tests) == 1:
            return self.tests[0].tree()
        trees = [test.tree() for test in self.tests]
        if self.join in ("member_all", "member_any"):
            return {"any_member": {self.join.removeprefix("member_"): trees}}
        return {self.join: trees}


def row_of(tree: object) -> Row | None:
    """Return the row a condition is, or None when no row says exactly this."""
    row = _row(tree)
    return row if row is not None and is_same(row.tree(), tree) else None


def number_of(tree: object) -> str | None:
    """Return the name of a counted number that a form can choose, or None."""
    if not isinstance(tree, dict):
        return None
    if is_same(tree, {"count": {}}):
        return MEMBERS
    if set(tree) == {"fact"}:
        return str(tree["fact"])
    summed = tree.get("sum")
    if set(tree) == {"sum"} and isinstance(summed, dict) and set(summed) == {"of"}:
        inner = number_of(summed["of"])
        return None if inner is None or inner == MEMBERS else SUM + inner
    return None


def number_tree(what: str) -> dict[str, Any]:
    """Return the number that a name stands for."""
    return _number(what)


def is_constant(tree: object) -> bool:
    """Return whether a tree is a number or a parameter, or what was typed in the place of one."""
    if isinstance(tree, dict):
        return set(tree) == {"parameter"} and isinstance(tree["parameter"], str)
    return isinstance(tree, (int, str)) and not isinstance(tree, bool)


def _number(what: str) -> dict[str, Any]:
    if what == MEMBERS:
        return {"count": {}}
    if what.startswith(SUM):
        return {"sum": {"of": {"fact": what.removeprefix(SUM)}}}
    return {"fact": what}


def _row(tree: object) -> Row | None:
    single = _test(tree)
    if single is not None:
        return Row((single,))
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    [(kind, body)] = tree.items()
    if kind == "any_member" and isinstance(body, dict) and len(body) == 1:
        [(kind, body)] = body.items()
        kind = f"member_{kind}"
    if kind not in JOINS or not isinstance(body, list):
        return None
    tests = [_test(part) for part in body]
    found = [test for test in tests if test is not None]
    if len(found) != len(tests) or len(found) < 2:
        return None
    if kind.startswith("member_") and any(test.who != "itself" for test in found):
        return None
    return Row(tuple(found), kind)


def _test(tree: object) -> Term | None:
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    [(kind, body)] = tree.items()
    if kind == "none" and isinstance(body, list) and len(body) == 1:
        return _negated(body[0])
    if kind == "any_member":
        inner = _test(body)
        return None if inner is None or inner.who != "itself" else _who(inner, "a_member")
    return _simple(kind, body)


def _negated(tree: object) -> Term | None:
    inner = _test(tree)
    if inner is None or inner.who == "no_member":
        return None
    if inner.who == "a_member":
        return _who(inner, "no_member")
    opposite = {"yes": "no", "in": "not_in"}.get(inner.comparison)
    return None if opposite is None else Term(inner.what, opposite, inner.values)


def _who(test: Term, who: Who) -> Term:
    return Term(test.what, test.comparison, test.values, who, test.each)


def _simple(kind: str, body: Any) -> Term | None:
    if kind == "in_area":
        return Term(AREA)
    if kind == "fact" and isinstance(body, str):
        return Term(body)
    if kind == "in" and isinstance(body, dict) and set(body) == {"fact", "values"}:
        values = body["values"]
        return Term(str(body["fact"]), "in", tuple(values)) if isinstance(values, list) else None
    if kind == "age" and isinstance(body, dict):
        return _aged(body)
    if kind == "compare" and isinstance(body, list) and len(body) == 3:
        left, operation, right = body
        return _compared(left, str(operation), [right]) if operation in _ORDER else None
    if kind == "between" and isinstance(body, dict) and set(body) == {"value", "low", "high"}:
        return _compared(body["value"], "between", [body["low"], body["high"]])
    return None


def _aged(body: Mapping[str, Any]) -> Term | None:
    what = {"years": AGE_YEARS, "months": AGE_MONTHS}.get(str(body.get("unit", "years")), "")
    bounds = [body[name] for name in ("at_least", "below") if name in body]
    if not what or not bounds or not set(body) <= {"at_least", "below", "unit"}:
        return None
    comparison = "from_to" if len(bounds) > 1 else "at_least" if "at_least" in body else "below"
    return Term(what, comparison, tuple(bounds)) if all(map(is_constant, bounds)) else None


def _compared(left: object, comparison: str, right: Sequence[object]) -> Term | None:
    what = number_of(left)
    if what is None:
        return None
    inner = [_each(bound) for bound in right]
    if all(bound is not None for bound in inner):
        return Term(what, comparison, tuple(inner), each=True)
    return Term(what, comparison, tuple(right)) if all(map(is_constant, right)) else None


def _each(bound: object) -> object | None:
    """Return what a bound is for each member, or None when it is no such bound."""
    if isinstance(bound, dict) and set(bound) == {"times"}:
        parts = bound["times"]
        if isinstance(parts, list) and len(parts) == 2 and is_same(parts[0], {"count": {}}):
            return parts[1] if is_constant(parts[1]) else None
    return None
