"""
The register as its journal tells it, beside the register as it stands: what differs, and mending.

Which tables, and why not the others: `rebuilt_tables`. The keeper has opened the rows; here they are applied in the order in which they
were written and compared column by column. Person keys are compared by their hash alone. Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from despensa.domain.encoding import dcbor
from despensa.domain.transparency.journal import Content, Op, Row, Stored, parse_row
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.rebuilt_tables import REBUILT, Kept
from despensa.records.registry.batch_journal import HASH, key_hash
from despensa.records.tables import TABLE_NUMBER

Columns = dict[str, Any]
_ID_LENGTH, _NUMBER_LENGTH = 16, 4
_KEYS = "person_key"
_NAMES = {TABLE_NUMBER[table]: table for table in (*REBUILT, _KEYS)}
_DAYS = frozenset({"birth_month", "registered_on", "from_date", "until_date", "area_since",
                   "ended_on", "money_waits_until", "last_day", "answer_until"})  # fmt: skip
_JSON = frozenset({"facts", "names", "office"})
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

    def __init__(self, ended_facts: Collection[str] = ()) -> None:
        """Begin with empty tables; of `ended_facts` nothing comes back while a key still opens it."""
        self._ended = frozenset(ended_facts)
        self._tables: dict[str, dict[bytes, Columns]] = {name: {} for name in (*REBUILT, _KEYS)}

    def apply(self, rows: Iterable[Row], head: Content) -> None:
        """Take the opened rows of one more entry in; they come oldest first."""
        for row in rows:
            name = _NAMES.get(row.table)
            if name is None:
                continue
            table, kept = self._tables[name], REBUILT.get(name)
            columns = {} if row.op == Op.DELETE else dcbor.decode(row.body)
            # a row about a person is keyed by the person and, where it is another, its own id; one
            # whose key tells something has it inside
            key = row.key[-_ID_LENGTH:] or columns.get("key", b"")
            if self._ended and (facts := columns.get("facts")):
                columns["facts"] = {
                    fact: value for fact, value in facts.items() if fact not in self._ended
                }
            if kept is not None and kept.number is not None:
                key += int(columns[kept.number]).to_bytes(_NUMBER_LENGTH, "big")
            if row.op == Op.DELETE:
                table.pop(key, None)
            elif row.op == Op.INSERT:
                heads = {} if kept is None else kept.head
                table[key] = columns | {column: getattr(head, of) for column, of in heads.items()}
            else:
                # of an erased person only the rows that emptied theirs can be read: they are whole
                table.setdefault(key, {}).update(columns)

    def differences(self) -> Iterator[Difference]:
        """Yield every row that is not as told; those of people whose key is strange stay closed."""
        closed = set(self.strange_keys())
        erased = self._erased()
        for name, kept in REBUILT.items():
            found = {
                key: row
                for key, (owner, row) in _found(name).items()
                if row.get("registrant_id", key) not in closed
                and owner not in closed
                and owner not in erased
            }
            told = {
                key: {column: _default(kept, column, row) for column in kept.columns}
                for key, row in self._tables[name].items()
                if row.get(kept.owner or "", b"") not in erased
            }
            for key in sorted(told.keys() | found.keys()):
                if told.get(key) != found.get(key):
                    yield Difference(name, key, told.get(key), found.get(key))

    def _erased(self) -> set[bytes]:
        """Return who lives in the books without a key, as told: their rows are told no more."""
        return self._tables["registrant"].keys() - self._tables[_KEYS].keys()

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

    A row that nothing tells of is not deleted, and columns the application has no right to change
    stay; a row that needs more than the journal knows is not written.
    """
    name, kept = difference.table, REBUILT[difference.table]
    told, found = difference.told, difference.found
    if told is None:
        return False
    own = [kept.key, *filter(None, (kept.number,))]
    key: list[Any] = [UUID(bytes=difference.key[:_ID_LENGTH])]
    if kept.number is not None:
        key.append(int.from_bytes(difference.key[_ID_LENGTH:], "big"))
    changed = [c for c in kept.columns if found is not None and told[c] != found[c]]
    if found is None:
        if not kept.is_whole or not _refers_to_what_is_there(name, told):
            return False
        born = [c for c in kept.columns if not (name in _BORN_OPEN and c == "until_date")]
        names, marks = ", ".join((*own, *born)), ", ".join(["%s"] * (len(born) + len(own)))
        execute(
            REGISTRY,
            f"INSERT INTO {name} ({names}) VALUES ({marks})",
            (*key, *(_value(c, told[c]) for c in born)),
        )
        changed = [c for c in kept.columns if c not in born and told[c] is not None]
    elif kept.changeable is not None and not kept.changeable.issuperset(changed):
        return False
    if changed:
        sets = ", ".join(f"{c} = %s" for c in changed)
        where = " AND ".join(f"{c} = %s" for c in own)
        execute(
            REGISTRY,
            f"UPDATE {name} SET {sets} WHERE {where}",
            (*(_value(c, told[c]) for c in changed), *key),
        )
    return True


def _refers_to_what_is_there(name: str, told: Columns) -> bool:
    """Return whether the operation or request that a row hangs on is in the books."""
    for column, table in _HANGS_ON.get(name, ()):
        value = told[column]
        there = value is None or fetch(
            REGISTRY, f"SELECT 1 FROM {table} WHERE id = %s", (UUID(bytes=value),)
        )
        if not there:
            return False
    return True


_HANGS_ON = {
    "duplicate_decision": (("change_id", "household_change"),),
    "correction_change": (("correction_id", "correction"),),
}


def _found(name: str) -> dict[bytes, tuple[bytes | None, Columns]]:
    kept = REBUILT[name]
    own, count = [kept.key, kept.number or "0"], len(kept.columns)
    rows = fetch(
        REGISTRY,
        f"SELECT {', '.join((*own, kept.owner or 'NULL::uuid', *kept.columns))} FROM {name}",
    )
    found = {}
    for row in rows:
        key = row[0].bytes
        if kept.number is not None:
            key += row[1].to_bytes(_NUMBER_LENGTH, "big")
        values = {c: _told(v) for c, v in zip(kept.columns, row[-count:], strict=True)}
        found[key] = (None if row[2] is None else row[2].bytes, values)
    return found


def _told(value: Any) -> Any:
    """Return a column's value as journals write it."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value) if isinstance(value, memoryview) else value


def _default(kept: Kept, column: str, row: Columns) -> Any:
    return row.get(column, kept.absent.get(column, {} if column == "facts" else None))


def _value(column: str, told: Any) -> Any:
    """Return a journal's value as the column takes it."""
    if column in _JSON:
        return Jsonb(told)
    if told is None:
        return None
    if column in _DAYS:
        return date.fromisoformat(told)
    is_id = column.endswith("_id") and isinstance(told, bytes)
    return UUID(bytes=told) if is_id or column in _IDS else told


_IDS = frozenset({"begun_by", "staff", "proposal", "revoked_by", "child"})
