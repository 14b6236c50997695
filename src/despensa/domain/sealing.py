"""
Sealed columns and person keys: how names, documents, phones and addresses lie in the tables.

Decides the bytes and their additional data only; keys and nonces come from the keeper. A value
moved to another row, column or version does not open. Source: docs/reference/formats.md, section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.encoding import dcbor

FORMAT_VERSION = 1
NONCE_LENGTH = 12
_SEALED_LABEL = b"despensa/sealed/1"
_PERSON_KEY_LABEL = b"despensa/person-key/1"
# what every sealed value of version 1 begins with the first time it is written
FIRST_HEAD = b"\x01" + (1).to_bytes(4, "big")
_ID_LENGTH = 16
_SEALED_HEAD = 1 + 4 + NONCE_LENGTH
_WRAPPED_HEAD = 1 + NONCE_LENGTH

PersonKey = NewType("PersonKey", bytes)


class Column(IntEnum):
    """The frozen codes of the sealed columns: each stands for one table and column."""

    FULL_NAME = 1
    NAME_PARTS = 2
    DOCUMENT = 3
    PHONE = 4
    ADDRESS = 5
    BIRTH_DAY = 6
    PAYEE = 7
    LINK = 8
    GRIEVANCE = 9
    CORRECTION = 20
    PARTNER_ANSWER = 40


class SealBroken(ValueError):
    """The sealed bytes do not belong to this row, column, version or key."""


@dataclass(frozen=True, slots=True)
class ToSeal:
    """One value on its way into a sealed column; `row` is the row id (16 bytes)."""

    column: Column
    row: bytes
    value_version: int
    value: Any


@dataclass(frozen=True, slots=True)
class Sealed:
    """One stored sealed value with the place it was stored at."""

    column: Column
    row: bytes
    data: bytes


def seal(
    values: Sequence[ToSeal], *, key: PersonKey, workspace: bytes, nonces: Sequence[bytes]
) -> list[bytes]:
    """
    Return the stored bytes of one person's values, in order.

    Holds: one fresh 12-byte nonce per value.
    Source: docs/reference/formats.md, section 6.
    """
    cipher = AESGCM(key)
    return [
        b"\x01"
        + item.value_version.to_bytes(4, "big")
        + nonce
        + cipher.encrypt(nonce, dcbor.encode(item.value), _place(workspace, item))
        for item, nonce in zip(values, nonces, strict=True)
    ]


def unseal(values: Sequence[Sealed], *, key: PersonKey, workspace: bytes) -> list[Any]:
    """
    Return the values of one person's sealed columns, in order.

    Raises: SealBroken when a value was moved, altered or sealed under another key.
    """
    cipher = AESGCM(key)
    opened = []
    for item in values:
        if len(item.data) < _SEALED_HEAD or item.data[0] != FORMAT_VERSION:
            raise SealBroken("not a sealed value of version 1")
        version = value_version(item.data)
        place = _place(workspace, ToSeal(item.column, item.row, version, None))
        nonce = item.data[5:_SEALED_HEAD]
        try:
            opened.append(dcbor.decode(cipher.decrypt(nonce, item.data[_SEALED_HEAD:], place)))
        except InvalidTag as error:
            raise SealBroken(f"column {item.column.name} does not open") from error
    return opened


def value_version(data: bytes) -> int:
    """Return the version of a stored sealed value: it rises by one with each change."""
    return int.from_bytes(data[1:5], "big")


def wrap_key(
    key: PersonKey, *, kek: bytes, person: bytes, workspace: bytes, kek_number: int, nonce: bytes
) -> bytes:
    """
    Return a person key wrapped under a key-encryption key.

    Source: docs/reference/formats.md, section 6, person_key.
    """
    place = _key_place(workspace, person, kek_number)
    return b"\x01" + nonce + AESGCM(kek).encrypt(nonce, key, place)


def first_place(workspace: bytes, column: Column) -> tuple[bytes, bytes]:
    """
    Return what stands before and after the row id in the place of a value written first.

    For batches: the parts joined are the additional data of `seal`.
    """
    assert len(workspace) == _ID_LENGTH, "ids are 16 raw bytes"
    return _SEALED_LABEL + workspace + column.to_bytes(2, "big"), (1).to_bytes(4, "big")


def wrapping_place(workspace: bytes, kek_number: int) -> tuple[bytes, bytes]:
    """Return what stands before and after the person's id in the place of a wrapped key."""
    assert len(workspace) == _ID_LENGTH, "ids are 16 raw bytes"
    return _PERSON_KEY_LABEL + workspace, kek_number.to_bytes(4, "big")


def unwrap_key(
    wrapped: bytes, *, kek: bytes, person: bytes, workspace: bytes, kek_number: int
) -> PersonKey:
    """
    Return the person key.

    Raises: SealBroken when the wrapping is of another person, workspace or key.
    """
    if len(wrapped) < _WRAPPED_HEAD or wrapped[0] != FORMAT_VERSION:
        raise SealBroken("not a wrapped person key of version 1")
    place = _key_place(workspace, person, kek_number)
    try:
        key = AESGCM(kek).decrypt(wrapped[1:_WRAPPED_HEAD], wrapped[_WRAPPED_HEAD:], place)
    except InvalidTag as error:
        raise SealBroken("the person key does not open") from error
    return PersonKey(key)


def _place(workspace: bytes, item: ToSeal) -> bytes:
    # Two fields of a wrong length could add up to another place.
    assert len(workspace) == len(item.row) == _ID_LENGTH, "ids are 16 raw bytes"
    return (
        _SEALED_LABEL
        + workspace
        + item.column.to_bytes(2, "big")
        + item.row
        + item.value_version.to_bytes(4, "big")
    )


def _key_place(workspace: bytes, person: bytes, kek_number: int) -> bytes:
    assert len(workspace) == len(person) == _ID_LENGTH, "ids are 16 raw bytes"
    return _PERSON_KEY_LABEL + workspace + person + kek_number.to_bytes(4, "big")
