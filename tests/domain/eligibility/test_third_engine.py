"""
Two shipped rules against a rule engine that is not ours: GoRules' ZEN, for tests alone.

Its expressions are written by hand from the ordinances that the rule files name. It knows no
unknown: a household with gaps is compared through what every way to fill them would give.
"""

import calendar
import random
from dataclasses import replace
from datetime import date

import pytest
import zen

from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import (
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    Household,
    Member,
)
from tests.domain.eligibility.shipped import shipped_text

ON = date(2026, 3, 15)
HOUSEHOLDS = 1_500
FILLINGS = 3
YEAR, MONTH = 1, 2
WRITTEN = {
    "food-parcel": (
        """inside and (some(members, #.low < 5) or some(members, #.high >= 60) or len(members) >= 4
        or displaced or some(members, #.disability_functional or (#.sex in ["female", "other"]
        and #.high >= 12 and #.low < 60 and #.pregnant_or_nursing)))""",
        {"parcel": "len(members) >= 6 ? 2 : 1"},
    ),
    "household-support": (
        """inside and income_monthly_minor < len(members) * 60000
        and (livelihood_lost or displaced or dwelling_shared or some(members, #.low < 5
        or #.disability_functional or #.pregnant_or_nursing))""",
        {
            "parcel": "len(members) >= 6 ? 2 : 1",
            "minor": "min([90000, max([15000, ceil(len(members) * 15000 / 1000) * 1000])])",
        },
    ),
}


class Theirs:
    """A rule as their engine decides it."""

    def __init__(self, name):
        right, given = WRITTEN[name]
        self.right = zen.compile_expression(right)
        self.given = {unit: zen.compile_expression(text) for unit, text in given.items()}

    def decide(self, household):
        known = {"inside": household.in_area, **household.facts}
        known["members"] = [{**one.facts, **_ages(one)} for one in household.members]
        if not self.right.evaluate(known):
            return NOT_ENTITLED, {}
        return ENTITLED, {unit: int(one.evaluate(known)) for unit, one in self.given.items()}


def _age(born):
    return ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))


def _ages(member):
    """The youngest and the oldest that somebody of a month, or of a year, may be today."""
    born, last_month = member.born, 12 if member.precision == YEAR else member.born.month
    last = date(born.year, last_month, calendar.monthrange(born.year, last_month)[1])
    return {"low": _age(last), "high": _age(born)}


def _member(rule, dice, *, has_gaps):
    if has_gaps and dice.random() < 0.3:
        born, precision = None, 0
    else:
        precision = dice.choice([YEAR, MONTH])
        year = dice.choice([*range(2019, 2026), *range(2012, 2016), *range(1964, 1968), 1990])
        born = date(year, 1 if precision == YEAR else dice.randint(1, 12), 1)
    return Member(born, precision, _facts(rule, "person", dice, has_gaps=has_gaps))


def _facts(rule, of, dice, *, has_gaps):
    drawn = {"boolean": lambda _: dice.random() < 0.25, "code": lambda fact: dice.choice(fact.values),
             "integer": lambda _: dice.choice([0, 59_999, 60_000, 119_999, 120_000, 500_000])}  # fmt: skip
    return {
        name: drawn[fact.type](fact)
        for name, fact in rule.facts.items()
        if fact.of == of and not (has_gaps and dice.random() < 0.4)
    }


def _household(rule, dice, *, has_gaps):
    size = dice.choice([1, 1, 2, 3, 4, 5, 6, 8])
    area = dice.choice([True, True, True, False, None] if has_gaps else [True, True, False])
    members = tuple(_member(rule, dice, has_gaps=has_gaps) for _ in range(size))
    return Household(area, _facts(rule, "household", dice, has_gaps=has_gaps), members)


def _filled(rule, household, dice):
    """Return a household as it may be in truth: every gap of it filled at random."""
    members = []
    for one in household.members:
        other = _member(rule, dice, has_gaps=False)
        kept = one if one.born else replace(one, born=other.born, precision=other.precision)
        members.append(replace(kept, facts={**other.facts, **one.facts}))
    facts = {**_facts(rule, "household", dice, has_gaps=False), **household.facts}
    area = dice.random() < 0.5 if household.in_area is None else household.in_area
    return Household(area, facts, tuple(members))


def _ours(rule, household):
    decision = evaluate(rule, reduce(rule, household, ON, lot=0), ON)
    return decision.outcome, {unit: number for unit, number in decision.lines if number}


@pytest.fixture(params=WRITTEN)
def both(request):
    return parse_text(shipped_text(request.param)), Theirs(request.param)


def test_what_is_known_whole_is_decided_as_another_engine_does(both):
    (rule, theirs), dice = both, random.Random(41)
    outcomes = set()
    for _ in range(HOUSEHOLDS):
        household = _household(rule, dice, has_gaps=False)
        decided = _ours(rule, household)
        outcomes.add(decided[0])

        assert decided == theirs.decide(household), household
    assert outcomes == {ENTITLED, NOT_ENTITLED}


def test_a_gap_never_decides_what_another_engine_would_not_in_every_case(both):
    (rule, theirs), dice = both, random.Random(43)
    seen = {ENTITLED: 0, NOT_ENTITLED: 0, NEEDS_INFORMATION: 0}
    split = 0
    for _ in range(HOUSEHOLDS):
        household = _household(rule, dice, has_gaps=True)
        decided = _ours(rule, household)
        seen[decided[0]] += 1
        truths = [theirs.decide(_filled(rule, household, dice)) for _ in range(FILLINGS)]
        if decided[0] == NEEDS_INFORMATION:
            split += len({outcome for outcome, _ in truths}) > 1
        else:
            assert truths == [decided] * FILLINGS, household
    assert min(seen.values()) > 50
    assert split > 20
