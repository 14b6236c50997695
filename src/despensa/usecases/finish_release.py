"""
Say that a release is ready: its file lies whole beside the databases, and the log holds its hash.

Source: docs/explanation/design.md, section 5; docs/reference/formats.md, section 8, leaf 9.
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate
from despensa.domain.release.package import ACTION
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.releases import queries, store

_DAY_ZERO = date(1970, 1, 1).toordinal()


def finish_release(
    mandate: Mandate, *, sha256: bytes, length: int, acting: Acting
) -> queries.ReleaseView:
    """
    Return the release, ready; doing it again changes nothing.

    Raises: LookupError when it was not begun; BegunOtherwise; ApprovalInvalid.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.finish_in_registry(mandate, action=ACTION, acting=acting)
        release = UUID(bytes=approved.proposal_id)
        is_new = store.finish(release, sha256=sha256, length=length, content=None, now=acting.at)
        made = queries.release(release)
        if made is None:
            raise LookupError("This release was not begun.")
        if is_new:
            body = {
                0: made.number,
                1: made.kind,
                2: made.cycle.bytes,
                3: made.reason,
                4: sha256,
                5: made.destroy_by.toordinal() - _DAY_ZERO,
            }
            journal_store.announce(
                REGISTRY, ACTION, acting, PublicKind.RELEASE, body, proposal=release
            )
    return made
