"""Found a workspace: its root area, the start-up leaf and the catalogue of facts, for all to read."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.catalogue import catalogue_text, load_catalogue
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.catalogue import store as book
from despensa.records.databases import REGISTRY
from despensa.records.registry import store

ACTION = "found_workspace"


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
    with transaction.atomic(using=REGISTRY):
        store.add_areas(areas)
        rows = store.area_journal(areas)
        body = {0: acting.workspace.bytes, 1: version}
        journal_store.record(REGISTRY, ACTION, acting, rows)
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.START_UP, body)
        catalogue, text = load_catalogue(), catalogue_text()
        digest = hashlib.sha256(text.encode()).digest()
        held = [fact.name for fact in catalogue.facts]
        rows = book.add(
            catalogue.version, text=text, digest=digest, facts=held, proposal=None, now=acting.at
        )
        journal_store.record(REGISTRY, ACTION, acting, rows)
        facts = {0: catalogue.name, 1: catalogue.version, 2: digest, 3: text}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.CATALOGUE, facts)
    return root
