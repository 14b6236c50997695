"""
Two versions of a rule side by side: what was added, left out or changed, in words.

Decides which parts belong together: parameters, benefit lines and facts by name, clauses by code,
cases by their sentence. A change of any word or number of either file is told somewhere.
Source: docs/explanation/design.md section 7.1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from despensa.domain.eligibility.rule import Clause, Rule, RuleParameter
from despensa.domain.eligibility.wording import words

Part = tuple[str, str]
Lines = tuple[str, ...]
# told by their own parts below; everything else in a file is told as it is written
_IN_WORDS = frozenset(
    {
        "parameters",
        "clauses",
        "entitled_when",
        "benefit",
        "priority",
        "budget",
        "cases",
        "facts",
        "carry_over",
    }
)


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
    for name in sorted(set(source) - _IN_WORDS):
        yield (name, ""), (_written(source[name]),)
    for name, fact in source.get("facts", {}).items():
        yield ("fact", name), (_written(fact),)
    for name, parameter in rule.parameters.items():
        yield ("parameter", name), tuple(_dated(parameter))
    for clause, written in zip(rule.clauses, source["clauses"], strict=True):
        yield ("clause", clause.code), tuple(_clause(clause, written["case"]))
    yield ("right", ""), (words(rule.entitled_when),)
    for line in rule.benefit:
        yield ("benefit", line.line), (words(line),)
    if rule.priority:
        yield ("priority", ""), tuple(words(step) for step in rule.priority)
    if rule.budget is not None:
        told = {key: value for key, value in source["budget"].items() if key != "maximum"}
        maximum = f"at most {words(rule.budget.maximum)} {rule.budget.unit} a cycle"
        yield ("budget", ""), (maximum, _written(told))
    for carried in rule.carry_over:
        most = f"at most {words(carried.at_most)}, for {carried.cycles} more cycles"
        yield ("carry_over", carried.unit), (most,)
    yield from _cases(source.get("cases", []))
    yield (
        ("order", ""),
        (*(clause.code for clause in rule.clauses), *(b.line for b in rule.benefit)),
    )


def _cases(cases: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Part, Lines]]:
    by_sentence: dict[str, list[str]] = {}
    for case in cases:
        by_sentence.setdefault(case["sentence"], []).append(_written(case))
    for sentence, written in by_sentence.items():
        yield ("case", sentence), tuple(written)


def _dated(parameter: RuleParameter) -> Iterator[str]:
    yield f"in {parameter.unit}"
    for dated in parameter.values:
        until = "" if dated.until is None else f" until {dated.until}"
        yield f"{dated.value:,} from {dated.since}{until}"
        yield from (f"{language}: {text}" for language, text in dated.legal_basis.items())


def _clause(clause: Clause, case: object) -> Iterator[str]:
    yield words(clause.when)
    for language, texts in clause.texts.items():
        yield f"{language}: {texts.met}"
        yield f"{language}: {texts.not_met}"
        yield f"{language}: {texts.unknown}"
    yield f"case: {_written(case)}"


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
