"""
Sealed rows and facts of the journal: closed under a key and tied to their place.

Decides the bytes of seals 1 (person), 2 (cycle) and 3 (workspace) and of a sealed fact. Keys and
nonces are arguments; who holds a key and when it is destroyed is not decided here.
Source: docs/reference/formats.md section 8.
"""

from collections.abc import Callable, Iterable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SEAL_LABEL = b"despensa/journal/1"
FACT_LABEL = b"despensa/fact/1"
_NONCE_LENGTH = 12


class SealBroken(ValueError):
    """The key does not open these bytes at this place."""


def seal_under_person(
    body: bytes, *, person_key: bytes, nonce: bytes, entry: bytes, index: int
) -> bytes:
    """
    Return a row's column values sealed under a person's key (seal 1).

    `nonce` is 12 random bytes, never used twice with one key.
    Source: docs/reference/formats.md section 8.
    """
    if len(nonce) != _NONCE_LENGTH:
        raise ValueError("a nonce has 12 bytes")
    return nonce + AESGCM(person_key).encrypt(nonce, body, row_context(entry, index))


def seal_person_rows(
    rows: Iterable[tuple[int, bytes, bytes]], *, person_key: bytes, entry: bytes
) -> list[tuple[int, bytes]]:
    """
    Return (index, sealed) of one person's rows of an entry, given as (index, nonce, body).

    Holds: each equals `seal_under_person`.
    """
    cipher = AESGCM(person_key)
    return [
        (index, nonce + cipher.encrypt(nonce, body, row_context(entry, index)))
        for index, nonce, body in rows
    ]


def open_under_person(sealed: bytes, *, person_key: bytes, entry: bytes, index: int) -> bytes:
    """
    Return the column values of a row sealed under a person's key.

    Raises: SealBroken when key, place or bytes do not belong together.
    """
    nonce, body = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
    return _opened(person_key, nonce, body, row_context(entry, index))


def seal_under_chunk(body: bytes, *, chunk_key: bytes, entry: bytes, index: int) -> bytes:
    """
    Return a row's column values sealed under a chunk's key (seals 2 and 3).

    Holds: the nonce is the row's index as u96, so a chunk key serves one chunk and one seal.
    Source: docs/reference/formats.md sections 4 and 8.
    """
    return AESGCM(chunk_key).encrypt(_chunk_nonce(index), body, row_context(entry, index))


def chunk_sealer(chunk_key: bytes, entry: bytes) -> Callable[[int, bytes], bytes]:
    """Return what seals (index, body) of one entry under its chunk's key: `seal_under_chunk`."""
    encrypt, context = AESGCM(chunk_key).encrypt, _SEAL_LABEL + entry

    def seal(index: int, body: bytes) -> bytes:
        return encrypt(_chunk_nonce(index), body, context + index.to_bytes(4, "big"))

    return seal


def seal_chunk(bodies: Sequence[bytes], *, chunk_key: bytes, entry: bytes) -> list[bytes]:
    """
    Return the column values of all rows of a chunk sealed under its key, in their order.

    Holds: each equals `seal_under_chunk` at its index.
    """
    cipher = AESGCM(chunk_key)
    return [
        cipher.encrypt(_chunk_nonce(index), body, row_context(entry, index))
        for index, body in enumerate(bodies)
    ]


def open_under_chunk(sealed: bytes, *, chunk_key: bytes, entry: bytes, index: int) -> bytes:
    """
    Return the column values of a row sealed under a chunk's key.

    Raises: SealBroken when key, place or bytes do not belong together.
    """
    return _opened(chunk_key, _chunk_nonce(index), sealed, row_context(entry, index))


def row_context(entry: bytes, index: int) -> bytes:
    """
    Return the additional data that ties sealed bytes to their row of their entry.

    Source: docs/reference/formats.md section 8.
    """
    return _SEAL_LABEL + entry + index.to_bytes(4, "big")


def seal_fact(
    value: bytes, *, fact_key: bytes, fact_key_id: int, nonce: bytes, row: bytes
) -> bytes:
    """
    Return a fact's value sealed under the key of its fact and catalogue version.

    Source: docs/reference/formats.md section 8 ("despensa/fact/1").
    """
    if len(nonce) != _NONCE_LENGTH:
        raise ValueError("a nonce has 12 bytes")
    return nonce + AESGCM(fact_key).encrypt(nonce, value, _fact_context(row, fact_key_id))


def seal_facts(
    values: Iterable[tuple[bytes, bytes, bytes]], *, fact_key: bytes, fact_key_id: int
) -> list[bytes]:
    """
    Return the sealed values of one fact, given as (value, nonce, row).

    Holds: each equals `seal_fact`.
    """
    cipher = AESGCM(fact_key)
    return [
        nonce + cipher.encrypt(nonce, value, _fact_context(row, fact_key_id))
        for value, nonce, row in values
    ]


def open_fact(sealed: bytes, *, fact_key: bytes, fact_key_id: int, row: bytes) -> bytes:
    """
    Return a fact's value.

    Raises: SealBroken when key, row or bytes do not belong together.
    """
    nonce, value = sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:]
    return _opened(fact_key, nonce, value, _fact_context(row, fact_key_id))


def _opened(key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, context)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("the key does not open these bytes at this place") from error


def _chunk_nonce(index: int) -> bytes:
    return index.to_bytes(_NONCE_LENGTH, "big")


def _fact_context(row: bytes, fact_key_id: int) -> bytes:
    return FACT_LABEL + row + fact_key_id.to_bytes(4, "big")
