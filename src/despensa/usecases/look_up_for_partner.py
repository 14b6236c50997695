"""
Look a person or household up for a partner: written down before it is read, consented or nothing.

1 find the consent for exactly this, in one statement that cannot tell "unknown" from "no consent" ·
2 write down whose record is opened, nobody's where nothing was found · 3 let the keeper open what
the consent names. All three happen in every case, so that time tells as little as the answer.
Source: docs/explanation/design.md, sections 5 and 9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.matching.search_text import SearchText
from despensa.domain.partner.consent import About, SharedFor, fields_about
from despensa.domain.ports.keeper import Access, KeyedPerson, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries
from despensa.records.registry import store


class TooManyFound(RuntimeError):
    """More than one record has this number and a consent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a partner asks with: a number's search text, or a card; `text` None finds nobody."""

    about: About
    purpose: SharedFor
    text: SearchText | None
    card: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the consent allows: its fields with their values, and whose key seals the answer."""

    consent: UUID
    owner: KeyedPerson = field(repr=False)
    fields: tuple[str, ...]
    values: Mapping[str, Any] = field(repr=False)


def look_up_for_partner(
    wanted: Wanted,
    *,
    partner: queries.PartnerView,
    acting: Acting,
    vault: PersonVault,
    catalogue: Catalogue,
) -> Told | None:
    """
    Return what the partner may be told, or None; `acting` is the partner's act.

    Raises: TooManyFound; AccessRefused when the quota of the partner or the office is used up.
    """
    tokens = vault.search_tokens([] if wanted.text is None else [wanted.text])
    with transaction.atomic(using=REGISTRY):
        found = queries.granted(
            partner.id,
            area=partner.area,
            tokens=tokens,
            card=wanted.card,
            is_person=wanted.about is About.PERSON,
            purpose=int(wanted.purpose),
            day=acting.day,
        )
        one = found[0] if len(found) == 1 else None
        people = [] if one is None else _people(one)
        access = Access(
            entry=acting.new_id().bytes,
            staff=partner.id.bytes,
            at=acting.at,
            purpose=Purpose.ANSWER_PARTNER,
            persons=tuple(person.bytes for person in people),
            fields=() if one is None else _columns(one),
        )
        store.record_look(access, acting=acting)
    if len(found) > 1:
        raise TooManyFound("More than one record has this number.")
    told = None if one is None else _told(one, access, partner, vault, catalogue)
    if told is None:
        vault.unseal(access, [])
    return told


def _people(one: queries.Granted) -> list[UUID]:
    if one.person is not None:
        return [one.person]
    return [member.id for member in queries.living_there(one.household)]


def _columns(one: queries.Granted) -> tuple[Column, ...]:
    is_named = one.person is not None and "full_name" in one.fields
    return (Column.FULL_NAME, Column.NAME_PARTS) if is_named else ()


def _told(
    one: queries.Granted,
    access: Access,
    partner: queries.PartnerView,
    vault: PersonVault,
    catalogue: Catalogue,
) -> Told | None:
    """Return the values of the consented fields; None for somebody who was erased meanwhile."""
    about = About.HOUSEHOLD if one.person is None else About.PERSON
    known = fields_about(about, catalogue)
    fields = tuple(name for name in one.fields if name in known and name in partner.fields)
    owner = queries.subject(one.given_by if one.person is None else one.person)
    if owner is None:
        return None
    facts, area = queries.household_facts(one.household)
    values: dict[str, Any] = {"area": area}
    if one.person is None:
        vault.unseal(access, [])
        values |= {"facts": facts, "group_size": len(access.persons)}
    else:
        month = owner.birth_month
        values |= {
            "facts": owner.facts,
            "sex": owner.sex,
            "birth_month": None if month is None else f"{month:%Y-%m}",
            "full_name": _name(owner, access, vault),
        }
    return Told(one.consent, owner.key, fields, values)


def _name(person: queries.Subject, access: Access, vault: PersonVault) -> tuple[str, str]:
    """Return surnames and given names; a name that was not written in parts is a given name."""
    wanted = access.fields
    stored = [(Column.FULL_NAME, person.full_name), (Column.NAME_PARTS, person.name_parts)]
    sealed = [
        Sealed(column, person.key.person, data)
        for column, data in stored
        if data is not None and column in wanted
    ]
    [values] = vault.unseal(access, [(person.key, sealed)])
    return _parts(values)


def _parts(values: Sequence[Any]) -> tuple[str, str]:
    if len(values) > 1 and values[1][0]:
        first, second, given = values[1]
        return " ".join(filter(None, (first, second))), " ".join(given)
    return "", values[0] if values else ""
