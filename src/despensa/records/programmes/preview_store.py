"""Drafts that were counted: how many a person had today, and which numbers were told of them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError

from despensa.records.bulk import broken_rule, execute, fetch
from despensa.records.databases import REGISTRY


class PreviewsUsedUp(RuntimeError):
    """A person had as many drafts counted today as one may."""


@dataclass(frozen=True, slots=True)
class NewPreview:
    """One preview of a draft."""

    id: UUID
    staff: UUID
    day: date
    programme: UUID
    rule_hash: bytes
    text: str
    is_own: bool
    at: int


def take_turns(staff: UUID, programme: UUID) -> None:
    """
    Let previews of one person, and of one programme, wait for each other.

    Two drafts counted at the same time would not be compared. Locks: both, until the commit.
    """
    for name in (f"previews of {staff}", f"previews for {programme}"):
        fetch(REGISTRY, "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def used_today(staff: UUID, day: date) -> int:
    """Return how many drafts a person had counted on a day."""
    [(used,)] = fetch(
        REGISTRY,
        "SELECT coalesce(max(number), 0) FROM rule_preview WHERE staff = %s AND day = %s",
        (staff, day),
    )
    return int(used)


def earlier_drafts(programme: UUID, limit: int) -> list[str]:
    """Return the texts of the latest drafts whose own numbers were told, oldest first."""
    rows = fetch(
        REGISTRY,
        """SELECT text FROM (
               SELECT id, at, text FROM rule_preview WHERE programme_id = %s AND is_own
               ORDER BY at DESC, id LIMIT %s) latest
           ORDER BY at, id""",
        (programme, limit),
    )
    return [text for (text,) in rows]


def add_preview(preview: NewPreview) -> int:
    """
    Write a preview and return its number on this day; the constraint is the limit.

    Raises: PreviewsUsedUp.
    """
    try:
        [(number,)] = fetch(
            REGISTRY,
            """INSERT INTO rule_preview (id, staff, day, number, programme_id, rule_hash, text,
                                         is_own, at)
               SELECT %s, %s, %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s
               FROM rule_preview WHERE staff = %s AND day = %s RETURNING number""",
            (
                preview.id, preview.staff, preview.day, preview.programme, preview.rule_hash,
                preview.text, preview.is_own, preview.at, preview.staff, preview.day,
            ),
        )  # fmt: skip
    except IntegrityError as error:
        if broken_rule(error) != "rule_preview_fifty_a_day":
            raise
        raise used_up() from error
    return int(number)


def used_up() -> PreviewsUsedUp:
    """Return the refusal of one preview too many."""
    return PreviewsUsedUp(
        "You had 50 drafts counted today, and that is as many as one person may. Go on tomorrow; "
        "reading the rule and comparing its versions has no limit."
    )


def forget_drafts(before: date) -> int:
    """Erase the drafts counted before a day and return how many there were."""
    return execute(REGISTRY, "DELETE FROM rule_preview WHERE day < %s", (before,))
