"""Reads of partners, consents and messages. What is sealed comes out sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.reach import Reach
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry.queries import MemberView, members

STATUS_ANSWERS_MAX = 20


@dataclass(frozen=True, slots=True)
class PartnerView:
    """One partner with its agreement."""

    id: UUID
    sender_id: str
    name: str
    public_key: bytes
    area: UUID
    purposes: tuple[int, ...]
    fields: tuple[str, ...]
    from_date: date
    until_date: date
    an_hour: int
    a_day: int
    callback: str
    revoked_at: int | None

    def is_active(self, day: date) -> bool:
        """Return whether this partner may ask on a day."""
        return self.revoked_at is None and self.from_date <= day < self.until_date


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One consent; `person` None means that it is about the household."""

    id: UUID
    partner: UUID
    partner_name: str
    person: UUID | None
    household: UUID | None
    given_by: UUID
    purpose: int
    fields: tuple[str, ...]
    from_date: date
    until_date: date
    at: int
    ended_at: int | None

    def holds(self, day: date) -> bool:
        """Return whether it counts on a day."""
        return self.ended_at is None and self.from_date <= day < self.until_date


@dataclass(frozen=True, slots=True)
class Granted:
    """A consent that was found for a request: whom it is about and what may be told."""

    consent: UUID
    person: UUID | None
    household: UUID
    given_by: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as far as a partner may be told of them, names still sealed."""

    key: KeyedPerson = field(repr=False)
    full_name: bytes | None = field(repr=False)
    name_parts: bytes | None = field(repr=False)
    sex: int | None
    birth_month: date | None
    facts: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of a partner and its answer, sealed where `owner` is named."""

    id: UUID
    partner: UUID
    message: str
    digest: bytes
    kind: int
    about: str
    transaction: str
    reference: str
    received_at: int
    consent: UUID | None
    owner: UUID | None
    answer: bytes | None = field(repr=False)
    tries: int


_PARTNER = """
    SELECT id, sender_id, name, public_key, area_id, purposes, fields, from_date, until_date,
           an_hour, a_day, callback, revoked_at
    FROM partner
"""
_CONSENT = """
    SELECT consent.id, consent.partner_id, partner.name, consent.person_id, consent.household_id,
           consent.given_by_id, consent.purpose, consent.fields, consent.from_date,
           consent.until_date, consent.at, consent.ended_at
    FROM partner_consent consent JOIN partner ON partner.id = consent.partner_id
"""
_MESSAGE = """
    SELECT id, partner_id, message, digest, kind, about, transaction, reference, received_at,
           consent_id, owner, answer, tries
    FROM partner_message
"""
# unknown, out of the partner's area, without consent: one statement, and no row
_GRANTED = """
    WITH RECURSIVE inside AS (
        SELECT %(area)s::uuid AS id
        UNION ALL SELECT area.id FROM area JOIN inside ON area.parent_id = inside.id
    ), asked AS (
        SELECT membership.registrant_id AS person, membership.household_id AS household
        FROM search_token found
        JOIN membership ON membership.registrant_id = found.person
             AND membership.until_date IS NULL AND membership.role IN (1, 2)
        WHERE found.token = ANY(%(tokens)s)
        UNION
        SELECT NULL::uuid, card.household_id FROM card WHERE card.number = %(card)s AND card.state IN (2, 3)
    )
    SELECT DISTINCT consent.id, consent.person_id, asked.household, consent.given_by_id,
                    consent.fields
    FROM asked
    JOIN household ON household.id = asked.household AND household.area_id IN (SELECT id FROM inside)
    JOIN partner_consent consent ON consent.partner_id = %(partner)s
         AND consent.ended_at IS NULL AND consent.purpose = %(purpose)s
         AND consent.from_date <= %(day)s AND consent.until_date > %(day)s
         AND CASE WHEN %(is_person)s THEN consent.person_id = asked.person
                  ELSE consent.household_id = asked.household END
    JOIN membership giver ON giver.registrant_id = consent.given_by_id
         AND giver.household_id = asked.household AND giver.until_date IS NULL
         AND giver.role IN (1, 2)
    JOIN person_key ON person_key.person = consent.given_by_id
    ORDER BY consent.id LIMIT 2
"""


def partners(*, reach: Reach) -> list[PartnerView]:
    """Return the partners whose area is in reach, those in force first, then by name."""
    rows = fetch(
        REGISTRY,
        f"""{_PARTNER} WHERE (%s::uuid[] IS NULL OR area_id = ANY(%s::uuid[]))
            ORDER BY revoked_at NULLS FIRST, name, id""",
        (reach.areas, reach.areas),
    )
    return [_partner(row) for row in rows]


def partner(partner_id: UUID, *, reach: Reach) -> PartnerView | None:
    """Return one partner; None when there is none, or none in reach."""
    rows = fetch(
        REGISTRY,
        f"{_PARTNER} WHERE id = %s AND (%s::uuid[] IS NULL OR area_id = ANY(%s::uuid[]))",
        (partner_id, reach.areas, reach.areas),
    )
    return _partner(rows[0]) if rows else None


def partner_of_sender(sender_id: str) -> PartnerView | None:
    """Return the newest partner under a sender id: the one in force, if any is."""
    rows = fetch(
        REGISTRY,
        f"{_PARTNER} WHERE sender_id = %s ORDER BY revoked_at DESC NULLS FIRST LIMIT 1",
        (sender_id,),
    )
    return _partner(rows[0]) if rows else None


def names(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of partners by id."""
    return dict(fetch(REGISTRY, "SELECT id, name FROM partner WHERE id = ANY(%s)", (list(ids),)))


def asked_on(partner_ids: Sequence[UUID], day: int) -> dict[UUID, int]:
    """Return how many searches each partner made on a day, counted since 1970."""
    return dict(
        fetch(
            REGISTRY,
            """SELECT partner_id, used FROM partner_meter
               WHERE partner_id = ANY(%s) AND kind = 2 AND period = %s""",
            (list(partner_ids), day),
        )
    )


def consents_in_force(partner_ids: Sequence[UUID], day: date) -> dict[UUID, int]:
    """Return how many consents each partner has on a day."""
    return dict(
        fetch(
            REGISTRY,
            """SELECT partner_id, count(*) FROM partner_consent
               WHERE partner_id = ANY(%s) AND ended_at IS NULL AND from_date <= %s
                 AND until_date > %s GROUP BY partner_id""",
            (list(partner_ids), day, day),
        )
    )


def consents_of(household: UUID) -> list[ConsentView]:
    """Return the consents of a household and of who lives there now, newest first."""
    rows = fetch(
        REGISTRY,
        f"""{_CONSENT} WHERE consent.household_id = %(home)s OR consent.person_id IN (
                SELECT registrant_id FROM membership WHERE household_id = %(home)s
                AND until_date IS NULL AND role IN (1, 2))
            ORDER BY consent.ended_at IS NOT NULL, consent.at DESC, consent.id""",
        {"home": household},
    )
    return [_consent(row) for row in rows]


def consents_with(person: UUID) -> list[ConsentView]:
    """Return every consent about somebody, or given by them."""
    rows = fetch(
        REGISTRY,
        f"""{_CONSENT} WHERE consent.person_id = %s OR consent.given_by_id = %s
            ORDER BY consent.id""",
        (person, person),
    )
    return [_consent(row) for row in rows]


def consent(consent_id: UUID) -> ConsentView | None:
    """Return one consent, or None."""
    rows = fetch(REGISTRY, f"{_CONSENT} WHERE consent.id = %s", (consent_id,))
    return _consent(rows[0]) if rows else None


def receipts(consent_id: UUID) -> tuple[bytes, bytes | None] | None:
    """Return the receipt of a consent and that of its end, or None."""
    rows = fetch(
        REGISTRY, "SELECT receipt, ended_receipt FROM partner_consent WHERE id = %s", (consent_id,)
    )
    return None if not rows else (bytes(rows[0][0]), _bytes(rows[0][1]))


def granted(
    partner_id: UUID,
    *,
    area: UUID,
    tokens: Sequence[int],
    card: str,
    is_person: bool,
    purpose: int,
    day: date,
) -> list[Granted]:
    """Return the consents under which a partner may be told of whom it asks for; at most two."""
    rows = fetch(
        REGISTRY,
        _GRANTED,
        {
            "partner": partner_id, "area": area, "tokens": list(tokens), "card": card,
            "is_person": is_person, "purpose": purpose, "day": day,
        },
    )  # fmt: skip
    return [
        Granted(consent, person, household, giver, tuple(fields))
        for consent, person, household, giver, fields in rows
    ]


def subject(person: UUID) -> Subject | None:
    """Return a person as far as a partner may be told of them; None once erased."""
    rows = fetch(
        REGISTRY,
        """SELECT key.kek, key.wrapped, person.full_name, person.name_parts, person.sex,
                  person.birth_month, person.facts
           FROM registrant person JOIN person_key key ON key.person = person.id
           WHERE person.id = %s""",
        (person,),
    )
    if not rows:
        return None
    kek, wrapped, name, parts, *rest = rows[0]
    key = KeyedPerson(person.bytes, kek, bytes(wrapped))
    return Subject(key, _bytes(name), _bytes(parts), *rest)


def household_facts(household: UUID) -> tuple[dict[str, Any], str]:
    """Return a household's facts and the p-code of its area."""
    [row] = fetch(
        REGISTRY,
        """SELECT household.facts, area.pcode FROM household
           JOIN area ON area.id = household.area_id WHERE household.id = %s""",
        (household,),
    )
    return row[0], row[1]


def living_there(household: UUID) -> list[MemberView]:
    """Return who lives in a household now, heads first."""
    return [one for one in members([household]) if {1, 2} & set(one.roles)]


def message(partner_id: UUID, name: str) -> MessageView | None:
    """Return a message by the partner's own id for it, or None."""
    return _one_message("partner_id = %s AND message = %s", partner_id, name)


def message_by_id(message_id: UUID) -> MessageView | None:
    """Return a message by our id for it, or None."""
    return _one_message("id = %s", message_id)


def answered(
    partner_id: UUID, *, by: str, values: Sequence[str], kinds: Sequence[int]
) -> list[MessageView]:
    """Return the answered messages of a partner that a status request names, oldest first."""
    column = {
        "transaction_id": "transaction",
        "reference_id_list": "reference",
        "correlation_id": "replace(id::text, '-', '')",
    }[by]
    rows = fetch(
        REGISTRY,
        f"""{_MESSAGE} WHERE partner_id = %s AND {column} = ANY(%s) AND kind = ANY(%s)
              AND answer IS NOT NULL ORDER BY received_at, id LIMIT %s""",
        (partner_id, list(values), list(kinds), STATUS_ANSWERS_MAX),
    )
    return [_message(row) for row in rows]


def due(now: int, limit: int) -> list[MessageView]:
    """Return the answers that are to be sent out now, oldest first."""
    rows = fetch(
        REGISTRY, f"{_MESSAGE} WHERE due_at <= %s ORDER BY due_at, id LIMIT %s", (now, limit)
    )
    return [_message(row) for row in rows]


def partner_by_id(partner_id: UUID) -> PartnerView | None:
    """Return a partner, wherever it may ask, or None."""
    rows = fetch(REGISTRY, f"{_PARTNER} WHERE id = %s", (partner_id,))
    return _partner(rows[0]) if rows else None


def _one_message(where: str, *values: object) -> MessageView | None:
    rows = fetch(REGISTRY, f"{_MESSAGE} WHERE {where}", values)
    return _message(rows[0]) if rows else None


def _message(row: tuple[Any, ...]) -> MessageView:
    values = list(row)
    values[3], values[11] = bytes(values[3]), _bytes(values[11])
    return MessageView(*values)


def _partner(row: tuple[Any, ...]) -> PartnerView:
    ident, sender, name, key, area, purposes, fields, *rest = row
    return PartnerView(ident, sender, name, bytes(key), area, tuple(purposes), tuple(fields), *rest)


def _consent(row: tuple[Any, ...]) -> ConsentView:
    values = list(row)
    values[7] = tuple(values[7])
    return ConsentView(*values)


def _bytes(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]
