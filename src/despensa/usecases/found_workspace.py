"""Found a workspace: its root area and the start-up leaf."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry, public_entry
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
from despensa.records.registry import store


def found_workspace(
    *,
    root_pcode: str,
    names: Mapping[str, str],
    places: Sequence[tuple[str, Mapping[str, str]]],
    version: str,
    acting: Acting,
) -> UUID:
    """Return the root area's id; `places` are (p-code, names) below it."""
    root = acting.new_id()
    areas = [store.AreaRow(root, None, root_pcode, 0, names)]
    areas += [store.AreaRow(acting.new_id(), root, pcode, 1, called) for pcode, called in places]
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "found_workspace")
    with transaction.atomic(using=REGISTRY):
        store.add_areas(areas)
        rows = store.area_journal(areas)
        body = {0: acting.workspace.bytes, 1: version}
        journal_store.append(
            REGISTRY,
            [
                private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=rows),
                public_entry(
                    act,
                    entry=acting.new_id(),
                    salt=acting.new_salt(),
                    kind=PublicKind.START_UP,
                    body=body,
                ),
            ],
        )
    return root
