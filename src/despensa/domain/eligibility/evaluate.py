"""
The independent decision of a rule: plain Python, one household after the other.

Decides entitled, not entitled or needs information, and what is given; where the rule has a budget,
also how far it reaches. `compile` says the same in SQL, and shares nothing with this module but the
rule's parts. Source: docs/explanation/design.md section 7.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, groupby

from despensa.domain.eligibility.frozen import FrozenHousehold
from despensa.domain.eligibility.reading import Reading, Row, Truth
from despensa.domain.eligibility.rule import (
    BUDGET_CODE,
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    BenefitLine,
    Border,
    Rule,
)

_RANK = {NOT_ENTITLED: 0, ENTITLED: 1, NEEDS_INFORMATION: 2}


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What a rule says about one household.

    Shape: `clauses` is (code, met True / not met False / unknown None) in the rule's order, then
        BUDGET where money was asked of one; `lines` is (unit, quantity) in the rule's order,
        without lines of quantity 0. Of a rule about persons the clauses are those of one member
        with the household's outcome, and the lines the sum over the members.
    """

    outcome: int
    clauses: tuple[tuple[str, Truth], ...]
    lines: tuple[tuple[str, int], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the clause codes with their state in front: + met, - not met, ? unknown."""
        return tuple(
            {True: "+", False: "-", None: "?"}[state] + code for code, state in self.clauses
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """
    What one household, or one person of a rule about persons, is due before money ends.

    Shape: `states` and `quantities` in the order of the rule's clauses and lines; `place` is its
        place in the order; `reached` is None where no money with a limit is asked.
    """

    outcome: int
    states: tuple[Truth, ...]
    quantities: tuple[int, ...]
    place: tuple[int, ...]
    reached: bool | None = None


def decision_from_codes(
    outcome: int, codes: Iterable[str], lines: Iterable[tuple[str, int]]
) -> Decision:
    """
    Return a stored decision with its clause states again.

    Raises: KeyError when a code does not begin with +, - or ?.
    """
    states = {"+": True, "-": False, "?": None}
    return Decision(outcome, tuple((code[1:], states[code[0]]) for code in codes), tuple(lines))


def evaluate(
    rule: Rule, household: FrozenHousehold, on: date, *, border: Border | None = None
) -> Decision:
    """
    Return the decision of a rule about one frozen household.

    `border` says how far the cycle's budget reached; None when it reached everybody.
    Holds: entitled only when every quantity is known too; whatever is known to be due is given
        in full, and never less than the line's `while_unknown` while information is missing.
    Raises: NotInForce when a parameter has no value on the date.
    Source: docs/explanation/design.md section 7.1.
    """
    return _decision(rule, claims(Reading(rule, on), household), border)


def evaluate_all(
    rule: Rule, households: Iterable[FrozenHousehold], on: date
) -> tuple[tuple[Decision, ...], Border | None]:
    """
    Return the decisions of a rule about all households of a cycle, and how far its budget reached.

    Holds: nobody after the border gets of the budget's unit, everybody before it does; those who
        stand at the same place get it together or not at all.
    Raises: NotInForce when a parameter has no value on the date.
    """
    reading = Reading(rule, on)
    asked = [claims(reading, household) for household in households]
    border = border_of(rule, chain.from_iterable(asked), on)
    return tuple(_decision(rule, one, border) for one in asked), border


def claims(reading: Reading, household: FrozenHousehold) -> list[Claim]:
    """Return what a household is due, or what each of its members is by a rule about persons."""
    return [_claim(reading, row) for row in reading.rows(household)]


def border_of(rule: Rule, asked: Iterable[Claim], on: date) -> Border | None:
    """Return how far the budget reaches down the order; None when it reaches everybody."""
    if rule.budget is None:
        return None
    line = _capped(rule)
    maximum = rule.constant(rule.budget.maximum, on)
    queue = sorted((one.place, one.quantities[line]) for one in asked if one.quantities[line])
    spent, last = 0, None
    for place, group in groupby(queue, key=lambda one: one[0]):
        spent += sum(quantity for _, quantity in group)
        if spent > maximum:
            return Border(last)
        last = place
    return None


def _claim(reading: Reading, row: Row) -> Claim:
    rule = reading.rule
    states = reading.states(row)
    right = reading.truth(rule.entitled_when, row)
    ranges = [reading.quantity(line, row) for line in rule.benefit]
    unsure = any(low != high for low, high in ranges)
    outcome = NOT_ENTITLED if right is False else ENTITLED
    if right is None or (right and unsure):
        outcome = NEEDS_INFORMATION
    given = (_given(line, known, right) for line, known in zip(rule.benefit, ranges, strict=True))
    return Claim(outcome, states, tuple(given), reading.place(row) if rule.budget else ())


def _given(line: BenefitLine, known: tuple[int, int], right: Truth) -> int:
    if right is False:
        return 0
    if right is None:
        return line.while_unknown
    low, high = known
    return low if low == high else max(low, line.while_unknown)


def _capped(rule: Rule) -> int:
    assert rule.budget is not None, "only a budget caps a line"
    return [line.unit for line in rule.benefit].index(rule.budget.unit)


def _paid(rule: Rule, claim: Claim, border: Border | None) -> Claim:
    if rule.budget is None or not claim.quantities[_capped(rule)]:
        return claim
    if border is None or (border.last is not None and claim.place <= border.last):
        return replace(claim, reached=True)
    left = list(claim.quantities)
    left[_capped(rule)] = 0
    ended = claim.outcome == ENTITLED and not any(left)
    outcome = NOT_ENTITLED if ended else claim.outcome
    return replace(claim, outcome=outcome, quantities=tuple(left), reached=False)


def _decision(rule: Rule, asked: Sequence[Claim], border: Border | None) -> Decision:
    paid = [_paid(rule, claim, border) for claim in asked]
    codes = [clause.code for clause in rule.clauses]
    if not paid:
        return Decision(NOT_ENTITLED, tuple((code, False) for code in codes), ())
    shown = max(paid, key=_telling)
    states = list(zip(codes, shown.states, strict=True))
    if shown.reached is not None:
        states.append((BUDGET_CODE, shown.reached))
    sums = [sum(amounts) for amounts in zip(*(claim.quantities for claim in paid), strict=True)]
    lines = [(line.unit, total) for line, total in zip(rule.benefit, sums, strict=True) if total]
    return Decision(shown.outcome, tuple(states), tuple(lines))


def _telling(claim: Claim) -> tuple[int, ...]:
    """Rank the members of a household: the one whose case tells most speaks for it."""
    states = [{False: 0, True: 1, None: 2}[state] for state in reversed(claim.states)]
    return _RANK[claim.outcome], {None: 0, True: 1, False: 2}[claim.reached], *states
