"""
A new version of the catalogue of facts: what it changes, and what stands in its way.

Decides the differences in the form people read before they approve, and refuses a version that
takes a fact away from a rule that is in use or turns what is stored into something else. The
forbidden categories are refused where every catalogue is read (`catalogue.parse_catalogue`).
Source: docs/explanation/design.md, section 2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from despensa.domain.catalogue import Catalogue, CatalogueError, Fact, FactType, parse_catalogue
from despensa.domain.eligibility.document import Problem, RuleError, read_document
from despensa.domain.eligibility.publication import fact_problems
from despensa.domain.eligibility.rule import Rule
from despensa.domain.text_fault import Fault

CHARACTERS_MAX = 200_000
_KEPT = 16


class What(StrEnum):
    """In what a version differs from the one before it, in the order in which it is shown."""

    ADDED = "added"
    ENDED = "ended"
    PURPOSES = "purposes"
    READERS = "readers"
    RETENTION = "retention"
    VALUES = "values"
    ATTESTED = "attested"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact and one thing about it; `before` is None of a new fact, `after` of an ended one."""

    what: What
    before: Fact | None
    after: Fact | None

    @property
    def fact(self) -> Fact:
        """Return the fact as it will be, or as it was when it ends."""
        fact = self.after or self.before
        assert fact is not None, "a difference is about a fact"
        return fact


@lru_cache(maxsize=_KEPT)
def read_catalogue(text: str) -> Catalogue:
    """
    Return the catalogue of a file, read as strictly as a rule: no anchors, no key twice.

    Raises: CatalogueError listing every fault and how to mend it.
    """
    if len(text) > CHARACTERS_MAX:
        raise CatalogueError([Fault("too_long", most=f"{CHARACTERS_MAX:,}")])
    try:
        return parse_catalogue(read_document(text).tree)
    except RuleError as error:
        raise CatalogueError([_in_file(problem) for problem in error.problems]) from error


def _in_file(problem: Problem) -> Fault:
    place = "/".join(str(step) for step in problem.path) or "the file"
    if problem.line is None:
        return Fault("in_place", place=place, why=problem.text)
    return Fault(
        "in_line", line=str(problem.line), column=str(problem.column), place=place, why=problem.text
    )


def differences(old: Catalogue, new: Catalogue) -> tuple[Difference, ...]:
    """Return what a new version changes; facts added first, then ended, then those changed."""
    found = [Difference(What.ADDED, None, fact) for fact in new.facts if old.get(fact.name) is None]
    found += [
        Difference(What.ENDED, fact, None) for fact in old.facts if new.get(fact.name) is None
    ]
    for fact in new.facts:
        before = old.get(fact.name)
        if before is not None:
            found += [Difference(what, before, fact) for what in _changed(before, fact)]
    return tuple(found)


def _changed(before: Fact, after: Fact) -> Iterator[What]:
    if set(before.purposes) != set(after.purposes):
        yield What.PURPOSES
    if set(before.readers) != set(after.readers):
        yield What.READERS
    if before.retention_days != after.retention_days:
        yield What.RETENTION
    if _domain_of(before) != _domain_of(after):
        yield What.VALUES
    if set(before.attested_by) != set(after.attested_by):
        yield What.ATTESTED
    if (before.label, before.value_labels) != (after.label, after.value_labels):
        yield What.LABEL


def _domain_of(fact: Fact) -> tuple[object, ...]:
    return (
        fact.subject,
        fact.type,
        frozenset(fact.values),
        fact.minimum,
        fact.maximum,
        fact.unit,
    )


def change_problems(old: Catalogue, new: Catalogue, rules: Mapping[str, Rule]) -> tuple[Fault, ...]:
    """
    Return everything for which a new version may not be published; empty when it may.

    `rules` are those in use, by the name people know them by. Refused are another name or number
    than the next, a version that changes nothing, a stored fact that becomes something else, and
    a fact that a rule in use reads and the version no longer holds for it.
    """
    problems = list(_number_problems(old, new))
    if not problems and not differences(old, new):
        problems.append(Fault("no_change"))
    for fact in new.facts:
        before = old.get(fact.name)
        if before is not None and not _still_takes(before, fact):
            problems.append(Fault("stored_would_not_fit", place=fact.name))
    for name, rule in rules.items():
        problems += [
            Fault("read_by_rule", place=str(problem.path[-1]), rule=name, why=problem.text)
            for problem in fact_problems(rule, new)
        ]
    return tuple(problems)


def _number_problems(old: Catalogue, new: Catalogue) -> Iterator[Fault]:
    if new.name != old.name:
        yield Fault("another_name", old=old.name, new=new.name)
    if new.version != old.version + 1:
        old_number, following = str(old.version), str(old.version + 1)
        yield Fault("another_number", old=old_number, next=following, new=str(new.version))


def _still_takes(before: Fact, after: Fact) -> bool:
    same = (before.subject, before.type, before.unit) == (after.subject, after.type, after.unit)
    if before.type is FactType.CHOICE:
        return same and set(before.values) <= set(after.values)
    if before.type is FactType.INT:
        low = after.minimum is None or (
            before.minimum is not None and after.minimum <= before.minimum
        )
        high = after.maximum is None or (
            before.maximum is not None and after.maximum >= before.maximum
        )
        return same and low and high
    return same
