"""
What the search learns when two records become one: how one name was written twice.

A person is one witness, whatever they were corrected or put together: many records of one person prove
little. Undone, the merge takes back what it taught. Only use cases import this.
Source: docs/decisions/0017-corrections-and-what-the-search-learns.md.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.matching.variants import Pair, taught
from despensa.domain.ports.keeper import Access, AccessRefused, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed
from despensa.records.corrections import queries as corrections
from despensa.records.corrections import variant_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from despensa.records.registry import store as registry


@dataclass(frozen=True, slots=True)
class Lesson:
    """Words that stood for one name in two records, and the merge that says so: done, or undone."""

    people: tuple[UUID, ...]
    change: UUID
    at: int
    is_undone: bool
    pairs: tuple[Pair, ...] = field(repr=False)


def lesson(
    people: Sequence[UUID],
    change: UUID,
    at: int,
    *,
    is_undone: bool,
    acting: Acting,
    vault: PersonVault,
) -> Lesson:
    """
    Return by which words the names of two records of one person differ; a look at both.

    `at` is when the merge was done. Where the hour's quota is used up it holds no word: the merge
    goes on, and nothing is learnt from it.
    """
    assert acting.staff is not None, "records are put together by a person"
    wanted = [
        (view.key, [Sealed(Column.FULL_NAME, view.id.bytes, view.full_name)])
        for view in queries.records(people).values()
        if view.key is not None and view.full_name is not None
    ]
    heard: tuple[Pair, ...] = ()
    if len(wanted) == len(people):
        access = Access(
            entry=acting.new_id().bytes,
            staff=acting.staff.bytes,
            at=acting.at,
            purpose=Purpose.COMPARE_RECORDS,
            persons=tuple(key.person for key, _ in wanted),
            fields=(Column.FULL_NAME,),
        )
        with transaction.atomic(using=REGISTRY):
            registry.record_look(access, acting=acting)
        with suppress(AccessRefused):
            (one,), (other,) = vault.unseal(access, wanted)
            heard = taught(one, other)
    return Lesson(tuple(people), change, at, is_undone, heard)


def note(lesson: Lesson, *, day: date, vault: PersonVault) -> None:
    """Let the search learn, or take back what it learnt, unless one of the two was a witness before."""
    was_witness = queries.was_made_one(lesson.people, besides=lesson.change) or any(
        corrections.was_named_anew(person, besides=None, until=lesson.at)
        for person in lesson.people
    )
    if was_witness or not lesson.pairs:
        return
    if lesson.is_undone:
        variant_store.unlearn(lesson.pairs, vault=vault)
    else:
        variant_store.learn(lesson.pairs, day=day, vault=vault)
