"""Writes of partners, consents, meters and messages. Only use cases import this."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError

from despensa.domain.act import Acting
from despensa.domain.partner.agreement import Agreement, LimitReached
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.bulk import broken_rule, execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.households.change_journal import Plan
from despensa.records.partners.queries import ConsentView, PartnerView, consents_with
from despensa.records.tables import TABLE_NUMBER

SEARCHES_AN_HOUR, SEARCHES_A_DAY, MESSAGES_AN_HOUR = 1, 2, 3
MESSAGES_AN_HOUR_MAX = 300
HOUR_SECONDS, DAY_SECONDS = 3600, 86_400


class PartnerKnown(ValueError):
    """The sender, or the key, is in use."""


def add_partner(
    partner: UUID, agreement: Agreement, *, area: UUID, from_date: date, proposal: UUID
) -> None:
    """
    Write a partner.

    Raises: PartnerKnown.
    """
    try:
        execute(
            REGISTRY,
            """INSERT INTO partner (id, sender_id, name, public_key, area_id, purposes, fields,
                   from_date, until_date, an_hour, a_day, callback, proposal)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                partner, agreement.sender_id, agreement.name, agreement.public_key, area,
                list(agreement.purposes), list(agreement.fields), from_date, agreement.until,
                agreement.an_hour, agreement.a_day, agreement.callback, proposal,
            ),
        )  # fmt: skip
    except IntegrityError as error:
        raise PartnerKnown(
            "A partner with this sender id is in force, or this key was used before: revoke the "
            "old one first, and make a new key."
        ) from error


def partner_columns(
    agreement: Agreement, *, area: UUID, from_date: date
) -> dict[int | str, object]:
    """Return a partner's columns for the journal."""
    return {
        "sender_id": agreement.sender_id,
        "name": agreement.name,
        "public_key": agreement.public_key,
        "area_id": area.bytes,
        "purposes": list(agreement.purposes),
        "fields": list(agreement.fields),
        "from_date": from_date.isoformat(),
        "until_date": agreement.until.isoformat(),
        "an_hour": agreement.an_hour,
        "a_day": agreement.a_day,
        "callback": agreement.callback,
    }


def revoke(partner: UUID, *, by: UUID, at: int) -> bool:
    """Return whether the partner is revoked by this; again is nothing. Nothing more is sent to it."""
    is_new = execute(
        REGISTRY,
        "UPDATE partner SET revoked_at = %s, revoked_by = %s WHERE id = %s AND revoked_at IS NULL",
        (at, by, partner),
    )
    execute(REGISTRY, "UPDATE partner_message SET due_at = NULL WHERE partner_id = %s", (partner,))
    return is_new == 1


def lock_partner(partner: UUID) -> bool:
    """Return whether a partner is not revoked. Locks: its row against revoking."""
    rows = fetch(
        REGISTRY, "SELECT 1 FROM partner WHERE id = %s AND revoked_at IS NULL FOR SHARE", (partner,)
    )
    return bool(rows)


def lock_person(person: UUID) -> KeyedPerson | None:
    """Return a person's key; None once erased. Locks: the key's row against erasing."""
    rows = fetch(
        REGISTRY, "SELECT kek, wrapped FROM person_key WHERE person = %s FOR SHARE", (person,)
    )
    return KeyedPerson(person.bytes, rows[0][0], bytes(rows[0][1])) if rows else None


def end_earlier(view: ConsentView) -> list[UUID]:
    """End the consents whose place a new one takes, and return them."""
    rows = fetch(
        REGISTRY,
        """UPDATE partner_consent SET ended_at = %s WHERE partner_id = %s AND purpose = %s
             AND ended_at IS NULL AND person_id IS NOT DISTINCT FROM %s
             AND household_id IS NOT DISTINCT FROM %s RETURNING id""",
        (view.at, view.partner, view.purpose, view.person, view.household),
    )
    return [consent for (consent,) in rows]


def add_consent(view: ConsentView, *, staff: UUID, receipt: bytes) -> None:
    """Write a consent."""
    execute(
        REGISTRY,
        """INSERT INTO partner_consent (id, partner_id, person_id, household_id, given_by_id,
               purpose, fields, from_date, until_date, staff, at, receipt)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            view.id, view.partner, view.person, view.household, view.given_by, view.purpose,
            list(view.fields), view.from_date, view.until_date, staff, view.at, receipt,
        ),
    )  # fmt: skip


def consent_columns(view: ConsentView) -> dict[int | str, object]:
    """Return a consent's columns for the journal."""
    return {
        "partner_id": view.partner.bytes,
        "person_id": None if view.person is None else view.person.bytes,
        "household_id": None if view.household is None else view.household.bytes,
        "given_by_id": view.given_by.bytes,
        "purpose": view.purpose,
        "fields": list(view.fields),
        "from_date": view.from_date.isoformat(),
        "until_date": view.until_date.isoformat(),
    }


def end_consent(consent: UUID, *, by: UUID, at: int, receipt: bytes) -> bool:
    """Return whether a consent ends by this; again is nothing."""
    return (
        execute(
            REGISTRY,
            """UPDATE partner_consent SET ended_at = %s, ended_by = %s, ended_receipt = %s
               WHERE id = %s AND ended_at IS NULL""",
            (at, by, receipt, consent),
        )
        == 1
    )


def end_consents_of(person: UUID, *, at: int) -> list[Plan]:
    """
    End every consent about or by somebody who is erased, and drop what was answered by it.

    Shape: the journal's rows, whole: the key those of before were sealed under is destroyed.
    """
    execute(
        REGISTRY,
        """UPDATE partner_consent SET ended_at = %s
           WHERE (person_id = %s OR given_by_id = %s) AND ended_at IS NULL""",
        (at, person, person),
    )
    views = consents_with(person)
    execute(
        REGISTRY,
        "DELETE FROM partner_message WHERE consent_id = ANY(%s)",
        ([view.id for view in views],),
    )
    return [
        (
            "partner_consent",
            journal.Op.UPDATE,
            view.id,
            None,
            {**consent_columns(view), "ended_at": view.ended_at},
        )
        for view in views
    ]


def consent_entry(
    owner: KeyedPerson,
    rows: Sequence[tuple[journal.Op, UUID, dict[int | str, object]]],
    *,
    act: Act,
    acting: Acting,
    vault: PersonVault,
) -> Entry:
    """Return the journal's entry of consents, each row sealed to whoever gave them."""
    entry = acting.new_id()
    bodies = [journal.encode_columns(columns) for _, _, columns in rows]
    sealed = vault.seal_rows(
        entry.bytes, [RowToSeal(owner, index, body) for index, body in enumerate(bodies)]
    )
    encoded = journal.encode_rows(
        journal.Row(
            TABLE_NUMBER["partner_consent"], op, owner.person + key.bytes, journal.Seal.PERSON, body
        )
        for (op, key, _), body in zip(rows, sealed, strict=True)
    )
    return private_entry(act, entry=entry, salt=acting.new_salt(), rows=encoded)


def take(
    message: UUID,
    partner: UUID,
    *,
    name: str,
    digest: bytes,
    kind: int,
    about: str,
    transaction: str,
    reference: str,
    at: int,
) -> bool:
    """Return whether a message is new, and write it; two of the same id take turns here."""
    return (
        execute(
            REGISTRY,
            """INSERT INTO partner_message (id, partner_id, message, digest, kind, about,
                   transaction, reference, received_at, tries)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)
               ON CONFLICT (partner_id, message) DO NOTHING""",
            (message, partner, name, digest, kind, about, transaction, reference, at),
        )
        == 1
    )


def count_message(partner: PartnerView, *, is_search: bool, at: int) -> None:
    """
    Count a message against what was agreed; the meter's constraint is the limit.

    Raises: LimitReached.
    """
    hour, day = at // HOUR_SECONDS, at // DAY_SECONDS
    meters = [(MESSAGES_AN_HOUR, hour, MESSAGES_AN_HOUR_MAX)]
    if is_search:
        meters += [
            (SEARCHES_AN_HOUR, hour, partner.an_hour),
            (SEARCHES_A_DAY, day, partner.a_day),
        ]
    try:
        for kind, period, allowed in meters:
            execute(
                REGISTRY,
                """INSERT INTO partner_meter AS meter (partner_id, kind, period, used, allowed)
                   VALUES (%s, %s, %s, 1, %s) ON CONFLICT (partner_id, kind, period)
                   DO UPDATE SET used = meter.used + 1""",
                (partner.id, kind, period, allowed),
            )
    except IntegrityError as error:
        if broken_rule(error) != "partner_meter_holds":
            raise
        raise LimitReached("This partner asked as often as was agreed: ask again later.") from error


def keep_answer(
    message: UUID,
    answer: bytes,
    *,
    consent: UUID | None,
    owner: UUID | None,
    at: int,
    due_at: int | None,
) -> bool:
    """Return whether this is the message's answer; the first one that is kept stays."""
    return (
        execute(
            REGISTRY,
            """UPDATE partner_message SET answer = %s, consent_id = %s, owner = %s,
                   answered_at = %s, due_at = %s WHERE id = %s AND answer IS NULL""",
            (answer, consent, owner, at, due_at, message),
        )
        == 1
    )


def note_try(message: UUID, *, sent_at: int | None, due_at: int | None) -> None:
    """Remember a try to send an answer out: it arrived, is tried again, or is given up."""
    execute(
        REGISTRY,
        "UPDATE partner_message SET tries = tries + 1, sent_at = %s, due_at = %s WHERE id = %s",
        (sent_at, due_at, message),
    )


def forget(*, messages_before: int, hours_before: int, days_before: int) -> int:
    """Destroy old messages with their answers, and meters of past hours and days."""
    execute(
        REGISTRY,
        """DELETE FROM partner_meter WHERE (kind IN (1, 3) AND period < %s)
           OR (kind = 2 AND period < %s)""",
        (hours_before, days_before),
    )
    return execute(
        REGISTRY, "DELETE FROM partner_message WHERE received_at < %s", (messages_before,)
    )
