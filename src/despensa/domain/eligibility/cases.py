"""
The examples inside a rule file, run before it may be published.

Decides whether the rule does what its own sentences say. Source: docs/explanation/design.md 7.1.
"""

from despensa.domain.eligibility.document import Problem
from despensa.domain.eligibility.evaluate import Decision, evaluate
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.rule import OUTCOMES, NotInForce, Rule, RuleCase

_STATES = {True: "met", False: "not_met", None: "unknown"}


def failing_cases(rule: Rule) -> tuple[Problem, ...]:
    """
    Return a problem for every case of the rule file that comes out otherwise; empty is well.

    Shape: the cases of the clauses first, then those of the rule, in the order of the file.
    """
    problems = []
    for index, clause in enumerate(rule.clauses):
        case = clause.case
        path = ("clauses", index, "case")
        try:
            decision = evaluate(rule, reduce(rule, case.household, case.on), case.on)
        except NotInForce as error:
            problems.append(Problem(path, str(error)))
            continue
        state = _STATES[dict(decision.clauses)[clause.code]]
        if state != case.state:
            text = f"{case.sentence!r}: expected {case.state}, the clause is {state}"
            problems.append(Problem(path, text))
    for index, rule_case in enumerate(rule.cases):
        try:
            decision = evaluate(rule, reduce(rule, rule_case.household, rule_case.on), rule_case.on)
        except NotInForce as error:
            problems.append(Problem(("cases", index), str(error)))
            continue
        difference = _difference(rule_case, decision)
        if difference:
            text = f"{rule_case.sentence!r}: {difference}"
            problems.append(Problem(("cases", index), text))
    return tuple(problems)


def _difference(case: RuleCase, decision: Decision) -> str:
    if decision.outcome != case.outcome:
        found = OUTCOMES[decision.outcome]
        return f"expected {OUTCOMES[case.outcome]}, the rule says {found}"
    lines = dict(decision.lines)
    if case.lines is not None and lines != {u: q for u, q in case.lines.items() if q}:
        return f"expected {dict(case.lines)}, the rule gives {lines}"
    return ""
