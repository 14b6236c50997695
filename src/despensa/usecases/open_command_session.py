"""
Open a session of the command line for a member of staff whom the door has confirmed.

Only the hash of the session's secret is stored. Sessions end by themselves after eight hours.
Source: docs/explanation/design.md, section 9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.staff import store

SESSION_SECONDS = 8 * 3600


def open_command_session(secret_sha256: bytes, *, staff: UUID, acting: Acting) -> int:
    """Return when the session ends, in seconds UTC."""
    ends_at = acting.at + SESSION_SECONDS
    with transaction.atomic(using=REGISTRY):
        store.add_command_session(secret_sha256, staff=staff, expires_at=ends_at)
        journal_store.record(REGISTRY, "open_command_session", acting)
    return ends_at
