"""
What a source said of a household and its people the last time, in a form that only compares.

A file that comes again is held against what the same source said before, not against the register:
what the office corrected since is overwritten only where the source says something new. Of what was
said nothing is kept but keyed digests. Source: docs/reference/formats.md, section 7.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from despensa.domain.registration.draft import HouseholdDraft, PersonDraft, Role

_DIGEST = 16
_PERSON = 3 * _DIGEST
# a person the source no longer names
NO_MORE = bytes(_DIGEST)
# of a household that no file brought
NOTHING_SAID = bytes(2 * _DIGEST)


@dataclass(frozen=True, slots=True)
class Spoken:
    """
    A household of a file with what it is known and compared by.

    Shape: `refs` are the references of the household, then of its people; `digests` those of place
    and facts, then of each person.
    """

    draft: HouseholdDraft
    refs: Sequence[bytes]
    digests: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class PersonSaid:
    """Who a person of the source is here, and the digest of what it said; `NO_MORE` when nothing."""

    person: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class HouseholdSaid:
    """The digests of a household's place and facts, and its people by their reference."""

    place: bytes
    facts: bytes
    people: Mapping[bytes, PersonSaid]

    def pack(self) -> bytes:
        """
        Return the bytes the books keep.

        Source: docs/reference/formats.md, section 7.
        """
        return (
            self.place
            + self.facts
            + b"".join(
                ref + said.person.bytes + said.digest for ref, said in sorted(self.people.items())
            )
        )


def pack_first(spoken: Spoken, people: Iterable[bytes]) -> bytes:
    """Return what the books keep of a new household's words; `people` are its people's ids in order."""
    place, facts, *own = spoken.digests
    said = sorted(zip(spoken.refs[1:], people, own, strict=True))
    return b"".join([place, facts, *(part for one in said for part in one)])


def unpack(data: bytes) -> HouseholdSaid:
    """Return what `pack` wrote."""
    people = {}
    for at in range(2 * _DIGEST, len(data), _PERSON):
        ref, person, digest = (data[at + n * _DIGEST : at + (n + 1) * _DIGEST] for n in range(3))
        people[ref] = PersonSaid(UUID(bytes=person), digest)
    return HouseholdSaid(data[:_DIGEST], data[_DIGEST : 2 * _DIGEST], people)


def statements(household: HouseholdDraft) -> list[bytes]:
    """
    Return what a file says, to be digested: place, facts, then each person in file order.

    Line numbers are no statement. The address counts as its head's.
    """
    return [
        orjson.dumps([household.area_pcode, household.area_name]),
        orjson.dumps(sorted(household.facts.items())),
        *(_person(one, household.address) for one in household.persons),
    ]


def is_same(before: HouseholdSaid, spoken: Spoken) -> bool:
    """Return whether a source says exactly what it said before."""
    known = {ref: one.digest for ref, one in before.people.items() if one.digest != NO_MORE}
    place, facts, *people = spoken.digests
    named = dict(zip(spoken.refs[1:], people, strict=True))
    return (before.place, before.facts) == (place, facts) and known == named


def _person(person: PersonDraft, address: str | None) -> bytes:
    birth, parts = person.birth, person.name_parts
    said: Sequence[Any] = [
        person.full_name,
        person.sex,
        [birth.year, birth.month, birth.day],
        person.roles,
        None if parts is None else [parts.surname_1, parts.surname_2, parts.given],
        [[one.kind, one.country, one.number] for one in person.documents],
        person.phones,
        sorted(person.facts.items()),
        address if Role.HEAD in person.roles else None,
    ]
    return orjson.dumps(said)
