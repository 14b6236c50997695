"""
The set-based reading of a rule: one SQL statement over the frozen tables `household` and `member`.

Decides nothing by itself; the text it makes gives every household the same decision as `evaluate`
(tested on random households with gaps). What a condition or number looks like in SQL is in
`expressions`; here are the steps from them to outcomes, budgets and households.
Source: docs/explanation/design.md section 7.3.
"""

from dataclasses import dataclass
from datetime import date

from despensa.domain.eligibility.expressions import Expressions, clause_column
from despensa.domain.eligibility.rule import (
    BUDGET_CODE,
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    BenefitLine,
    Budget,
    First,
    Highest,
    Lowest,
    Priority,
    Rule,
)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """
    A rule as SQL for one date.

    Shape: `sql` selects row_id, outcome, clause_states (two bits a clause in the rule's order:
        0 not met, 1 met, 2 unknown; then two for the budget: 1 reached, 2 not reached) and
        quantity_0 .. in the order of `units`; one row per household, in no order. `codes_sql`
        turns a column clause_states into the text of codes with their state in front, parted by
        commas. `border_sql`, of a rule with a budget, selects how many it did not reach, and the
        place in the order of the last it did, NULL when there are none.
    """

    sql: str
    codes_sql: str
    border_sql: str | None
    units: tuple[str, ...]


def compile_rule(rule: Rule, on: date) -> CompiledRule:
    """
    Return a rule as one SQL statement for the date of a cycle.

    Raises: NotInForce when a parameter has no value on the date.
    Source: DuckDB SQL with CTEs, CASE, FILTER, one window and HUGEINT; no function outside its
        core.
    """
    steps = _steps(rule, on)
    border = None
    if rule.budget is not None:
        until = list(steps)[: list(steps).index("ranked") + 1]
        border = _statement({name: steps[name] for name in until}, _border(rule))
    *names, last = steps
    sql = _statement({name: steps[name] for name in names}, steps[last])
    return CompiledRule(sql, _codes(rule), border, tuple(line.unit for line in rule.benefit))


def _statement(steps: dict[str, str], select: str) -> str:
    tables = ",\n".join(f"{name} AS ({sql})" for name, sql in steps.items())
    return f"WITH {tables}\n{select}"


def _steps(rule: Rule, on: date) -> dict[str, str]:
    """Return the named steps of the statement in order; the last one is what it selects."""
    written = Expressions(rule, on)
    judged = [
        f"{written.truth(clause.when)} AS {clause_column(rule, clause.code)}"
        for clause in rule.clauses
    ]
    for index, line in enumerate(rule.benefit):
        low, high = written.quantity(line)
        judged += [f"{low} AS low_{index}", f"{high} AS high_{index}"]
    keys = [key for step in rule.priority for key in _keys(written, step)] if rule.budget else []
    judged += [f"{sql} AS key_{index}" for index, sql in enumerate(keys)]
    ordered = [f"key_{index}" for index in range(len(keys))]
    applicants = "household"
    if rule.subject == "person":
        applicants = "member JOIN household ON household.row_id = member.row_id"
    steps = {
        "totals": written.totals_select(),
        "judged": f"""SELECT household.row_id, {", ".join(judged)}
  FROM {applicants} LEFT JOIN totals ON totals.row_id = household.row_id""",  # noqa: S608
        "settled": _settled_select(rule, written.truth(rule.entitled_when), ordered),
        "claimed": _claimed(rule, ordered),
    }
    if rule.budget is not None:
        steps["ranked"] = _ranked(rule, rule.budget, on, ordered)
        steps["paid"] = _paid(rule, rule.budget)
    if rule.subject == "person":
        steps["joined"] = _joined(rule, list(steps)[-1])
    return steps


def _keys(written: Expressions, step: Priority) -> list[str]:
    if isinstance(step, First):
        met = written.truth(step.when)
        return [f"(CASE WHEN {met} THEN 0 WHEN NOT {met} THEN 2 ELSE 1 END)::HUGEINT"]
    if not isinstance(step, (Highest, Lowest)):
        return ["lot::HUGEINT"]
    low, high = written.number(step.by)
    ends = (high, low) if isinstance(step, Highest) else (low, high)
    best = low if low == high else f"COALESCE({', '.join(ends)})"
    sign = "-" if isinstance(step, Highest) else ""
    return [
        f"(CASE WHEN {best} IS NULL THEN 1 ELSE 0 END)::HUGEINT",
        f"COALESCE({sign}({best}), 0)::HUGEINT",
    ]


def _settled_select(rule: Rule, entitled: str, kept: list[str]) -> str:
    settled = [clause_column(rule, clause.code) for clause in rule.clauses]
    settled.append(f"{entitled} AS entitled")
    for index, line in enumerate(rule.benefit):
        settled += [
            f"{_settled(line, f'low_{index}', line.minimum)} AS least_{index}",
            f"{_settled(line, f'high_{index}', line.maximum)} AS most_{index}",
        ]
    return f"SELECT row_id, {', '.join([*settled, *kept])} FROM judged"  # noqa: S608


def _claimed(rule: Rule, kept: list[str]) -> str:
    names = [clause_column(rule, clause.code) for clause in rule.clauses]
    given = [_given(line, index) for index, line in enumerate(rule.benefit)]
    return (
        f"SELECT row_id, {_outcome(rule)} AS outcome, {_states(names)} AS clause_states,\n  "
        f"{', '.join([*given, *kept])}\nFROM settled"
    )


def _ranked(rule: Rule, budget: Budget, on: date, keys: list[str]) -> str:
    """Say of each who asks whether the money lasts until all at the same place have theirs."""
    asked = f"quantity_{_capped(rule, budget)}"
    order = f"ORDER BY {', '.join(keys)}" if keys else ""
    maximum = rule.constant(budget.maximum, on)
    return (
        f"SELECT *, CASE WHEN {asked} > 0 THEN sum({asked}) OVER ({order}) <= {maximum} END "  # noqa: S608
        "AS reached FROM claimed"
    )


def _border(rule: Rule) -> str:
    width = sum(2 if isinstance(step, (Highest, Lowest)) else 1 for step in rule.priority)
    keys = ", ".join(f"key_{index}" for index in range(width))
    return (
        "SELECT count(*) FILTER (WHERE NOT reached) AS late, "  # noqa: S608
        f"max([{keys}]::HUGEINT[]) FILTER (WHERE reached) AS last FROM ranked"
    )


def _paid(rule: Rule, budget: Budget) -> str:
    capped, place = _capped(rule, budget), 4 ** len(rule.clauses)
    others = [f"quantity_{i} = 0" for i in range(len(rule.benefit)) if i != capped]
    ended = " AND ".join(["reached IS FALSE", f"outcome = {ENTITLED}", *others])
    quantities = [
        f"CASE WHEN reached IS FALSE THEN 0 ELSE quantity_{index} END::BIGINT AS quantity_{index}"
        if index == capped
        else f"quantity_{index}"
        for index in range(len(rule.benefit))
    ]
    return (
        f"SELECT row_id, CASE WHEN {ended} THEN {NOT_ENTITLED} ELSE outcome END AS outcome,\n  "
        f"clause_states + (CASE WHEN reached THEN 1 WHEN NOT reached THEN 2 ELSE 0 END)::BIGINT "
        f"* {place} AS clause_states,\n  {', '.join(quantities)}\nFROM ranked"
    )


def _joined(rule: Rule, claims: str) -> str:
    """Join the members of a household: the one whose case tells most speaks, all receive."""
    places = 4 ** (len(rule.clauses) + (1 if rule.budget else 0))
    rank = f"CASE outcome WHEN {NEEDS_INFORMATION} THEN 2 WHEN {ENTITLED} THEN 1 ELSE 0 END"
    count = len(rule.benefit)
    sums = ", ".join(f"sum(quantity_{i})::BIGINT AS total_{i}" for i in range(count))
    totals = ", ".join(f"COALESCE(total_{i}, 0)::BIGINT AS quantity_{i}" for i in range(count))
    return (
        f"SELECT household.row_id, CASE WHEN telling >= {2 * places} THEN {NEEDS_INFORMATION} "  # noqa: S608
        f"WHEN telling >= {places} THEN {ENTITLED} ELSE {NOT_ENTITLED} END AS outcome,\n  "
        f"COALESCE(telling % {places}, 0)::BIGINT AS clause_states, {totals}\n"
        f"FROM household LEFT JOIN (SELECT row_id, "
        f"max(({rank})::HUGEINT * {places} + clause_states) AS telling, {sums} "
        f"FROM {claims} GROUP BY row_id) AS together ON together.row_id = household.row_id"
    )


def _capped(rule: Rule, budget: Budget) -> int:
    return [line.unit for line in rule.benefit].index(budget.unit)


def _outcome(rule: Rule) -> str:
    unsure = " OR ".join(f"least_{i} <> most_{i}" for i in range(len(rule.benefit)))
    return (
        f"CASE WHEN NOT entitled THEN {NOT_ENTITLED} "
        f"WHEN entitled AND NOT ({unsure}) THEN {ENTITLED} ELSE {NEEDS_INFORMATION} END"
    )


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
    codes = " || ',' || ".join(parts)
    if rule.budget is None:
        return codes
    return (
        f"{codes} || CASE (clause_states // {4 ** len(parts)}) % 4 "
        f"WHEN 1 THEN ',+{BUDGET_CODE}' WHEN 2 THEN ',-{BUDGET_CODE}' ELSE '' END"
    )
