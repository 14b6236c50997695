"""
From a decision to sentences: why, and why not, in the language of the household.

Decides which clauses were the reason: those without which the outcome would have been another.
Source: docs/explanation/design.md section 7.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from despensa.domain.eligibility.evaluate import Decision
from despensa.domain.eligibility.reading import Truth
from despensa.domain.eligibility.rule import (
    BUDGET_CODE,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    ClauseHolds,
    Condition,
    Junction,
    NotInForce,
    Rule,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause in words: its code, its state and the sentence that belongs to the state."""

    code: str
    state: Truth
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    A decision in one language.

    Shape: `because` holds the clauses that decided, `besides` the rest, both in the rule's order;
        `legal_bases` is (parameter, value, text) of the parameters in force, by name.
    """

    language: str
    title: str
    outcome: int
    sentence: str
    because: tuple[Reason, ...]
    besides: tuple[Reason, ...]
    lines: tuple[tuple[str, int], ...]
    legal_bases: tuple[tuple[str, int, str], ...]


def explain(rule: Rule, decision: Decision, on: date, languages: Sequence[str]) -> Explanation:
    """
    Return a decision as sentences in the first language of the chain that the rule speaks.

    A regional language falls back to its general one (`ar-SY` to `ar`), the chain to the rule's
    own first language. Of a rule about persons the reasons are those of one member whose case is
    the household's. Where the money ended, that is the reason, and the only one when the right
    stands.
    """
    language = _language(rule, languages)
    states = dict(decision.clauses)
    right = _truth(rule.entitled_when, states)
    deciding = _deciding(rule.entitled_when, right, states)
    if decision.outcome == NEEDS_INFORMATION and right:
        deciding = frozenset(code for code, state in states.items() if state is None)
    if decision.outcome == NOT_ENTITLED and right is not False:
        deciding = frozenset()
    if states.get(BUDGET_CODE) is False:
        deciding |= {BUDGET_CODE}
    numbers = _numbers(rule, on)
    reasons = [
        Reason(code, state, _clause_sentence(rule, code, state, language, numbers))
        for code, state in decision.clauses
    ]
    return Explanation(
        language=language,
        title=_filled(rule.title[language], numbers),
        outcome=decision.outcome,
        sentence=_filled(rule.outcome_texts[decision.outcome][language], numbers),
        because=tuple(reason for reason in reasons if reason.code in deciding),
        besides=tuple(reason for reason in reasons if reason.code not in deciding),
        lines=decision.lines,
        legal_bases=_legal_bases(rule, on, language),
    )


def _language(rule: Rule, chain: Sequence[str]) -> str:
    for wanted in chain:
        for candidate in (wanted, wanted.split("-")[0]):
            if candidate in rule.languages:
                return candidate
    return rule.languages[0]


def _deciding(node: Condition, right: Truth, states: Mapping[str, Truth]) -> frozenset[str]:
    """A part decides when it has the value that made its junction come out as it did."""
    if isinstance(node, ClauseHolds):
        return frozenset({node.code})
    if not isinstance(node, Junction):
        return frozenset()
    found: set[str] = set()
    wanted = right if node.kind != "none" or right is None else not right
    for part in node.parts:
        truth = _truth(part, states)
        if truth is wanted:
            found |= _deciding(part, truth, states)
    return frozenset(found)


def _truth(node: Condition, states: Mapping[str, Truth]) -> Truth:
    if isinstance(node, ClauseHolds):
        return states[node.code]
    if not isinstance(node, Junction):
        return None
    parts = [_truth(part, states) for part in node.parts]
    settling = node.kind != "all"
    inner: Truth = None if None in parts else not settling
    if any(part is settling for part in parts):
        inner = settling
    if node.kind != "none" or inner is None:
        return inner
    return not inner


def _clause_sentence(
    rule: Rule, code: str, state: Truth, language: str, numbers: Mapping[str, str]
) -> str:
    if code == BUDGET_CODE:
        return _budget_sentence(rule, language, numbers, reached=state is True)
    texts = next(clause.texts for clause in rule.clauses if clause.code == code)[language]
    sentence = {True: texts.met, False: texts.not_met, None: texts.unknown}[state]
    return _filled(sentence, numbers)


def _budget_sentence(
    rule: Rule, language: str, numbers: Mapping[str, str], *, reached: bool
) -> str:
    assert rule.budget is not None, "only a rule with a budget speaks of its end"
    texts = rule.budget.texts[language]
    return _filled(texts.met if reached else texts.not_met, numbers)


def _numbers(rule: Rule, on: date) -> Mapping[str, str]:
    numbers = {}
    for name, parameter in rule.parameters.items():
        try:
            numbers[name] = str(parameter.on(on).value)
        except NotInForce:
            numbers[name] = "?"
    return numbers


def _filled(sentence: str, numbers: Mapping[str, str]) -> str:
    return sentence.format_map(numbers)


def _legal_bases(rule: Rule, on: date, language: str) -> tuple[tuple[str, int, str], ...]:
    bases = []
    for name, parameter in rule.parameters.items():
        try:
            dated = parameter.on(on)
        except NotInForce:
            continue
        bases.append((name, dated.value, dated.legal_basis[language]))
    return tuple(bases)
