"""
The register as its journal tells it, beside the register as it stands: what differs, and mending.

Every table whose rows the journal holds whole: who lives where, since when, with which facts and
sealed values. The keeper has opened the rows; here they are applied in the order in which they
were written and compared column by column. Person keys are compared by their hash alone. Search
tokens, origins and the timeline of operations are no part of it.
Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.domain.encoding import dcbor
from despensa.domain.transparency.journal import Op, Row, Stored, parse_row
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry.batch_journal import HASH, key_hash
from despensa.records.tables import TABLE_NUMBER

Columns = dict[str, Any]
_ID_LENGTH = 16
_ROLE = ("role", "from_date", "until_date", "begun_by")
# in the order in which their rows refer to each other: (primary key, columns)
TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "household": ("id", ("area_id", "facts", "registered_on")),
    "registrant": (
        "id",
        (
            "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts",
            "address", "birth_day",
        ),
    ),
    "registrant_document": ("id", ("registrant_id", "sealed")),
    "registrant_phone": ("id", ("registrant_id", "sealed")),
    "membership": ("id", ("household_id", "registrant_id", *_ROLE)),
    "household_standing": ("household_id", ("version", "area_since", "ended_on")),
    "institution_duty": ("id", ("household_id", "institution_id", *_ROLE)),
}  # fmt: skip
_KEYS = "person_key"
_NAMES = {TABLE_NUMBER[table]: table for table in (*TABLES, _KEYS)}
_DAYS = frozenset({"birth_month", "registered_on", "from_date", "until_date", "area_since",
                   "ended_on"})  # fmt: skip
_IDS = frozenset({"area_id", "registrant_id", "household_id", "institution_id", "begun_by"})
# a role is born without an end, and nothing else of it is ever changed (registry/migrations/0003)
_BORN_OPEN = frozenset({"membership", "institution_duty"})


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One row that is not as the journal tells it.

    `told` is None of a row no entry tells of, `found` None of a row that is gone.
    """

    table: str
    key: bytes
    told: Columns | None = field(repr=False)
    found: Columns | None = field(repr=False)


class Told:
    """What the entries read so far add up to; rows that cannot be opened are not known."""

    def __init__(self) -> None:
        """Begin with empty tables."""
        self._tables: dict[str, dict[bytes, Columns]] = {name: {} for name in (*TABLES, _KEYS)}

    def apply(self, rows: Iterable[Row]) -> None:
        """Take the opened rows of one more entry in; they come oldest first."""
        for row in rows:
            name = _NAMES.get(row.table)
            if name is None:
                continue
            # a row about a person is keyed by the person and, where it is another, its own id
            table, key = self._tables[name], row.key[-_ID_LENGTH:]
            if row.op == Op.DELETE:
                table.pop(key, None)
                continue
            columns = dcbor.decode(row.body)
            if row.op == Op.INSERT:
                table[key] = columns
            else:
                # of an erased person only the rows that emptied theirs can be read: they are whole
                table.setdefault(key, {}).update(columns)

    def differences(self) -> Iterator[Difference]:
        """Yield every row that is not as told; those of people whose key is strange stay closed."""
        closed = set(self.strange_keys())
        for name, (_, columns) in TABLES.items():
            found = {
                key: row
                for key, row in _found(name).items()
                if row.get("registrant_id", key) not in closed
            }
            told = {
                key: {column: _default(column, row) for column in columns}
                for key, row in self._tables[name].items()
            }
            for key in sorted(told.keys() | found.keys()):
                if told.get(key) != found.get(key):
                    yield Difference(name, key, told.get(key), found.get(key))

    def strange_keys(self) -> list[bytes]:
        """Return the people whose key is gone, or another than the one that was journalled."""
        rows = fetch(REGISTRY, f"SELECT person, kek, wrapped FROM {_KEYS}")
        found = {person.bytes: key_hash(kek, bytes(wrapped)) for person, kek, wrapped in rows}
        told = {person: row[HASH] for person, row in self._tables[_KEYS].items()}
        return sorted(
            person for person in told.keys() | found.keys() if told.get(person) != found.get(person)
        )


def key_hashes(stored: Stored) -> dict[bytes, bytes]:
    """Return what an entry says of people's keys as they were made; such rows are not sealed."""
    rows = map(parse_row, stored.rows)
    return {
        row.key: dcbor.decode(row.body)[HASH]
        for row in rows
        if row.table == TABLE_NUMBER[_KEYS] and row.op == Op.INSERT
    }


def mend(difference: Difference) -> bool:
    """
    Make a row as it is told again; return whether that is possible.

    A row that nothing tells of is not deleted, and a role that began is not changed but in its
    end: the application has no right to either.
    """
    name, (key_column, columns) = difference.table, TABLES[difference.table]
    told, found = difference.told, difference.found
    if told is None:
        return False
    if found is None:
        born = [c for c in columns if not (name in _BORN_OPEN and c == "until_date")]
        names, marks = ", ".join((key_column, *born)), ", ".join(["%s"] * (len(born) + 1))
        execute(
            REGISTRY,
            f"INSERT INTO {name} ({names}) VALUES ({marks})",
            (UUID(bytes=difference.key), *(_value(c, told[c]) for c in born)),
        )
        changed = [c for c in columns if c not in born and told[c] is not None]
    else:
        changed = [c for c in columns if told[c] != found[c]]
        if name in _BORN_OPEN and changed != ["until_date"]:
            return False
    if changed:
        execute(
            REGISTRY,
            f"UPDATE {name} SET {', '.join(f'{c} = %s' for c in changed)} WHERE {key_column} = %s",
            (*(_value(c, told[c]) for c in changed), UUID(bytes=difference.key)),
        )
    return True


def _found(name: str) -> dict[bytes, Columns]:
    key_column, columns = TABLES[name]
    rows = fetch(REGISTRY, f"SELECT {key_column}, {', '.join(columns)} FROM {name}")
    return {
        row[0].bytes: {c: _told(value) for c, value in zip(columns, row[1:], strict=True)}
        for row in rows
    }


def _told(value: Any) -> Any:
    """Return a column's value as journals write it."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value) if isinstance(value, memoryview) else value


def _default(column: str, row: Columns) -> Any:
    return row.get(column, {} if column == "facts" else None)


def _value(column: str, told: Any) -> Any:
    """Return a journal's value as the column takes it."""
    if column == "facts":
        return Jsonb(told)
    if told is None:
        return None
    if column in _DAYS:
        return date.fromisoformat(told)
    return UUID(bytes=told) if column in _IDS else told
