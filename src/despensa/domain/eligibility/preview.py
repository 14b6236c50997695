"""
What the office may be told of a draft rule before it is published.

Decides the coarse numbers: households to the nearest ten and "<20" below, goods to the nearest ten
of the largest benefit, so that one household moves either by a tenth of a step at most. Rounding
alone would tell of one household to whoever asks twice, with a draft beside a boundary and with the
same draft and that household; so a draft that reaches nearly the same households as a version or
draft before it is answered with the numbers of that one (`ports.previewing`).
Source: docs/decisions/0022-previews-of-drafts.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from despensa.domain.eligibility.caution import SMALL_GROUP, coarse
from despensa.domain.eligibility.evaluate import Decision, evaluate
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.rule import OUTCOMES, Household, NotInForce, Rule

PREVIEWS_A_DAY = 50
DRAFT_KEPT_DAYS = 180
# drafts that are compared with a new one; each costs one more reading of the register
EARLIER_COMPARED = 40
EXAMPLES_SHOWN = 6
BELOW = f"<{SMALL_GROUP}"
SIZES = ((1, 1), (2, 3), (4, 5), (6, 8), (9, None))
# whom an entitled household may have in it: by sex, and by age in whole years, to and not including
SEXES = ("female", "male")
AGES = ((0, 5), (5, 18), (18, 60), (60, None))
_TENS = 10
_MEMBERS_RECKONED = 10
Told = int | str


@dataclass(frozen=True, slots=True)
class Split:
    """
    Some households by what they are.

    Shape: `by_area` and `by_size` by the place of their area in the order's groups and of their
        size in `SIZES`; `with_sex` and `with_age` those with somebody of a sex or an age, by the
        place in `SEXES` and `AGES`.
    """

    by_area: Mapping[int, int]
    by_size: Mapping[int, int]
    with_sex: Mapping[int, int]
    with_age: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """
    Exact numbers of households, which never leave the process that counted them.

    Shape: `outcomes` by outcome; `given` by unit, as (sum, the most one household gets); `late`
        are those the money does not reach, None where it has no end; `gained` and `lost` against
        the last version, None without one; `entitled` and `unreached` are the entitled and the
        late by what they are, the latter None where `late` is.
    """

    outcomes: Mapping[int, int]
    given: Mapping[str, tuple[int, int]]
    late: int | None
    gained: int | None
    lost: int | None
    entitled: Split
    unreached: Split | None


@dataclass(frozen=True, slots=True)
class CoarseSplit:
    """The numbers of `Split` as they may be told."""

    by_area: tuple[Told, ...]
    by_size: tuple[Told, ...]
    with_sex: tuple[Told, ...]
    with_age: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Coarse:
    """The numbers of `Counted` as they may be told; a number below 20 is the text "<20"."""

    outcomes: Mapping[str, Told]
    given: Mapping[str, Told]
    late: Told | None
    gained: Told | None
    lost: Told | None
    entitled: CoarseSplit
    unreached: CoarseSplit | None


@dataclass(frozen=True, slots=True)
class Example:
    """An invented household of the rule's own cases, and what it gets by both versions."""

    sentence: str
    on: date
    before: Decision | None
    after: Decision


def told(households: int) -> Told:
    """
    Return a number of households as it may be told.

    >>> [told(count) for count in (0, 19, 20, 414, 415)]
    ['<20', '<20', 20, 410, 420]
    """
    return BELOW if households < SMALL_GROUP else coarse(households)


def told_goods(total: int, largest: int) -> Told:
    """
    Return a quantity as it may be told, where one household gets at most `largest`.

    >>> [told_goods(total, 3) for total in (59, 60, 74, 75)]
    ['<60', 60, 60, 90]
    """
    step = _TENS * max(largest, 1)
    if total < 2 * step:
        return f"<{2 * step}"
    return (total + step // 2) // step * step


def largest(rule: Rule) -> Mapping[str, int]:
    """Return the most that a household gets of each unit, reckoned with ten members."""
    many = _MEMBERS_RECKONED if rule.subject == "person" else 1
    return {line.unit: max(line.maximum, line.while_unknown) * many for line in rule.benefit}


def coarsened(counted: Counted, *, areas: int) -> Coarse:
    """Return exact numbers as they may be told, by so many groups of areas."""
    return Coarse(
        outcomes={name: told(counted.outcomes.get(key, 0)) for key, name in OUTCOMES.items()},
        given={unit: told_goods(total, most) for unit, (total, most) in counted.given.items()},
        late=_told(counted.late),
        gained=_told(counted.gained),
        lost=_told(counted.lost),
        entitled=_split(counted.entitled, areas),
        unreached=None if counted.unreached is None else _split(counted.unreached, areas),
    )


def limit(rule: Rule, on: date) -> tuple[str, int] | None:
    """Return the unit that ends and how much of it a cycle has; None where nothing ends."""
    if rule.budget is None:
        return None
    return rule.budget.unit, rule.constant(rule.budget.maximum, on)


def _split(households: Split, areas: int) -> CoarseSplit:
    return CoarseSplit(
        by_area=_by_place(households.by_area, areas),
        by_size=_by_place(households.by_size, len(SIZES)),
        with_sex=_by_place(households.with_sex, len(SEXES)),
        with_age=_by_place(households.with_age, len(AGES)),
    )


def _by_place(households: Mapping[int, int], places: int) -> tuple[Told, ...]:
    return tuple(told(households.get(place, 0)) for place in range(places))


def _told(households: int | None) -> Told | None:
    return None if households is None else told(households)


def examples(rule: Rule, last: Rule | None) -> tuple[Example, ...]:
    """
    Return invented households of the cases of both versions, those first that get something else.

    They are read from the rule files alone: no example is, or resembles, anybody registered.
    """
    found = {example.sentence: example for example in _examples(rule, last)}
    ordered = sorted(found.values(), key=lambda one: _same(one.before, one.after))
    return tuple(ordered[:EXAMPLES_SHOWN])


def _same(before: Decision | None, after: Decision) -> bool:
    return before is not None and (before.outcome, before.lines) == (after.outcome, after.lines)


def _examples(rule: Rule, last: Rule | None) -> Iterator[Example]:
    for source in (rule, last):
        for sentence, on, household in _invented(source):
            after = _decided(rule, household, on)
            if after is not None:
                before = None if last is None else _decided(last, household, on)
                yield Example(sentence, on, before, after)


def _invented(rule: Rule | None) -> Iterable[tuple[str, date, Household]]:
    if rule is None:
        return
    for case in rule.cases:
        yield case.sentence, case.on, case.household
    for clause in rule.clauses:
        yield clause.case.sentence, clause.case.on, clause.case.household


def _decided(rule: Rule, household: Household, on: date) -> Decision | None:
    try:
        return evaluate(rule, reduce(rule, household, on, lot=0), on)
    except NotInForce:
        return None
