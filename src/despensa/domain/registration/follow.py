"""
How a household follows its source when a file says something new of it.

Only what the source changed is followed: a person of whom it says the same keeps what the office
recorded since. A person it no longer names leaves; one it names again comes back, unless the office
let them go. An empty cell says nothing, so that what was known stays.
Source: docs/explanation/design.md, section 5; docs/decisions/0015-households-are-histories.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.registration.draft import PersonDraft, Role
from despensa.domain.registration.said import NO_MORE, HouseholdSaid, PersonSaid, Spoken


@dataclass(frozen=True, slots=True)
class Named:
    """
    A person the file names: who that is here, and what is new about them.

    `is_back` says that the source had left them out before; `is_new` that they are not here yet.
    """

    person: UUID
    draft: PersonDraft
    is_new: bool
    differs: bool
    is_back: bool


@dataclass(frozen=True, slots=True)
class Following:
    """What a household has to follow: the people named, those no longer named, and the next digests."""

    named: tuple[Named, ...]
    gone: tuple[UUID, ...]
    place_differs: bool
    facts_differ: bool
    said: HouseholdSaid


def follow(before: HouseholdSaid, spoken: Spoken, new_ids: Sequence[UUID]) -> Following:
    """
    Return what differs from what the source said before.

    `new_ids` has one id for each person of the file, used where the person is new.
    """
    persons, refs, digests = spoken.draft.persons, spoken.refs[1:], spoken.digests
    place, facts, *own = digests
    named, people = [], dict(before.people)
    for draft, ref, digest, fresh in zip(persons, refs, own, new_ids, strict=True):
        known = before.people.get(ref)
        person = fresh if known is None else known.person
        named.append(
            Named(
                person=person,
                draft=draft,
                is_new=known is None,
                differs=known is None or known.digest != digest,
                is_back=known is not None and known.digest == NO_MORE,
            )
        )
        people[ref] = PersonSaid(person, digest)
    absent = [ref for ref, one in before.people.items() if ref not in set(refs)]
    gone = tuple(
        before.people[ref].person for ref in absent if before.people[ref].digest != NO_MORE
    )
    people.update({ref: PersonSaid(before.people[ref].person, NO_MORE) for ref in absent})
    return Following(
        named=tuple(named),
        gone=gone,
        place_differs=place != before.place,
        facts_differ=facts != before.facts,
        said=HouseholdSaid(place, facts, people),
    )


def is_head(person: PersonDraft) -> bool:
    """Return whether a file makes this person the head."""
    return Role.HEAD in person.roles
