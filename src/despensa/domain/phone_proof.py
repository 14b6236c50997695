"""
What a phone needs before it forgets an event: that the event's hash is in the log.

Decides which events an answer to `states` proves; a proof that fails proves nothing and is no
error, because the phone then simply keeps the event. Source: docs/reference/device-api.md;
docs/reference/formats.md section 8.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from despensa.domain.encoding import dcbor
from despensa.domain.encoding.cose import MalformedSignature
from despensa.domain.payload import HASH_LENGTH, Reader
from despensa.domain.transparency import checkpoint as notes
from despensa.domain.transparency import tree
from despensa.domain.transparency.journal import ROW_SALT_LENGTH
from despensa.domain.transparency.proof import chunk_statement, is_signed

ANSWER_BYTES_MAX = 1 << 24
_KEYS = frozenset(range(6))
_SIGNATURE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class PhoneStates:
    """What the server said: a state per number, and the numbers whose events are proven."""

    server_time: int
    states: Mapping[int, int]
    proven: frozenset[int]
    checkpoint: notes.Checkpoint | None


@dataclass(frozen=True, slots=True)
class _Chunk:
    count: int
    root: bytes


def read_states(
    data: bytes,
    *,
    hashes: Mapping[int, bytes],
    log_vkey: str,
    authority_keys: Iterable[bytes],
) -> PhoneStates:
    """
    Return what an answer to `states` says and proves.

    `hashes` are the phone's own event hashes by number; `authority_keys` are those it trusts.
    Whether the checkpoint continues the last one the phone saw is asked by the caller.
    Raises: MalformedSignature when it is no such answer; the errors of `checkpoint.verify`.
    """
    try:
        fields = Reader("states", dcbor.decode_map(data, allowed=_KEYS, bytes_max=ANSWER_BYTES_MAX))
    except dcbor.EncodingError as error:
        raise MalformedSignature(f"states: {error}") from error
    fields.exactly(_KEYS)
    fields.uint(0, at_least=1, at_most=1)
    told = [fields.as_array(2, item, length=2) for item in fields.array(2)]
    states = {fields.as_uint(2, seq): fields.as_uint(2, state) for seq, state in told}
    text = fields.value(3)
    if not isinstance(text, str) or not text:
        return PhoneStates(fields.uint(1), states, frozenset(), None)
    checkpoint = notes.verify(text, notes.parse_vkey(log_vkey))
    keys = list(authority_keys)
    chunks = [_chunk(fields, item, checkpoint, keys) for item in fields.array(4)]
    proven = frozenset(
        seq
        for item in fields.array(5)
        if (seq := _proven(fields, item, chunks, hashes)) is not None
    )
    return PhoneStates(fields.uint(1), states, proven, checkpoint)


def _chunk(
    fields: Reader, item: Any, checkpoint: notes.Checkpoint, keys: list[bytes]
) -> _Chunk | None:
    leaf, number, path, count, root, signature = fields.as_array(4, item, length=6)
    if not isinstance(leaf, bytes):
        fields.refuse(4, "must hold leaves")
    rows_root = fields.as_octets(4, root, HASH_LENGTH)
    signed = fields.as_octets(4, signature, _SIGNATURE_LENGTH)
    is_in_log = tree.verify_inclusion(
        fields.as_uint(4, number),
        checkpoint.size,
        tree.leaf_hash(leaf),
        [fields.as_octets(4, step, HASH_LENGTH) for step in fields.as_array(4, path)],
        checkpoint.root,
    )
    statement = chunk_statement(leaf, rows_root)
    if not is_in_log or not any(is_signed(key, signed, statement) for key in keys):
        return None
    return _Chunk(fields.as_uint(4, count), rows_root)


def _proven(
    fields: Reader, item: Any, chunks: list[_Chunk | None], hashes: Mapping[int, bytes]
) -> int | None:
    seq, at, index, salt, path = fields.as_array(5, item, length=5)
    number = fields.as_uint(5, at)
    chunk = chunks[number] if number < len(chunks) else None
    own = hashes.get(fields.as_uint(5, seq))
    row_salt = fields.as_octets(5, salt, ROW_SALT_LENGTH)
    steps = [fields.as_octets(5, step, HASH_LENGTH) for step in fields.as_array(5, path)]
    if chunk is None or own is None:
        return None
    is_in_chunk = tree.verify_inclusion(
        fields.as_uint(5, index), chunk.count, tree.leaf_hash(row_salt + own), steps, chunk.root
    )
    return int(seq) if is_in_chunk else None
