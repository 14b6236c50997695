"""
What stands between a rule and its publication.

Decides whether a rule reads only facts of the catalogue as they are declared there, names nothing
forbidden, has none of the faults of `lint` and passes its own cases.
Source: docs/explanation/design.md sections 2 and 7.1.
"""

from collections.abc import Iterator, Sequence

from despensa.domain.catalogue import Catalogue, Fact, FactType, Purpose, Subject
from despensa.domain.eligibility.cases import failing_cases
from despensa.domain.eligibility.document import Path, Problem
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.lint import rule_faults
from despensa.domain.eligibility.rule import FactDeclaration, Rule
from despensa.domain.forbidden import forbidden_category

_TYPES = {"boolean": FactType.BOOL, "integer": FactType.INT, "code": FactType.CHOICE}
_HELD_AS = {held: f"type_{name}" for name, held in _TYPES.items()}
_SUBJECTS = {"household": Subject.HOUSEHOLD, "person": Subject.REGISTRANT}
CORE_FACTS = frozenset({"sex"})


def publishing_problems(
    rule: Rule, catalogue: Catalogue, spoken: Sequence[str] = ()
) -> tuple[Problem, ...]:
    """
    Return everything for which a rule may not be published; empty when it may.

    Shape: `spoken` are the languages of the workspace. The answer holds languages the rule lacks,
        facts that the catalogue does not hold as declared, forbidden names and texts, faults of
        the rule itself, cases that come out otherwise.
    """
    return (
        *_unspoken(rule, spoken),
        *counting_problems(rule, catalogue),
        *failing_cases(rule),
    )


def counting_problems(rule: Rule, catalogue: Catalogue) -> tuple[Problem, ...]:
    """Return everything for which a draft is not even counted; its cases may still come."""
    return (
        *fact_problems(rule, catalogue),
        *_forbidden(rule.source, ()),
        *rule_faults(rule),
    )


def fact_problems(rule: Rule, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield a problem for each fact the rule reads that the catalogue does not hold for it so."""
    for name, declared in rule.facts.items():
        if name in CORE_FACTS:
            continue
        fault = _fault(declared, catalogue.get(name))
        if fault:
            yield Problem(("facts", name), fault)


def _unspoken(rule: Rule, spoken: Sequence[str]) -> Iterator[Problem]:
    for language in spoken:
        if language not in rule.languages:
            yield Problem(("languages",), RuleFault("language_spoken", language=language))


def _fault(declared: FactDeclaration, fact: Fact | None) -> RuleFault | None:
    if fact is None:
        return RuleFault("no_such_fact")
    if fact.subject is not _SUBJECTS[declared.of]:
        is_household = fact.subject is Subject.HOUSEHOLD
        return RuleFault("held_of_household" if is_household else "held_of_person")
    if fact.type is not _TYPES[declared.type]:
        return RuleFault(
            "held_otherwise", found=RuleFault(_HELD_AS.get(fact.type, "held_as_other"))
        )
    if Purpose.RULE not in fact.purposes:
        return RuleFault("other_purpose")
    strange = [value for value in declared.values if value not in fact.values]
    return RuleFault("value_not_held", found=strange[0]) if strange else None


def _forbidden(node: object, path: Path) -> Iterator[Problem]:
    if isinstance(node, str):
        category = forbidden_category(node)
        if category is not None:
            yield Problem(path, RuleFault("forbidden", category=RuleFault(category.value)))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _forbidden(key, (*path, key))
            yield from _forbidden(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _forbidden(value, (*path, index))
