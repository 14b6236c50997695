"""
Destroy the workspace's own copy of what was released, on its destroy-by date; the log says so.

0 destroyed before? · 1 which are due · 2 destroy the file, as often as it is asked · 3 record it, with
a leaf for everybody. Killed anywhere, the next round does the rest; the leaf is written after the file
is gone, never before. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.releases import queries, store

ACTION = "destroy_release"
_DAY_ZERO = date(1970, 1, 1).toordinal()


def destroy_releases(*, acting: Acting, destroy_file: Callable[[UUID], None]) -> int:
    """Return how many releases were destroyed now."""
    done = 0
    for release, kind in queries.due(acting.day):
        if kind == store.PACKAGE:
            destroy_file(release)
        with transaction.atomic(using=REGISTRY):
            if not store.destroy(release, now=acting.at):
                continue
            view = queries.release(release)
            assert view is not None, "what was updated is there"
            rows = journal_rows.updated(
                "release", [(release.bytes, {"state": store.DESTROYED, "destroyed_at": acting.at})]
            )
            journal_store.record(REGISTRY, ACTION, acting, rows)
            body = {0: view.number, 1: view.kind, 2: acting.day.toordinal() - _DAY_ZERO}
            journal_store.announce(REGISTRY, ACTION, acting, PublicKind.RELEASE_DESTROYED, body)
        done += 1
    return done
