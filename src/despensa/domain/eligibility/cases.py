"""
The examples inside a rule file, run before it may be published.

Decides whether the rule does what its own sentences say. Source: docs/explanation/design.md 7.1.
"""

from collections.abc import Iterator

from despensa.domain.eligibility.document import Problem
from despensa.domain.eligibility.evaluate import Decision, evaluate, evaluate_all
from despensa.domain.eligibility.faults import RuleFault, goods
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.rule import BUDGET_CODE, OUTCOMES, NotInForce, Rule, RuleCase
from despensa.domain.sentence import Value

REACHED = {True: "reached", False: "too_late", None: "asks_none"}
_STATES = {True: "met", False: "not_met", None: "unknown"}


def failing_cases(rule: Rule) -> tuple[Problem, ...]:
    """
    Return a problem for every case of the rule file that comes out otherwise; empty is well.

    Shape: the cases of the clauses first, then those of the rule, in the order of the file, then
        that of the budget.
    """
    problems = []
    for index, clause in enumerate(rule.clauses):
        case = clause.case
        path = ("clauses", index, "case")
        try:
            decision = evaluate(rule, reduce(rule, case.household, case.on), case.on)
        except NotInForce as error:
            problems.append(Problem(path, error.fault))
            continue
        state = _STATES[dict(decision.clauses)[clause.code]]
        if state != case.state:
            wanted, is_now = RuleFault(case.state), RuleFault(state)
            problems.append(Problem(path, _differs(case.sentence, wanted, is_now)))
    for index, rule_case in enumerate(rule.cases):
        try:
            decision = evaluate(rule, reduce(rule, rule_case.household, rule_case.on), rule_case.on)
        except NotInForce as error:
            problems.append(Problem(("cases", index), error.fault))
            continue
        difference = _difference(rule_case, decision)
        if difference is not None:
            problems.append(Problem(("cases", index), difference))
    return (*problems, *_budget_problems(rule))


def _budget_problems(rule: Rule) -> Iterator[Problem]:
    case = rule.budget.case if rule.budget else None
    if case is None:
        return
    frozen = [reduce(rule, one, case.on, lot=lot) for lot, one in enumerate(case.households)]
    try:
        decisions, _ = evaluate_all(rule, frozen, case.on)
    except NotInForce as error:
        yield Problem(("budget", "case"), error.fault)
        return
    for index, (expected, decision) in enumerate(zip(case.reached, decisions, strict=True)):
        found = dict(decision.clauses).get(BUDGET_CODE)
        if found is not expected:
            wanted, is_now = RuleFault(REACHED[expected]), RuleFault(REACHED[found])
            fault = _differs(case.sentence, wanted, is_now)
            yield Problem(("budget", "case", "reached", index), fault)


def _difference(case: RuleCase, decision: Decision) -> RuleFault | None:
    if decision.outcome != case.outcome:
        wanted, found = (RuleFault(OUTCOMES[one]) for one in (case.outcome, decision.outcome))
        return _differs(case.sentence, wanted, found)
    lines = dict(decision.lines)
    if case.lines is not None and lines != {u: q for u, q in case.lines.items() if q}:
        return _differs(case.sentence, goods(case.lines), goods(lines))
    return None


def _differs(sentence: str, wanted: Value, found: Value) -> RuleFault:
    return RuleFault("case_differs", sentence=sentence, wanted=wanted, found=found)
