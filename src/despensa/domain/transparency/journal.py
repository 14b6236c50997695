"""
Journal content: who did what to which rows, in a form one leaf of the log commits to.

Decides the bytes of content and rows, the salts and root over a chunk's rows, and the form in which
content and rows are kept together. It does not decide who may write or read them; sealing is in
`sealed_row`. Salts are arguments. Source: docs/reference/formats.md section 8.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import tree

CHUNK_ROWS_MAX = 10_000
READ = "read"
SALT_LENGTH = 32
ROW_SALT_LENGTH = 16
_SALT_LABEL = b"despensa/row-salt/1"
_BLOCK_LENGTH = 64
_VERSION = 1
_ID_LENGTH = 16
_STORED_BYTES_MAX = 1 << 28
_CONTENT_KEYS = frozenset(range(10))
Item = TypeVar("Item")


class MalformedContent(ValueError):
    """The bytes are no journal content."""


class Op(IntEnum):
    """What was done to a row."""

    INSERT = 1
    UPDATE = 2
    DELETE = 3


class Seal(IntEnum):
    """Whose key closes a row."""

    NONE = 0
    PERSON = 1
    CYCLE = 2
    WORKSPACE = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One changed row: table number, operation, primary key, seal and (sealed) column values."""

    table: int
    op: int
    key: bytes
    seal: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Access:
    """A look at personal records: whose, for which purpose, which columns, in which case."""

    persons: tuple[bytes, ...]
    purpose: int
    fields: tuple[int | str, ...]
    case: bytes | None


@dataclass(frozen=True, slots=True)
class Content:
    """
    What one leaf of the journal says.

    Units: `at` in seconds UTC since 1970; `database` 1 registry, 2 ledger.
    Holds: `access` is set exactly when `action` is "read".
    """

    entry: bytes
    database: int
    at: int
    actor: bytes | None
    action: str
    proposal: bytes | None
    row_count: int
    rows_root: bytes
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class ChunkKey:
    """The key of one seal of a chunk, itself sealed to the cycle or workspace that owns it."""

    seal: int
    owner: bytes
    sealed_key: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Content, rows and sealed chunk keys as `journal_content.bytes` holds them."""

    content: bytes
    rows: tuple[bytes, ...]
    chunk_keys: tuple[ChunkKey, ...] = ()


def chunks(rows: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the rows of a bulk action in lists of at most 10,000, one leaf each."""
    source = iter(rows)
    while chunk := list(islice(source, CHUNK_ROWS_MAX)):
        yield chunk


def encode_content(content: Content) -> bytes:
    """
    Return the bytes a leaf commits to.

    Raises: MalformedContent when a field is outside what the format allows.
    Source: docs/reference/formats.md section 8.
    """
    _check_content(content)
    fields: dict[int, object] = {
        0: _VERSION,
        1: content.entry,
        2: content.database,
        3: content.at,
        4: content.actor,
        5: content.action,
        6: content.proposal,
        7: content.row_count,
        8: content.rows_root,
    }
    if content.access is not None:
        access = content.access
        fields[9] = [list(access.persons), access.purpose, list(access.fields), access.case]
    return dcbor.encode(fields)


def parse_content(data: bytes) -> Content:
    """
    Return what journal content says.

    Raises: MalformedContent on any other bytes than `encode_content` writes.
    """
    try:
        fields = dcbor.decode_map(data, allowed=_CONTENT_KEYS, bytes_max=_STORED_BYTES_MAX)
    except dcbor.EncodingError as error:
        raise MalformedContent(str(error)) from error
    if fields.get(0) != _VERSION:
        raise MalformedContent("another version")
    if any(type(fields.get(key, ...)) not in types for key, types in _FIELD_TYPES.items()):
        raise MalformedContent("a field is missing or of another type")
    content = Content(
        entry=fields[1],
        database=fields[2],
        at=fields[3],
        actor=fields[4],
        action=fields[5],
        proposal=fields[6],
        row_count=fields[7],
        rows_root=fields[8],
        access=_access(fields[9]) if 9 in fields else None,
    )
    _check_content(content)
    return content


def encode_rows(rows: Iterable[Row]) -> list[bytes]:
    """
    Return the bytes of rows, as the rows root covers them.

    Holds: equal to the deterministic CBOR of [table, op, key, seal, body], written directly
        because bulk actions have millions of rows.
    Raises: MalformedContent on a table, operation or seal outside the format.
    Source: docs/reference/formats.md section 8.
    """
    return [_encode_row(row) for row in rows]


def encode_inserted(table: int, key: bytes, seal: int, body: bytes) -> bytes:
    """Return the bytes of one inserted row, equal to `encode_rows`: for millions, without a Row."""
    return _inserted_start(table, len(key)) + key + _SEALS[seal] + byte_head(len(body)) + body


def byte_head(length: int) -> bytes:
    """Return what stands before a byte string of this length."""
    return _BYTE_HEADS[length] if length < len(_BYTE_HEADS) else _head(0x40, length)


def map_head(count: int) -> bytes:
    """Return what stands before a map of so many keys."""
    return _head(0xA0, count)


def parse_row(data: bytes) -> Row:
    """
    Return a row from its bytes.

    Raises: MalformedContent on any other bytes than `encode_rows` writes.
    """
    try:
        parts = dcbor.decode(data, bytes_max=_STORED_BYTES_MAX)
    except dcbor.EncodingError as error:
        raise MalformedContent(str(error)) from error
    if not isinstance(parts, list) or [type(part) for part in parts] != _ROW_TYPES:
        raise MalformedContent("a row is [table, op, key, seal, bytes]")
    row = Row(*parts)
    _encode_row(row)
    return row


def encode_columns(columns: Mapping[int | str, Any]) -> bytes:
    """Return the bytes of a row's {column: value}, before any sealing."""
    return dcbor.encode(dict(columns))


class Encoded(bytes):
    """A value that is deterministic CBOR already, for `encode_table`."""


@lru_cache(1 << 12)
def encode_text(value: str) -> Encoded:
    """Return a text encoded, remembering it: names of facts, days."""
    return Encoded(dcbor.encode(value))


def encode_sealed_facts(facts: Mapping[str, Sequence[Any]]) -> Encoded:
    """
    Return {fact: [fact key number, sealed value]} encoded.

    Holds: equal to the deterministic CBOR of it, written directly because an import has millions.
    """
    parts = [_head(0xA0, len(facts))]
    for key, fact in sorted([(encode_text(fact), fact) for fact in facts]):
        number, sealed = facts[fact]
        parts += (key, b"\x82", _head(0, number), _head(0x40, len(sealed)), sealed)
    return Encoded(b"".join(parts))


def encode_table(
    names: Sequence[str], rows: Iterable[Sequence[int | bytes | None]]
) -> Iterator[bytes]:
    """
    Yield `encode_columns` of many rows that have the same columns.

    Holds: equal to it for whole numbers from 0, byte strings, None and Encoded values; written
        directly because bulk actions have millions of rows.
    Raises: MalformedContent on a value of another kind.
    Source: RFC 8949 section 4.2.1 (length-first order of text keys is bytewise order of encodings).
    """
    keys = [dcbor.encode(name) for name in names]
    order = sorted(range(len(keys)), key=lambda at: (len(keys[at]), keys[at]))
    start = _head(0xA0, len(keys))
    ordered = [(at, keys[at]) for at in order]
    for row in rows:
        parts = [start]
        for at, key in ordered:
            value = row[at]
            parts.append(key)
            if type(value) is bytes:
                parts += (_head(0x40, len(value)), value)
            elif type(value) is int and 0 <= value < 1 << 32:
                parts.append(_head(0, value))
            elif value is None:
                parts.append(b"\xf6")
            elif type(value) is Encoded:
                parts.append(value)
            else:
                raise MalformedContent("columns of a table are whole numbers, bytes or nothing")
        yield b"".join(parts)


def row_salts(salt: bytes, count: int) -> list[bytes]:
    """
    Return the salt of each row of a chunk; knowing one tells nothing about another.

    Holds: equal to HMAC-SHA-256(salt, label || index)[:16], with the key's pads prepared once
        because bulk actions have millions of rows.
    Source: docs/reference/formats.md section 8; RFC 2104 section 2.
    """
    if len(salt) != SALT_LENGTH:
        raise ValueError(f"a chunk's salt has {SALT_LENGTH} bytes, not {len(salt)}")
    padded = salt.ljust(_BLOCK_LENGTH, b"\x00")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + _SALT_LABEL)
    outer = sha256(bytes(byte ^ 0x5C for byte in padded))
    salts = []
    for index in range(count):
        inside, outside = inner.copy(), outer.copy()
        inside.update(index.to_bytes(4, "big"))
        outside.update(inside.digest())
        salts.append(outside.digest()[:ROW_SALT_LENGTH])
    return salts


def row_hashes(salt: bytes, rows: Sequence[bytes]) -> list[bytes]:
    """
    Return the tree hashes of a chunk's rows, each over its salt and bytes.

    Raises: ValueError above 10,000 rows.
    """
    if len(rows) > CHUNK_ROWS_MAX:
        raise ValueError(f"a chunk has at most {CHUNK_ROWS_MAX} rows, not {len(rows)}")
    salts = row_salts(salt, len(rows))
    return tree.leaf_hashes(map(bytes.__add__, salts, rows))


def rows_root(salt: bytes, rows: Sequence[bytes]) -> bytes:
    """
    Return the root over a chunk's rows; of no rows, the root of the empty tree.

    `rows` are row bytes after sealing, or event hashes for a redemption or refusal chunk.
    Raises: ValueError above 10,000 rows.
    Source: docs/reference/formats.md section 8.
    """
    return tree.root_of_hashes(row_hashes(salt, rows))


def encode_stored(stored: Stored) -> bytes:
    """
    Return content, rows and sealed chunk keys as one value for `journal_content.bytes`.

    Shape: deterministic CBOR [content, [row ...], [[seal, owner16, sealed key] ...]].
    """
    # put together here: ten thousand rows are bytes, of which the encoder would look at each
    parts = [b"\x83", _head(0x40, len(stored.content)), stored.content]
    parts.append(_head(0x80, len(stored.rows)))
    for row in stored.rows:
        parts += (_head(0x40, len(row)), row)
    keys = [[int(key.seal), key.owner, key.sealed_key] for key in stored.chunk_keys]
    return b"".join([*parts, dcbor.encode(keys)])


def parse_stored(data: bytes) -> Stored:
    """
    Return content, rows and sealed chunk keys.

    Raises: MalformedContent on any other bytes than `encode_stored` writes.
    """
    try:
        content, rows, keys = dcbor.decode(data, bytes_max=_STORED_BYTES_MAX)
        chunk_keys = tuple(ChunkKey(*key) for key in keys)
        stored = Stored(content, tuple(rows), chunk_keys)
    except (dcbor.EncodingError, TypeError, ValueError) as error:
        raise MalformedContent("not journal content with its rows") from error
    sealed = [part for key in chunk_keys for part in (key.owner, key.sealed_key)]
    if not all(isinstance(part, bytes) for part in (content, *rows, *sealed)):
        raise MalformedContent("content, rows and sealed keys are byte strings")
    if not all(type(key.seal) is int for key in chunk_keys):
        raise MalformedContent("the seal of a chunk key is a number")
    return stored


_ROW_TYPES = [int, int, bytes, int, bytes]
_OPTIONAL_BYTES = (bytes, type(None))
_FIELD_TYPES: dict[int, tuple[type, ...]] = {
    1: (bytes,),
    2: (int,),
    3: (int,),
    4: _OPTIONAL_BYTES,
    5: (str,),
    6: _OPTIONAL_BYTES,
    7: (int,),
    8: (bytes,),
}


def _encode_row(row: Row) -> bytes:
    if not (0 <= row.table < 1 << 16 and 1 <= row.op <= 3 and 0 <= row.seal <= 3):
        raise MalformedContent("a row has a table below 65,536, operation 1 to 3, seal 0 to 3")
    return b"\x85%b%c%b%c%b" % (
        _head(0, row.table),
        row.op,
        _head(0x40, len(row.key)) + row.key,
        row.seal,
        _head(0x40, len(row.body)) + row.body,
    )


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes((major | value,))
    if value < 1 << 8:
        return bytes((major | 24, value))
    if value < 1 << 16:
        return bytes((major | 25,)) + value.to_bytes(2, "big")
    return bytes((major | 26,)) + value.to_bytes(4, "big")


@lru_cache(64)
def _inserted_start(table: int, key_length: int) -> bytes:
    return b"\x85" + _head(0, table) + _head(0, Op.INSERT) + _head(0x40, key_length)


_BYTE_HEADS = [_head(0x40, length) for length in range(1 << 12)]
_SEALS = [_head(0, seal) for seal in Seal]


def _check_content(content: Content) -> None:
    identifiers = [content.entry, content.actor, content.proposal]
    if content.access is not None:
        identifiers += [*content.access.persons, content.access.case]
        if content.access.purpose < 0:
            raise MalformedContent("the purpose of an access entry is an unsigned integer")
    if not all(value is None or len(value) == _ID_LENGTH for value in identifiers):
        raise MalformedContent("ids are 16 bytes long")
    if content.database not in (1, 2) or content.at < 0:
        raise MalformedContent("the database is 1 or 2 and the time is not negative")
    if not 0 <= content.row_count <= CHUNK_ROWS_MAX or len(content.rows_root) != tree.HASH_LENGTH:
        raise MalformedContent("a chunk has at most 10,000 rows and a root of 32 bytes")
    if (content.row_count == 0) != (content.rows_root == tree.EMPTY_ROOT):
        raise MalformedContent("the rows root is the empty one exactly when there are no rows")
    if not content.action:
        raise MalformedContent("the action is empty")
    if (content.action == READ) != (content.access is not None):
        raise MalformedContent('an access list belongs to the action "read" and to no other')


def _access(value: Any) -> Access:
    if not isinstance(value, list) or len(value) != 4:
        raise MalformedContent("an access entry is [persons, purpose, fields, case]")
    persons, purpose, fields, case = value
    if not isinstance(persons, list) or not isinstance(fields, list):
        raise MalformedContent("persons and fields of an access entry are lists")
    if type(purpose) is not int or not all(type(field) in (int, str) for field in fields):
        raise MalformedContent("purpose is an integer; fields are column codes or names")
    if not all(type(person) is bytes for person in persons) or type(case) not in _OPTIONAL_BYTES:
        raise MalformedContent("persons and case of an access entry are ids")
    return Access(tuple(persons), purpose, tuple(fields), case)
