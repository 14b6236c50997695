"""
What is wrong, or worth a second look, in a rule that can be read and decided.

Decides two lists: faults for which a rule is not published, and warnings that the two people see
who publish it. Facts, words and languages are checked elsewhere (`publication`, `build`).
Source: docs/reference/rules.md, "What stands between a rule and its publication".
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from despensa.domain.eligibility.contradiction import Possibility
from despensa.domain.eligibility.document import Problem
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.influence import clauses_without_influence
from despensa.domain.eligibility.rule import (
    Clause,
    ClauseHolds,
    Condition,
    Junction,
    Lot,
    NotInForce,
    Rule,
)
from despensa.domain.forbidden import words_of

CARD_WORDS = frozenset(
    "card cards qr tarjeta tarjetas carte cartes cartao cartoes carnet بطاقه بطاقات".split()
)
AREA_WORDS = frozenset(
    "area areas village villages district districts ward wards neighbourhood neighborhood barrio "
    "barrios aldea aldeas distrito distritos municipio zona zonas quartier quartiers commune "
    "bairro bairros freguesia قريه منطقه مديريه admin adm pcode".split()
)
BIRTH_WORDS = frozenset("birth born birthday nacimiento naissance nascimento ميلاد".split())
_NARROWEST_MONTHS = 2


def rule_faults(rule: Rule) -> tuple[Problem, ...]:
    """
    Return the faults for which a rule is not published; empty when there are none.

    Shape: facts first, then parameters, clauses, the right, the order and the budget,
        what is carried over.
    """
    return (
        *_facts(rule),
        *_gaps(rule),
        *_clauses(rule),
        *_birth_dates(rule),
        *_money(rule),
        *_carried(rule),
    )


def days_of(rule: Rule) -> tuple[date, ...]:
    """Return the days on which something in a rule changes, and on which all of it is in force."""
    days = {dated.since for parameter in rule.parameters.values() for dated in parameter.values}
    in_force = []
    for day in sorted(days or {date(2026, 1, 1)}):
        try:
            for parameter in rule.parameters.values():
                parameter.on(day)
        except NotInForce:
            continue
        in_force.append(day)
    return tuple(in_force)


def _facts(rule: Rule) -> Iterator[Problem]:
    for name, fact in rule.facts.items():
        words = {word for one in (name, *fact.values) for word in words_of(one)}
        if words & CARD_WORDS:
            yield Problem(("facts", name), RuleFault("fact_card"))
        if set(words_of(name)) & BIRTH_WORDS:
            yield Problem(("facts", name), RuleFault("fact_birth"))
        if set(words_of(name)) & AREA_WORDS:
            yield Problem(("facts", name), RuleFault("fact_area"))


def _gaps(rule: Rule) -> Iterator[Problem]:
    for name, parameter in rule.parameters.items():
        for index, (one, following) in enumerate(pairwise(parameter.values)):
            here = ("parameters", name, "values", index, "until")
            if one.until is None or one.until == following.since:
                continue
            code = "two_values" if one.until > following.since else "gap"
            yield Problem(here, RuleFault(code, since=following.since, until=one.until))


def _clauses(rule: Rule) -> Iterator[Problem]:
    never: set[str] = set()
    for index, clause in enumerate(rule.clauses):
        since = _first_day(rule, [(clause.when, True)])
        if since is not None:
            never.add(clause.code)
            yield Problem(("clauses", index, "when"), RuleFault("clause_never", day=since))
    if not never and (since := _first_day(rule, [(rule.entitled_when, True)])) is not None:
        yield Problem(("entitled_when",), RuleFault("right_never", day=since))
    idle = clauses_without_influence(rule)
    for code in idle:
        yield Problem(("clauses", _index(rule, code)), RuleFault("clause_idle", name=code))
    if not never and not idle:
        yield from _covered(rule, rule.entitled_when)


def _covered(rule: Rule, node: Condition) -> Iterator[Problem]:
    """Name clauses beside one that decides all they could decide."""
    if not isinstance(node, Junction):
        return
    for part in node.parts:
        yield from _covered(rule, part)
    single = [_clause(rule, part.code) for part in node.parts if isinstance(part, ClauseHolds)]
    told: set[str] = set()
    for one in single:
        for other in single:
            if one.code == other.code or {one.code, other.code} & told:
                continue
            if _first_day(rule, [(one.when, True), (other.when, False)], on_all=True) is None:
                continue
            idle, by = (other, one) if node.kind == "all" else (one, other)
            told.add(idle.code)
            fault = RuleFault("clause_covered", name=idle.code, by=by.code)
            yield Problem(("clauses", _index(rule, idle.code)), fault)


def _birth_dates(rule: Rule) -> Iterator[Problem]:
    for day in days_of(rule)[:1]:
        possibility = Possibility(rule, day)
        for index, clause in enumerate(rule.clauses):
            for age, width in possibility.age_widths(clause.when):
                if age.unit == "months" and 0 < width < _NARROWEST_MONTHS:
                    yield Problem(("clauses", index, "when"), RuleFault("single_month"))


def _carried(rule: Rule) -> Iterator[Problem]:
    for index, carried in enumerate(rule.carry_over):
        if any(rule.constant(carried.at_most, day) <= 0 for day in days_of(rule)):
            yield Problem(("carry_over", index, "at_most"), RuleFault("nothing_carried"))


def _money(rule: Rule) -> Iterator[Problem]:
    lots = [index for index, step in enumerate(rule.priority) if isinstance(step, Lot)]
    if lots and lots[0] + 1 < len(rule.priority):
        yield Problem(("priority", lots[0] + 1), RuleFault("after_lot"))
    if rule.budget is None:
        if rule.priority:
            yield Problem(("priority",), RuleFault("order_idle"))
        return
    if not rule.priority:
        yield Problem(("budget",), RuleFault("order_missing"))
    if not rule.budget.texts:
        yield Problem(("budget",), RuleFault("budget_sentences"))
    if rule.budget.case is None:
        yield Problem(("budget",), RuleFault("budget_case"))


def _first_day(
    rule: Rule, signed: list[tuple[Condition, bool]], *, on_all: bool = False
) -> date | None:
    """Return the first day on which conditions cannot hold together (on every day, if asked)."""
    days = days_of(rule)
    impossible = [day for day in days if not Possibility(rule, day).is_possible(signed)]
    if on_all and len(impossible) < len(days):
        return None
    return impossible[0] if impossible else None


def _clause(rule: Rule, code: str) -> Clause:
    return rule.clauses[_index(rule, code)]


def _index(rule: Rule, code: str) -> int:
    return [clause.code for clause in rule.clauses].index(code)
