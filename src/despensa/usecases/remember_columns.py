"""Remember what the columns of a source mean, for its next file with the same headings."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.registration.column_map import ColumnMap
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.registry import column_map_store, store

ACTION = "remember_columns"


def remember_columns(mapped: ColumnMap, *, source: str, headings: bytes, acting: Acting) -> bool:
    """
    Return whether anything was new; the same map again writes nothing, not even a leaf.

    Locks: the register's turn, so that two people's maps for one source come one after the other.
    """
    if acting.staff is None:
        raise ValueError("columns are mapped by a person")
    with transaction.atomic(using=REGISTRY):
        store.lock_register()
        rows = column_map_store.put(
            acting.new_id(),
            source=source,
            headings=headings,
            fields=mapped.fields,
            staff=acting.staff,
            now=acting.at,
        )
        if rows:
            journal_store.record(REGISTRY, ACTION, acting, rows)
    return bool(rows)
