"""
Two versions of a rule side by side: what was added, left out or changed, in words.

Decides which parts belong together: parameters, benefit lines and facts by name, clauses by code,
cases by their sentence. A change of any word or number of either file is told somewhere.
Source: docs/explanation/design.md section 7.1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from despensa.domain.eligibility.cases import REACHED
from despensa.domain.eligibility.faults import RuleFault, goods
from despensa.domain.eligibility.phrases import Phrase
from despensa.domain.eligibility.rule import (
    OUTCOMES,
    Budget,
    Clause,
    Household,
    Member,
    Rule,
    RuleCase,
    RuleParameter,
    Texts,
)
from despensa.domain.eligibility.wording import benefit, words
from despensa.domain.sentence import Name, Sentence, Value

Part = tuple[str, str]
Lines = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One part of a rule that is not the same in both versions.

    Shape: `part` is parameter, clause, benefit, right, priority, budget, carry_over, case, fact, order or the
        name of another part of the file; `before` is empty for what is new, `after` for what is gone.
    """

    part: str
    name: str
    before: Lines
    after: Lines


def differences(before: Rule, after: Rule) -> tuple[Difference, ...]:
    """Return what is not the same in two rules, in the order of the later one, then what is gone."""
    old, new = dict(_parts(before)), dict(_parts(after))
    order = [*new, *(part for part in old if part not in new)]
    return tuple(
        Difference(*part, old.get(part, ()), new.get(part, ()))
        for part in order
        if old.get(part) != new.get(part)
    )


def _parts(rule: Rule) -> Iterator[tuple[Part, Lines]]:
    source: Mapping[str, Any] = rule.source
    yield from ((name, lines) for name, lines in _whole(rule) if name[0] in source)
    for name, fact in source.get("facts", {}).items():
        yield ("fact", name), tuple(_fact(fact))
    for name, parameter in rule.parameters.items():
        yield ("parameter", name), tuple(_dated(parameter))
    for clause in rule.clauses:
        yield ("clause", clause.code), tuple(_clause(clause))
    yield ("right", ""), (words(rule.entitled_when),)
    for line in rule.benefit:
        yield ("benefit", line.line), tuple(benefit(line))
    if rule.priority:
        yield ("priority", ""), tuple(words(step) for step in rule.priority)
    if rule.budget is not None:
        yield ("budget", ""), tuple(_budget(rule.budget))
    for carried in rule.carry_over:
        most = Phrase("carry_over", most=words(carried.at_most), cycles=carried.cycles)
        yield ("carry_over", carried.unit), (most,)
    by_sentence: dict[str, list[Sentence]] = {}
    for case in rule.cases:
        by_sentence.setdefault(case.sentence, []).extend(_rule_case(case))
    for sentence, lines in by_sentence.items():
        yield ("case", sentence), tuple(lines)
    order = (*(clause.code for clause in rule.clauses), *(b.line for b in rule.benefit))
    yield ("order", ""), tuple(Phrase("text", text=name) for name in order)


def _whole(rule: Rule) -> Iterator[tuple[Part, Lines]]:
    """Yield what a rule says of itself as a whole, in the order in which it is thought of."""
    yield ("rule", ""), (Phrase("text", text=rule.name),)
    yield ("version", ""), (Phrase("number", value=rule.version),)
    yield ("purpose", ""), (Phrase("text", text=rule.purpose),)
    yield ("beside", ""), (Phrase(f"beside_{rule.beside}"),)
    yield ("subject", ""), (Phrase(rule.subject),)
    yield ("languages", ""), (Phrase("list", values=rule.languages),)
    yield ("title", ""), tuple(_in_languages(rule.title))
    told = (
        Phrase("told", state=RuleFault(OUTCOMES[outcome]), language=language, text=text)
        for outcome, texts in rule.outcome_texts.items()
        for language, text in texts.items()
    )
    yield ("outcomes", ""), tuple(told)


def _in_languages(texts: Texts) -> Iterator[Phrase]:
    return (Phrase("in_language", language=code, text=text) for code, text in texts.items())


def _fact(fact: Mapping[str, Any]) -> Iterator[Phrase]:
    yield Phrase(f"declared_{fact['of']}", kind=RuleFault(f"type_{fact['type']}"))
    if "values" in fact:
        yield Phrase("values", values=tuple(Name("code", value) for value in fact["values"]))


def _dated(parameter: RuleParameter) -> Iterator[Phrase]:
    yield Phrase("in_unit", unit=Name("unit", parameter.unit))
    for dated in parameter.values:
        begun: dict[str, Value] = {"value": dated.value, "since": dated.since}
        if dated.until is None:
            yield Phrase("since", **begun)
        else:
            yield Phrase("since_until", until=dated.until, **begun)
        yield from _in_languages(dated.legal_basis)


def _clause(clause: Clause) -> Iterator[Phrase]:
    yield words(clause.when)
    for language, texts in clause.texts.items():
        for state in ("met", "not_met", "unknown"):
            text = getattr(texts, state)
            yield Phrase("told", state=RuleFault(state), language=language, text=text)
    case = clause.case
    yield Phrase("example", sentence=case.sentence)
    yield from _household(case.household, case.on)
    yield Phrase("must_be", state=RuleFault(case.state))


def _budget(budget: Budget) -> Iterator[Phrase]:
    yield Phrase("budget", most=words(budget.maximum), unit=Name("unit", budget.unit))
    for language, texts in budget.texts.items():
        for state, text in (("reached", texts.met), ("too_late", texts.not_met)):
            yield Phrase("told", state=RuleFault(state), language=language, text=text)
    if budget.case is None:
        return
    yield Phrase("example", sentence=budget.case.sentence)
    for household, reached in zip(budget.case.households, budget.case.reached, strict=True):
        yield from _household(household, budget.case.on)
        yield Phrase("must_be", state=RuleFault(REACHED[reached]))


def _rule_case(case: RuleCase) -> Iterator[Phrase]:
    yield from _household(case.household, case.on)
    yield Phrase("must_be", state=RuleFault(OUTCOMES[case.outcome]))
    if case.lines is not None:
        yield Phrase("must_get", goods=goods(case.lines))


def _household(household: Household, on: date) -> Iterator[Phrase]:
    where = {True: "inside", False: "outside", None: "somewhere"}[household.in_area]
    yield _with_facts(Phrase(where, day=on), household.facts)
    for member in household.members:
        yield _with_facts(_member(member), member.facts)
    if not household.members:
        yield Phrase("no_member")


def _member(member: Member) -> Phrase:
    if member.born is None:
        return Phrase("member_unknown")
    year_alone = member.precision == 1
    return Phrase("member", born=f"{member.born:%Y}" if year_alone else f"{member.born:%Y-%m}")


def _with_facts(who: Phrase, facts: Mapping[str, int | str]) -> Phrase:
    known = tuple(_known(Name("fact", name), value) for name, value in facts.items())
    return Phrase("with_facts", who=who, facts=known) if known else who


def _known(name: Name, value: int | str) -> Phrase:
    if isinstance(value, bool):
        return Phrase("is_yes" if value else "is_no", name=name)
    return Phrase("is", name=name, value=Name("code", value) if isinstance(value, str) else value)
