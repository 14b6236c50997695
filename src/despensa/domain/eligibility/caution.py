"""
What the two people who publish a rule should look at, though the rule may be published.

Decides warnings: an edge at which one unit of income more loses more than that unit, a value that
ends, a clause that everybody meets, equal places at the end of the money, and groups so small that
published figures are coarsened. A small group never loses its right.
Source: docs/reference/rules.md, "Warnings".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date

from despensa.domain.eligibility.contradiction import Possibility
from despensa.domain.eligibility.document import Problem
from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.faults import RuleFault, goods
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.lint import days_of
from despensa.domain.eligibility.reading import Reading
from despensa.domain.eligibility.rule import (
    FACT_MAX,
    Bands,
    Between,
    Compare,
    FactValue,
    Household,
    Lot,
    NotInForce,
    Number,
    Rule,
)
from despensa.domain.sentence import Name

SMALL_GROUP = 20
BELOW_SMALL = SMALL_GROUP - 1
_ROUND = 10
Loss = tuple[int, Mapping[str, int]]


def rule_warnings(rule: Rule) -> tuple[Problem, ...]:
    """Return what to look at in a rule before it is published; empty when there is nothing."""
    return (*_ends(rule), *_always(rule), *_equal_places(rule), *_carried(rule), *_edges(rule))


def coarse(households: int) -> int:
    """
    Return a number of households as it is published: to the nearest 10, and 19 for all below 20.

    >>> [coarse(count) for count in (0, 7, 19, 20, 24, 25, 413)]
    [19, 19, 19, 20, 20, 30, 410]
    """
    if households < SMALL_GROUP:
        return BELOW_SMALL
    return (households + _ROUND // 2) // _ROUND * _ROUND


def small_groups(counts: Mapping[str, int]) -> tuple[Problem, ...]:
    """Return a warning for each group that has members, and fewer than 20 households."""
    return tuple(
        Problem(
            (name,),
            RuleFault("small_group", most=SMALL_GROUP),
        )
        for name, count in counts.items()
        if 0 < count < SMALL_GROUP
    )


def _ends(rule: Rule) -> Iterator[Problem]:
    for name, parameter in rule.parameters.items():
        until = parameter.values[-1].until
        if until is not None:
            yield Problem(
                ("parameters", name, "values", len(parameter.values) - 1, "until"),
                RuleFault("value_ends", until=until),
            )


def _always(rule: Rule) -> Iterator[Problem]:
    for index, clause in enumerate(rule.clauses):
        possibilities = [Possibility(rule, day) for day in days_of(rule)]
        if possibilities and not any(p.is_possible([(clause.when, False)]) for p in possibilities):
            yield Problem(("clauses", index, "when"), RuleFault("always_met"))


def _equal_places(rule: Rule) -> Iterator[Problem]:
    if rule.budget is not None and not any(isinstance(step, Lot) for step in rule.priority):
        yield Problem(("priority",), RuleFault("equal_places"))


def _carried(rule: Rule) -> Iterator[Problem]:
    gives = {line.unit: line.maximum for line in rule.benefit}
    for index, carried in enumerate(rule.carry_over):
        here = ("carry_over", index, "at_most")
        most = [rule.constant(carried.at_most, day) for day in days_of(rule)]
        maximum, unit = gives[carried.unit], Name("unit", carried.unit)
        if most and min(most) < maximum:
            fault = RuleFault("carried_less", most=min(most), unit=unit, maximum=maximum)
            yield Problem(here, fault)
        elif most and max(most) > maximum * carried.cycles:
            cycles = carried.cycles
            fault = RuleFault(
                "carried_more", most=max(most), unit=unit, cycles=cycles, maximum=maximum
            )
            yield Problem(here, fault)


def _edges(rule: Rule) -> Iterator[Problem]:
    """Try the households of the cases just beside every bound of a number."""
    for name, fact in rule.facts.items():
        if fact.type != "integer" or fact.of != "household":
            continue
        losses = [
            (loss, case.sentence) for case in _cases(rule) for loss in _losses(rule, name, case)
        ]
        if not losses:
            continue
        (at, lost), sentence = max(losses, key=lambda one: _weight(rule, one[0]))
        fault = RuleFault("cliff_edge", sentence=sentence, at=at, lost=goods(lost))
        yield Problem(("facts", name), fault)


def _cases(rule: Rule) -> list["_Case"]:
    of_clauses = [_Case(c.case.sentence, c.case.on, c.case.household) for c in rule.clauses]
    return of_clauses + [_Case(case.sentence, case.on, case.household) for case in rule.cases]


@dataclass(frozen=True, slots=True)
class _Case:
    """One household of the rule's own cases, on its date."""

    sentence: str
    on: date
    household: Household

    def lines(self, rule: Rule, name: str, value: int) -> Mapping[str, int]:
        facts = {**self.household.facts, name: value}
        household = replace(self.household, facts=facts)
        return dict(evaluate(rule, reduce(rule, household, self.on, lot=0), self.on).lines)


def _losses(rule: Rule, name: str, case: _Case) -> Iterator[Loss]:
    try:
        bounds = sorted(_bounds(rule, name, case))
        for bound in bounds:
            for at in (bound - 1, bound):
                lost = _lost(case.lines(rule, name, at), case.lines(rule, name, at + 1))
                if _weight(rule, (at, lost)) > 1:
                    yield at, lost
    except NotInForce:
        return


def _lost(before: Mapping[str, int], after: Mapping[str, int]) -> Mapping[str, int]:
    losses = {unit: amount - after.get(unit, 0) for unit, amount in before.items()}
    return {unit: amount for unit, amount in losses.items() if amount > 0}


def _weight(rule: Rule, loss: Loss) -> int:
    """Weigh a loss: amounts as they are, an item as more than any unit of income."""
    kinds = {line.unit: line.kind for line in rule.benefit}
    return sum(n if kinds[unit] == "amount" else n + 1 for unit, n in loss[1].items())


def _bounds(rule: Rule, name: str, case: _Case) -> set[int]:
    reading = Reading(rule, case.on)
    rows = reading.rows(reduce(rule, case.household, case.on, lot=0))
    sought = FactValue(name)
    found: set[int] = set()
    for other in _beside(rule, sought):
        for row in rows:
            low, high = reading.number(other, row)
            found |= {end for end in (low, high) if end is not None and abs(end) < FACT_MAX}
    return found


def _beside(rule: Rule, sought: FactValue) -> list[Number]:
    """Return the numbers that a fact is compared with, and where its bands begin."""
    found: list[Number] = []
    waiting: list[object] = [clause.when for clause in rule.clauses]
    waiting += [line.quantity for line in rule.benefit]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Compare) and sought in (node.left, node.right):
            found.append(node.right if node.left == sought else node.left)
        elif isinstance(node, Between) and node.value == sought:
            found += [node.low, node.high]
        elif isinstance(node, Bands) and node.of == sought:
            found += [start for start, _ in node.steps]
        if isinstance(node, tuple):
            waiting += node
        elif is_dataclass(node):
            waiting += [getattr(node, part.name) for part in fields(node)]
    return found
