"""
When the last purpose of a fact has ended, and when its values are destroyed.

Decides from published catalogues and rules alone: a fact lives while delivery or a named report
needs it, or while a rule in use reads it. Afterwards its values stay for the days its catalogue
entry names. A fact that no published rule ever read was held for a draft: for 180 days.
Nothing here looks at a person. Source: docs/explanation/design.md, promise 3 and section 2.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from despensa.domain.catalogue import Catalogue, Fact, Purpose
from despensa.domain.cycle_life import DISPUTE_DAYS, disputed_until

DRAFT_DAYS = 180
# so long before their end the keeper is told whose keys it will destroy
KEYS_NOTICE_DAYS = 7
_ALWAYS = frozenset({Purpose.DELIVERY, Purpose.REPORT})


def appeal_until(closes_on: date, days: int = DISPUTE_DAYS) -> date:
    """
    Return the last day on which a decision of a cycle that closes on this day can be appealed.

    >>> appeal_until(date(2026, 12, 2))
    datetime.date(2027, 3, 2)
    """
    return disputed_until(closes_on, days=days)


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the catalogue and the day from which it was in force."""

    catalogue: Catalogue
    on: date


@dataclass(frozen=True, slots=True)
class RuleUse:
    """
    One published rule: the facts it reads and until when it was of use.

    `replaced_on` is the day on which another version took its place, or its programme ended; None
    is a rule in use. `disputed_until` is the last day on which a cycle it decided may be disputed.
    """

    facts: frozenset[str]
    replaced_on: date | None
    disputed_until: date | None = None

    def ended_on(self) -> date | None:
        """Return the first day on which nothing needs its facts any more; None is not yet."""
        if self.replaced_on is None:
            return None
        if self.disputed_until is None:
            return self.replaced_on
        return max(self.replaced_on, self.disputed_until + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Ending:
    """
    A fact whose purposes have all ended, or will on a day that is known.

    `versions` are those under whose keys its values may lie; `on` is the day the last purpose
    ends, `due` the day from which the values may no longer be here. `is_draft` is a fact that waits
    for a first rule.
    """

    fact: Fact
    versions: tuple[int, ...]
    on: date
    due: date
    is_draft: bool = False


def endings(
    history: Sequence[Published],
    uses: Sequence[RuleUse],
    *,
    destroyed: Collection[tuple[str, int]],
) -> tuple[Ending, ...]:
    """
    Return the facts whose last day is known, by name.

    `history` is every version, oldest first; `destroyed` are the (fact, version) whose values are
    gone: what stands in a later version begins anew there.
    """
    names = sorted({fact.name for version in history for fact in version.catalogue.facts})
    found = (_ending(name, history, uses, destroyed) for name in names)
    return tuple(ending for ending in found if ending is not None)


def due(found: Sequence[Ending], today: date) -> tuple[Ending, ...]:
    """Return the endings whose values are destroyed today."""
    return tuple(ending for ending in found if ending.due <= today)


def _ending(
    name: str,
    history: Sequence[Published],
    uses: Sequence[RuleUse],
    destroyed: Collection[tuple[str, int]],
) -> Ending | None:
    held = [
        (place, fact)
        for place, one in enumerate(history)
        if (fact := one.catalogue.get(name)) is not None
        and (name, one.catalogue.version) not in destroyed
    ]
    if not held:
        return None
    last, fact = held[-1]
    is_removed = last + 1 < len(history)
    if not is_removed and _ALWAYS & set(fact.purposes):
        return None
    since = history[held[0][0]].on
    reading = [use for use in uses if name in use.facts]
    if any(use.ended_on() is None for use in reading):
        return None
    ends = [ended for use in reading if (ended := use.ended_on()) is not None and ended >= since]
    versions = tuple(history[place].catalogue.version for place, _ in held)
    ends += _purposes_given_up(held, history)
    if is_removed:
        ends.append(history[last + 1].on)
    if not ends:
        drafted = since + timedelta(days=DRAFT_DAYS)
        return Ending(fact, versions, drafted, drafted, is_draft=True)
    on = max(ends)
    return Ending(fact, versions, on, on + timedelta(days=fact.retention_days))


def _purposes_given_up(
    held: Sequence[tuple[int, Fact]], history: Sequence[Published]
) -> Iterator[date]:
    """Return the days on which a version no longer named delivery or a report for the fact."""
    for (_, before), (place, after) in pairwise(held):
        if _ALWAYS & set(before.purposes) and not _ALWAYS & set(after.purposes):
            yield history[place].on
