"""
Destroy the facts whose last purpose ended and whose retention is over; the log says which.

0 anything due? · 1 nobody stores facts meanwhile; load versions and rules again · 2 decide · 3 delete
the values, close the fact, write leaf and journal · afterwards the keeper destroys the keys under
which the journal held the values, also after a death between the two. It was told before whose end
is near: it destroys none of which it was not.
Source: docs/explanation/design.md, promise 3 and section 5; docs/reference/formats.md, section 8.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import FactKeys
from despensa.domain.retention import KEYS_NOTICE_DAYS, Ending, due, endings
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.catalogue import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.programmes.rule_use import published_rules

ACTION = "destroy_ended_facts"
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A fact that was destroyed now, and how many households and people it was known of."""

    name: str
    values: int


def facts_without_purpose(acting: Acting) -> tuple[Ending, ...]:
    """Return the facts whose last day is known: nothing needs them any more, or not for long."""
    gone = {(row.name, row.version) for row in queries.destroyed()}
    return endings(
        queries.history(acting.day_of),
        [one.use for one in published_rules(acting.day_of)],
        destroyed=gone,
    )


def destroy_ended_facts(*, acting: Acting, keys: FactKeys) -> list[Destroyed]:
    """
    Return what was destroyed now; doing it again, or after a death anywhere, destroys the rest.

    The public leaf names fact, versions and the day the last purpose ended. How many values there
    were stands in the journal alone: counts of people are published by releases only.
    """
    done = []
    if due(facts_without_purpose(acting), acting.day):
        with transaction.atomic(using=REGISTRY):
            store.lock()
            for ending in due(facts_without_purpose(acting), acting.day):
                name = ending.fact.name
                values, rows = store.destroy(name, ending.versions, now=acting.at)
                journal_store.record(REGISTRY, ACTION, acting, rows)
                body = {0: name, 1: list(ending.versions), 2: ending.on.toordinal() - _DAY_ZERO}
                journal_store.announce(REGISTRY, ACTION, acting, PublicKind.FACT_DESTROYED, body)
                done.append(Destroyed(name, values))
    keys.destroy_facts(_keys_to_destroy(acting), at=acting.at)
    keys.note_ending_facts(_keys_that_end(acting), at=acting.at)
    return done


def _keys_that_end(acting: Acting) -> list[tuple[str, int]]:
    """Return the keys that will be destroyed within the keeper's notice, and a day to spare."""
    near = due(facts_without_purpose(acting), acting.day + timedelta(days=KEYS_NOTICE_DAYS + 1))
    found = {(ending.fact.name, version) for ending in near for version in ending.versions}
    return _with_later(found, acting)


def _keys_to_destroy(acting: Acting) -> list[tuple[str, int]]:
    """Return the keys of what was destroyed in the register."""
    return _with_later({(row.name, row.version) for row in queries.destroyed()}, acting)


def _with_later(found: set[tuple[str, int]], acting: Acting) -> list[tuple[str, int]]:
    """
    Return each fact with every version under whose key its values may have been sealed.

    A row that was written again while a fact waited for its end was sealed under a version that
    holds the fact no more: those keys go as well.
    """
    history = queries.history(acting.day_of) if found else []
    every = set(found)
    for name, version in found:
        every |= {
            (name, later.catalogue.version)
            for later in history
            if later.catalogue.version > version and later.catalogue.get(name) is None
        }
    return sorted(every)
