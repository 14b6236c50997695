"""
Conditions and numbers of a rule as SQL expressions, with what members contribute to them.

Unknown is NULL; a number that members leave open is a pair of a low and a high column, NULL where
there is no limit. Only names, codes and numbers that the parser checked go into the text.
Source: docs/explanation/design.md section 7.3.
"""

from datetime import date

from despensa.domain.eligibility.frozen import AgeRead, facts_read
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

Pair = tuple[str, str]


class Expressions:
    """Writes the expressions of one rule for one date, gathering totals over members on the way."""

    def __init__(self, rule: Rule, on: date) -> None:
        """Begin without any total."""
        self.rule = rule
        self.on = on
        self.ages = {age: index for index, age in enumerate(facts_read(rule).ages)}
        self.member_columns: dict[str, str] = {}
        self.totals: list[str] = []
        self.counts: dict[Condition | None, str] = {}
        self.sums: dict[Sum, Pair] = {}

    def totals_select(self) -> str:
        """Return the query of all totals asked for so far, one row per household with members."""
        if not self.totals:
            return "SELECT row_id FROM household WHERE false"
        columns = [f"{sql} AS {name}" for sql, name in self.member_columns.items()]
        inner = ", ".join(["member.row_id", *columns])
        outer = ", ".join(["row_id", *self.totals])
        return f"SELECT {outer} FROM (SELECT {inner} FROM member) AS seen GROUP BY row_id"  # noqa: S608

    def truth(self, node: Condition) -> str:
        """Return a condition: true, false, or NULL where it is unknown."""
        match node:
            case ClauseHolds(code):
                return clause_column(self.rule, code)
            case Junction(kind, parts):
                word = " AND " if kind == "all" else " OR "
                joined = word.join(self.truth(part) for part in parts)
                return f"(NOT ({joined}))" if kind == "none" else f"({joined})"
            case FactHolds(name):
                return f"fact_{name}"
            case InCodes(name, values):
                listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
                return f"(fact_{name} IN ({listed}))"
            case InArea():
                return "in_area"
            case AnyMember(where):
                return _compared(self.count(where), ">=", exact("1::HUGEINT"))
            case Compare(left, operation, right):
                return _compared(self.number(left), operation, self.number(right))
            case Between(value, low, high):
                middle = self.number(value)
                above = _compared(middle, ">=", self.number(low))
                return f"({above} AND {_compared(middle, '<=', self.number(high))})"
            case Age():
                return self.age(node)

    def age(self, node: Age) -> str:
        """Return an age condition, by the reading the rule chose."""
        index = self.ages[AgeRead(node.on, node.unit)]
        low, high = f"age{index}_low", f"age{index}_high"
        floor = 0 if node.at_least is None else self.rule.constant(node.at_least, self.on)
        below = None if node.below is None else self.rule.constant(node.below, self.on)
        if below is not None and below <= max(floor, 0):
            return f"({low} < 0)"  # no age fits: false where an age is known, unknown elsewhere
        oldest, youngest = (high, low) if node.reading == "widest" else (low, high)
        upper = "" if below is None else f" AND {youngest} < {below}"
        return f"({oldest} >= {floor}{upper})"

    def number(self, node: Number) -> Pair:
        """Return the lowest and highest value of a number; equal texts where it is exact."""
        match node:
            case Whole() | ParameterValue():
                return exact(f"{_literal(self.rule.constant(node, self.on))}")
            case FactValue(name):
                return exact(f"fact_{name}::HUGEINT")
            case Count(where):
                return self.count(where)
            case Sum():
                return self.sum(node)
            case Arithmetic(operation, parts):
                result = self.number(parts[0])
                for part in parts[1:]:
                    result = _calculated(operation, result, self.number(part))
                return result

    def count(self, where: Condition | None) -> Pair:
        """Return how many members meet a condition for certain, and how many may."""
        if where not in self.counts:
            name = f"count_{len(self.counts)}"
            self.counts[where] = name
            if where is None:
                self.totals.append(f"count(*) AS {name}_sure")
            else:
                seen = self.seen(self.truth(where))
                self.totals.append(f"count(*) FILTER (WHERE {seen}) AS {name}_sure")
                self.totals.append(f"count(*) FILTER (WHERE {seen} IS NULL) AS {name}_open")
        name = self.counts[where]
        sure = f"COALESCE({name}_sure, 0)::HUGEINT"
        return exact(sure) if where is None else (sure, f"({sure} + COALESCE({name}_open, 0))")

    def sum(self, node: Sum) -> Pair:
        """Return the lowest and highest sum over the members who meet, or may meet, a condition."""
        if node not in self.sums:
            name = f"sum_{len(self.sums)}"
            counted = "true" if node.where is None else self.truth(node.where)
            seen = self.seen(f"({counted})")
            for end, bound, value in zip(
                ("low", "high"), ("LEAST", "GREATEST"), self.number(node.of), strict=True
            ):
                amount = self.seen(f"({value})")
                share = (
                    f"CASE WHEN {seen} THEN {amount} "
                    f"WHEN {seen} IS NULL THEN {bound}({amount}, 0) END"
                )
                lost = f"count(*) FILTER (WHERE ({seen} IS NOT FALSE) AND {amount} IS NULL)"
                self.totals.append(
                    f"CASE WHEN {lost} = 0 THEN COALESCE(sum({share}), 0)::HUGEINT END "
                    f"AS {name}_{end}, true AS {name}_{end}_there"
                )
            low, high = (
                f"CASE WHEN {name}_{end}_there THEN {name}_{end} ELSE 0::HUGEINT END"
                for end in ("low", "high")
            )
            self.sums[node] = low, high
        return self.sums[node]

    def seen(self, sql: str) -> str:
        """Name an expression over one member, so that it is worked out once."""
        return self.member_columns.setdefault(sql, f"seen_{len(self.member_columns)}")

    def quantity(self, line: BenefitLine) -> Pair:
        """Return the least and most of a benefit line, before rounding and limits."""
        if not isinstance(line.quantity, Bands):
            return self.number(line.quantity)
        low, high = self.number(line.quantity.of)
        starts = [self.rule.constant(start, self.on) for start, _ in line.quantity.steps]
        given = [0, *(self.rule.constant(amount, self.on) for _, amount in line.quantity.steps)]
        if low == high:
            known = " ".join(
                f"WHEN {low} >= {start} THEN {amount}"
                for start, amount in reversed(list(zip(starts, given[1:], strict=True)))
            )
            below = f"WHEN {low} < {starts[0]} THEN 0"
            least, most = min(given), max(given)
            return (
                f"(CASE {known} {below} ELSE {least} END)::HUGEINT",
                f"(CASE {known} {below} ELSE {most} END)::HUGEINT",
            )
        reached = [f"CASE WHEN ({low} < {starts[0]}) IS NOT FALSE THEN 0 END"]
        for index, start in enumerate(starts):
            until = ""
            if index + 1 < len(starts):
                until = f" AND ({low} < {starts[index + 1]}) IS NOT FALSE"
            reached.append(
                f"CASE WHEN ({high} >= {start}) IS NOT FALSE{until} THEN {given[index + 1]} END"
            )
        listed = ", ".join(reached)
        return f"LEAST({listed})::HUGEINT", f"GREATEST({listed})::HUGEINT"


def exact(sql: str) -> Pair:
    """Return the pair of a number that is not open."""
    return sql, sql


def _literal(value: int) -> str:
    return f"({value})::HUGEINT"


def clause_column(rule: Rule, code: str) -> str:
    """Return the column in which a clause's state stands."""
    index = next(i for i, clause in enumerate(rule.clauses) if clause.code == code)
    return f"clause_{index}"


def _compared(left: Pair, operation: str, right: Pair) -> str:
    if left[0] == left[1] and right[0] == right[1]:
        sign = {"==": "=", "!=": "<>"}.get(operation, operation)
        return f"({left[0]} {sign} {right[0]})"
    if operation in (">", ">="):
        return _compared(right, {">": "<", ">=": "<="}[operation], left)
    if operation == "!=":
        return f"(NOT {_compared(left, '==', right)})"
    (left_low, left_high), (right_low, right_high) = left, right
    if operation == "==":
        return (
            f"(CASE WHEN {left_low} = {left_high} AND {right_low} = {right_high} "
            f"AND {left_low} = {right_low} THEN TRUE "
            f"WHEN {left_high} < {right_low} OR {right_high} < {left_low} THEN FALSE END)"
        )
    opposite = {"<": ">=", "<=": ">"}[operation]
    return (
        f"(CASE WHEN {left_high} {operation} {right_low} THEN TRUE "
        f"WHEN {left_low} {opposite} {right_high} THEN FALSE END)"
    )


def _calculated(operation: str, left: Pair, right: Pair) -> Pair:
    if operation == "plus":
        return _pair(f"({left[0]} + {right[0]})", f"({left[1]} + {right[1]})", left, right)
    if operation == "minus":
        return _pair(f"({left[0]} - {right[1]})", f"({left[1]} - {right[0]})", left, right)
    if left[0] == left[1] and right[0] == right[1]:
        return exact(f"({left[0]} * {right[0]})")
    corners = ", ".join(dict.fromkeys(f"{a} * {b}" for a in left for b in right))
    ends = " OR ".join(f"{end} IS NULL" for end in dict.fromkeys([*left, *right]))
    return (
        f"(CASE WHEN {ends} THEN NULL ELSE LEAST({corners}) END)",
        f"(CASE WHEN {ends} THEN NULL ELSE GREATEST({corners}) END)",
    )


def _pair(low: str, high: str, left: Pair, right: Pair) -> Pair:
    known = left[0] == left[1] and right[0] == right[1]
    return exact(low) if known else (low, high)
