"""
Announce that a copy of the keys was tried, and brings back the keys in use.

0 nothing asked before · 1 whoever tries it may look after the workspace · 2 nothing to decide
· 3 record the leaf. Source: docs/decisions/0031-locked-keys.md.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.staff import queries as staff

ACTION = "try_key_copy"


def record_drill(digest: bytes, *, acting: Acting) -> None:
    """Write the leaf of a trial: the hash of the copy that was tried. Raises: OutOfReach."""
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.MANAGE_WORKSPACE, acting.day)
            reach.require(None, None)
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.KEY_DRILL, {0: digest})
