"""
Writing packed slices of a file: whole tables by binary COPY.

Only use cases write. Source: docs/explanation/design.md, section 3.
"""

from despensa.records.bulk import copy_framed, execute
from despensa.records.databases import REGISTRY
from despensa.records.registry.packed_slice import PackedSlice

# parents before children, because each reference is checked at the end of its statement
_COLUMNS = {
    "household": ("id", "area_id", "facts", "registered_on"),
    "registrant": (
        "id", "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts",
        "address", "birth_day",
    ),
    "person_key": ("person", "kek", "wrapped"),
    "registrant_document": ("id", "registrant_id", "sealed"),
    "registrant_phone": ("id", "registrant_id", "sealed"),
    "membership": ("id", "household_id", "registrant_id", "role", "from_date"),
    "origin": ("origin_ref", "row", "register_import", "said"),
    "person_tokens": ("person", "tokens"),
    "search_token": ("token", "person", "key_id"),
}  # fmt: skip


class PackedStore:
    """Writes the slices of one file, inside the use case's transaction."""

    def __init__(self) -> None:
        """Check references statement by statement: a list of all of them would grow with the file."""
        execute(REGISTRY, "SET CONSTRAINTS ALL IMMEDIATE")

    def write(self, packed: PackedSlice) -> None:
        """Write one slice."""
        frames = {**packed.frames, "search_token": packed.tokens}
        for table, columns in _COLUMNS.items():
            if frames.get(table):
                copy_framed(REGISTRY, table, columns, [frames[table]])
