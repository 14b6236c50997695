"""
The two kinds of leaf: a private one hides its content behind a salt, a public one carries it.

Decides the leaf's bytes. A private leaf is always 33 bytes long, so that its length tells nothing;
its content lies in the journal and can be erased without touching the tree.
Source: docs/reference/formats.md section 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from despensa.domain.encoding import dcbor

PRIVATE_PREFIX = b"\x00"
PUBLIC_PREFIX = b"\x01"
LABEL = b"despensa/leaf/1"
SALT_LENGTH = 32
ENTRY_LENGTH = 16
BODY_BYTES_MAX = 60_000
_HASH_LENGTH = 32
_VERSION = 1
_PUBLIC_KEYS = frozenset(range(6))


class MalformedLeaf(ValueError):
    """The bytes are no leaf of this log."""


class PublicKind(IntEnum):
    """
    What a public leaf announces; numbers are never reused.

    Source: docs/explanation/design.md section 5.
    """

    RULE = 1
    CATALOGUE = 2
    APPROVAL = 3
    STAFF_KEY = 4
    ROOT = 5
    TOTAL = 6
    START_UP = 7
    RESTORE = 8
    RELEASE = 9
    COLLECTOR_LIMIT = 10
    FACT_DESTROYED = 11
    KEY = 12
    INTRODUCER_LIMIT = 20
    LOT = 21
    CYCLE_CLOSED = 34
    CYCLE_SETTLED = 35
    CYCLE_FADED = 36
    RELEASE_DESTROYED = 47
    KEY_COPY = 50
    KEY_DRILL = 51
    CYCLE_WITHDRAWN = 53
    SCHEDULE = 38
    PRINT_DESTROYED = 54
    SENT_TO_SHOP = 55


@dataclass(frozen=True, slots=True)
class PrivateLeaf:
    """A commitment to content kept elsewhere."""

    commitment: bytes


@dataclass(frozen=True, slots=True)
class PublicLeaf:
    """
    A leaf everybody may read.

    Holds: `body` are the content's bytes, or None for a long content, which is then named by
        `body_hash` and `body_length`; both are set in either case.
    """

    entry: bytes
    kind: int
    at: int
    body: bytes | None
    body_hash: bytes
    body_length: int


def commitment(content: bytes, salt: bytes) -> bytes:
    """
    Return the salted hash under which content stands in the log.

    Raises: ValueError when the salt is not 32 bytes long.
    Source: docs/reference/formats.md section 8.
    """
    if len(salt) != SALT_LENGTH:
        raise ValueError(f"a leaf's salt has {SALT_LENGTH} bytes, not {len(salt)}")
    return sha256(LABEL + salt + content).digest()


def private_leaf(content: bytes, salt: bytes) -> bytes:
    """
    Return the 33 bytes of a leaf that commits to journal content without telling it.

    Raises: ValueError when the salt is not 32 bytes long.
    Source: docs/reference/formats.md section 8.
    """
    return PRIVATE_PREFIX + commitment(content, salt)


def private_leaves(contents: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """
    Return the leaves of many (content, salt) pairs, in their order.

    Raises: ValueError when a salt is not 32 bytes long.
    """
    return [private_leaf(content, salt) for content, salt in contents]


def public_leaf(*, entry: bytes, kind: int, at: int, body: bytes) -> bytes:
    """
    Return the bytes of a leaf that carries its body, or its hash and length above 60,000 bytes.

    Units: `at` in seconds UTC since 1970.
    Raises: ValueError when the entry id is not 16 bytes long; EncodingError on negative numbers.
    Source: docs/reference/formats.md section 8.
    """
    if len(entry) != ENTRY_LENGTH:
        raise ValueError(f"an entry id has {ENTRY_LENGTH} bytes, not {len(entry)}")
    if at < 0 or kind < 0:
        raise dcbor.EncodingError("kind and time of a leaf are not negative")
    fields: dict[int, object] = {0: _VERSION, 1: entry, 2: int(kind), 3: at}
    if len(body) <= BODY_BYTES_MAX:
        fields[4] = body
    else:
        fields[5] = [sha256(body).digest(), len(body)]
    return PUBLIC_PREFIX + dcbor.encode(fields)


def parse_leaf(data: bytes) -> PrivateLeaf | PublicLeaf:
    """
    Return what a leaf's bytes say.

    Raises: MalformedLeaf on anything `private_leaf` and `public_leaf` would not have written.
    """
    if data[:1] == PRIVATE_PREFIX and len(data) == 1 + _HASH_LENGTH:
        return PrivateLeaf(data[1:])
    if data[:1] != PUBLIC_PREFIX:
        raise MalformedLeaf("neither a private leaf of 33 bytes nor a public leaf")
    try:
        fields = dcbor.decode_map(data[1:], allowed=_PUBLIC_KEYS)
    except dcbor.EncodingError as error:
        raise MalformedLeaf(f"a public leaf with {error}") from error
    entry, kind, at = fields.get(1), fields.get(2), fields.get(3)
    if fields.get(0) != _VERSION or not isinstance(entry, bytes) or len(entry) != ENTRY_LENGTH:
        raise MalformedLeaf("a public leaf of another version or without an entry id")
    if type(kind) is not int or type(at) is not int or kind < 0 or at < 0:
        raise MalformedLeaf("a public leaf without kind or time")
    body, file_hash, length = _body(fields)
    return PublicLeaf(entry, kind, at, body, file_hash, length)


def _body(fields: dict[int, object]) -> tuple[bytes | None, bytes, int]:
    body, reference = fields.get(4), fields.get(5)
    if isinstance(body, bytes) and 5 not in fields and len(body) <= BODY_BYTES_MAX:
        return body, sha256(body).digest(), len(body)
    if 4 not in fields and isinstance(reference, list) and len(reference) == 2:
        file_hash, length = reference
        if (
            isinstance(file_hash, bytes)
            and len(file_hash) == _HASH_LENGTH
            and type(length) is int
            and length > BODY_BYTES_MAX
        ):
            return None, file_hash, length
    raise MalformedLeaf("a public leaf has a body of at most 60,000 bytes, or hash and length")
