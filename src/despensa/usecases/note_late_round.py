"""Note that the late entrants of a cycle were looked for on a day, so that it is done once."""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

STAGE = "late_round"


def is_noted(root: UUID, day: date) -> bool:
    """Return whether the round of a day was done."""
    return bool(
        fetch(
            REGISTRY,
            "SELECT 1 FROM stage WHERE subject = %s AND stage = %s AND chunk = %s",
            (root, STAGE, day.toordinal()),
        )
    )


def note_late_round(root: UUID, day: date, *, acting: Acting) -> bool:
    """Return whether the round of this day is noted now; again changes nothing."""
    with transaction.atomic(using=REGISTRY):
        return journal_store.begin_stage(REGISTRY, root, STAGE, day.toordinal(), now=acting.at)
