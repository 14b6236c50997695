"""Revoke a partner, in one step and at once: the next message is refused, nothing more goes out."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.partner.agreement import REVOKE
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.partners import queries, store
from despensa.records.staff import queries as staff


class NoSuchPartner(LookupError):
    """There is no partner of this id, or none in reach."""


def revoke_partner(partner: UUID, *, acting: Acting) -> bool:
    """
    Return whether the partner was revoked now; who was revoked before stays so.

    Raises: NoSuchPartner, also for one out of this person's reach.
    """
    if acting.staff is None:
        raise ValueError("a partner is revoked by a person")
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.MANAGE_PARTNERS, acting.day)
        if queries.partner(partner, reach=reach) is None:
            raise NoSuchPartner("There is no such partner.")
        if not store.revoke(partner, by=acting.staff, at=acting.at):
            return False
        columns: dict[int | str, object] = {
            "revoked_at": acting.at,
            "revoked_by": acting.staff.bytes,
        }
        rows = journal_rows.updated("partner", [(partner.bytes, columns)])
        journal_store.record(REGISTRY, REVOKE, acting, rows)
    return True
