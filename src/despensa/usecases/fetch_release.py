"""
Take a copy of a release out of the workspace: written down first, whoever takes it.

0 is it theirs, and still here? · 1 write who takes it, with the leaf. The door hands it out afterwards.
Source: docs/explanation/design.md, section 9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.releases import queries, store
from despensa.records.staff import queries as staff

ACTION = "fetch_release"


class NoSuchRelease(LookupError):
    """There is no such release for whoever asks, or its copy was destroyed."""


def fetch_release(release: UUID, *, acting: Acting) -> queries.ReleaseView:
    """
    Return a release that is ready, once it is on record who takes it.

    Raises: NoSuchRelease, also for one that is out of reach.
    """
    with transaction.atomic(using=REGISTRY):
        view = queries.release(release)
        if view is None or acting.staff is None:
            raise NoSuchRelease("There is no such release. See: despensa release list.")
        try:
            reach = staff.reach_of(acting.staff, Permission.TAKE_RELEASES, acting.day)
            reach.require(view.programme, view.programme_area)
        except OutOfReach as error:
            raise NoSuchRelease("There is no such release. See: despensa release list.") from error
        if view.state != store.READY:
            raise NoSuchRelease(
                f"Release {view.number} is not here: it is being made, or its copy was destroyed "
                f"on {view.destroy_by}."
            )
        entry = acting.new_id()
        store.add_fetch(entry, release, staff=acting.staff, now=acting.at)
        rows = journal_rows.inserted(
            "release_fetch",
            [(entry.bytes, {"release_id": release.bytes, "staff": acting.staff.bytes})],
        )
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return view
