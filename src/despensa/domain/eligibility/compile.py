"""
The set-based reading of a rule: one SQL statement over the frozen tables `household` and `member`.

Decides nothing by itself; the text it makes gives every household the same decision as `evaluate`
(tested on random households with gaps). Unknown is NULL; a number that members leave open is a
pair of a low and a high column, NULL where there is no limit. Only names, codes and numbers that
the parser checked go into the text. Source: docs/explanation/design.md section 7.3.
"""

from dataclasses import dataclass
from datetime import date

from despensa.domain.eligibility.document import Problem, RuleError
from despensa.domain.eligibility.frozen import AgeRead, facts_read
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
    Rule,
    Sum,
    Whole,
)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """
    A rule as SQL for one date.

    Shape: `sql` selects row_id, outcome, clause_states (two bits a clause in the rule's order:
        0 not met, 1 met, 2 unknown) and quantity_0 .. in the order of `units`; one row per
        household, in no order. `codes_sql` turns a column clause_states into the text of codes
        with their state in front, parted by commas.
    """

    sql: str
    codes_sql: str
    units: tuple[str, ...]


def uncompiled_nodes(rule: Rule) -> tuple[Problem, ...]:
    """Return the parts of a rule that version 1 can read but not yet decide, with their place."""
    problems = []
    if rule.subject == "person":
        text = "rules about single persons are not decided yet; write the rule for the household"
        problems.append(Problem(("subject",), text))
    if rule.priority:
        text = "an order of priority is not applied yet; leave it out"
        problems.append(Problem(("priority",), text))
    if rule.budget is not None:
        text = "a budget cap is not applied yet; leave it out and watch the totals at approval"
        problems.append(Problem(("budget",), text))
    return tuple(problems)


def compile_rule(rule: Rule, on: date) -> CompiledRule:
    """
    Return a rule as one SQL statement for the date of a cycle.

    Raises: RuleError when the rule has nodes not yet compiled; NotInForce when a parameter has no
        value on the date.
    Source: DuckDB SQL with CTEs, CASE, FILTER and HUGEINT; no function outside its core.
    """
    problems = uncompiled_nodes(rule)
    if problems:
        raise RuleError(problems)
    return _Writer(rule, on).write()


class _Writer:
    """Writes the statement, gathering what members contribute on the way."""

    def __init__(self, rule: Rule, on: date) -> None:
        self.rule = rule
        self.on = on
        self.ages = {age: index for index, age in enumerate(facts_read(rule).ages)}
        self.member_columns: dict[str, str] = {}
        self.totals: list[str] = []
        self.counts: dict[Condition | None, str] = {}
        self.sums: dict[Sum, Pair] = {}

    def write(self) -> CompiledRule:
        rule = self.rule
        clauses = [
            f"{self.truth(clause.when)} AS {_clause(rule, clause.code)}" for clause in rule.clauses
        ]
        quantities: list[str] = []
        for index, line in enumerate(rule.benefit):
            low, high = self.quantity(line)
            quantities += [f"{low} AS low_{index}", f"{high} AS high_{index}"]
        settled: list[str] = []
        for index, line in enumerate(rule.benefit):
            settled += [
                f"{_settled(line, f'low_{index}', line.minimum)} AS least_{index}",
                f"{_settled(line, f'high_{index}', line.maximum)} AS most_{index}",
            ]
        right = f"{self.truth(rule.entitled_when)} AS entitled"
        names = [_clause(rule, clause.code) for clause in rule.clauses]
        sql = f"""
WITH totals AS ({self._totals()}),
judged AS (
  SELECT household.row_id, {", ".join([*clauses, *quantities])}
  FROM household LEFT JOIN totals ON totals.row_id = household.row_id
),
settled AS (SELECT row_id, {", ".join([*names, right, *settled])} FROM judged)
SELECT row_id, {self._outcome()} AS outcome, {_states(names)} AS clause_states,
  {", ".join(_given(line, i) for i, line in enumerate(rule.benefit))}
FROM settled"""  # noqa: S608 - every part was made here from checked names and numbers
        return CompiledRule(sql, _codes(rule), tuple(line.unit for line in rule.benefit))

    def _totals(self) -> str:
        if not self.totals:
            return "SELECT row_id FROM household WHERE false"
        columns = [f"{sql} AS {name}" for sql, name in self.member_columns.items()]
        inner = ", ".join(["member.row_id", *columns])
        outer = ", ".join(["row_id", *self.totals])
        return f"SELECT {outer} FROM (SELECT {inner} FROM member) AS seen GROUP BY row_id"  # noqa: S608

    def _outcome(self) -> str:
        count = len(self.rule.benefit)
        unsure = " OR ".join(f"least_{i} <> most_{i}" for i in range(count))
        return (
            f"CASE WHEN NOT entitled THEN {NOT_ENTITLED} "
            f"WHEN entitled AND NOT ({unsure}) THEN {ENTITLED} ELSE {NEEDS_INFORMATION} END"
        )

    def truth(self, node: Condition) -> str:
        match node:
            case ClauseHolds(code):
                return _clause(self.rule, code)
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
                return _compared(self.count(where), ">=", _exact("1::HUGEINT"))
            case Compare(left, operation, right):
                return _compared(self.number(left), operation, self.number(right))
            case Between(value, low, high):
                middle = self.number(value)
                above = _compared(middle, ">=", self.number(low))
                return f"({above} AND {_compared(middle, '<=', self.number(high))})"
            case Age():
                return self.age(node)

    def age(self, node: Age) -> str:
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
        match node:
            case Whole() | ParameterValue():
                return _exact(f"{_literal(self.rule.constant(node, self.on))}")
            case FactValue(name):
                return _exact(f"fact_{name}::HUGEINT")
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
        return _exact(sure) if where is None else (sure, f"({sure} + COALESCE({name}_open, 0))")

    def sum(self, node: Sum) -> Pair:
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


def _exact(sql: str) -> Pair:
    return sql, sql


def _literal(value: int) -> str:
    return f"({value})::HUGEINT"


def _clause(rule: Rule, code: str) -> str:
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
        return _exact(f"({left[0]} * {right[0]})")
    corners = ", ".join(dict.fromkeys(f"{a} * {b}" for a in left for b in right))
    ends = " OR ".join(f"{end} IS NULL" for end in dict.fromkeys([*left, *right]))
    return (
        f"(CASE WHEN {ends} THEN NULL ELSE LEAST({corners}) END)",
        f"(CASE WHEN {ends} THEN NULL ELSE GREATEST({corners}) END)",
    )


def _pair(low: str, high: str, left: Pair, right: Pair) -> Pair:
    exact = left[0] == left[1] and right[0] == right[1]
    return _exact(low) if exact else (low, high)


def _settled(line: BenefitLine, column: str, without: int) -> str:
    whole, to = f"GREATEST({column}, 0)", line.rounding.to
    rest = f"({whole} % {to})"
    extra = {
        "down": "0",
        "up": f"(CASE WHEN {rest} > 0 THEN {to} ELSE 0 END)",
        "nearest": f"(CASE WHEN 2 * {rest} >= {to} THEN {to} ELSE 0 END)",
    }[line.rounding.direction]
    rounded = whole if to == 1 else f"{whole} - {rest} + {extra}"
    return (
        f"(CASE WHEN {column} IS NULL THEN {without} "
        f"ELSE LEAST(GREATEST({rounded}, {line.minimum}), {line.maximum}) END)::BIGINT"
    )


def _given(line: BenefitLine, index: int) -> str:
    least, most = f"least_{index}", f"most_{index}"
    return (
        f"CASE WHEN entitled IS NULL THEN {line.while_unknown} WHEN NOT entitled THEN 0 "
        f"WHEN {least} = {most} THEN {least} "
        f"ELSE GREATEST({least}, {line.while_unknown}) END::BIGINT AS quantity_{index}"
    )


def _states(names: list[str]) -> str:
    parts = [
        f"(CASE WHEN {name} THEN 1 WHEN {name} IS NULL THEN 2 ELSE 0 END)::BIGINT * {4**index}"
        for index, name in enumerate(names)
    ]
    return " + ".join(parts)


def _codes(rule: Rule) -> str:
    parts = [
        f"CASE (clause_states // {4**index}) % 4 "
        f"WHEN 0 THEN '-{clause.code}' WHEN 1 THEN '+{clause.code}' ELSE '?{clause.code}' END"
        for index, clause in enumerate(rule.clauses)
    ]
    return " || ',' || ".join(parts)
