"""
Typed reading of the maps inside signatures: every field has one type, one length and one range.

Decides whether a decoded map has the shape a format promises; what the values mean is decided
by the module that owns the format. Source: docs/reference/formats.md, Conventions.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from despensa.domain.encoding.cose import MalformedSignature, Verified

Goods = tuple[tuple[int, int], ...]

ID_LENGTH = 16
HASH_LENGTH = 32
KEY_LENGTH = 32
NUMBER_LENGTH = 10
UINT_MAX = 2**63 - 1
_TEXT_MAX = 200


class MalformedPayload(MalformedSignature):
    """The signed map lacks a field, or a field has another type, length or range."""


class Reader:
    """Reads the fields of one map; every complaint names the format and the key."""

    def __init__(self, name: str, fields: Mapping[int, Any]) -> None:
        """Read `fields` as a document called `name`."""
        self._name = name
        self._fields = fields

    def has(self, key: int) -> bool:
        """Return whether the map holds the key."""
        return key in self._fields

    def exactly(self, keys: frozenset[int], *, optional: frozenset[int] = frozenset()) -> None:
        """
        Check that the map holds all of `keys` and nothing but them and `optional`.

        Raises: MalformedPayload naming the first missing or surplus key.
        """
        present = set(self._fields)
        for key in sorted(keys - present):
            self.refuse(key, "is missing")
        for key in sorted(present - keys - optional):
            self.refuse(key, "has no place here")

    def value(self, key: int) -> Any:
        """Return a field as it is."""
        if key not in self._fields:
            self.refuse(key, "is missing")
        return self._fields[key]

    def uint(self, key: int, *, at_least: int = 0, at_most: int = UINT_MAX) -> int:
        """Return an unsigned integer within a range, both ends included."""
        return self.as_uint(key, self.value(key), at_least=at_least, at_most=at_most)

    def octets(self, key: int, length: int) -> bytes:
        """Return a byte string of an exact length."""
        return self.as_octets(key, self.value(key), length)

    def octets_or_null(self, key: int, length: int) -> bytes | None:
        """Return a byte string of an exact length, or nothing where the map says null."""
        value = self.value(key)
        return None if value is None else self.as_octets(key, value, length)

    def octets_or_absent(self, key: int, length: int) -> bytes | None:
        """Return a byte string of an exact length, or nothing where the key is missing."""
        return self.octets(key, length) if self.has(key) else None

    def text(self, key: int, *, characters_max: int = _TEXT_MAX) -> str:
        """Return a text that is not empty."""
        return self.as_text(key, self.value(key), characters_max=characters_max)

    def array(self, key: int, *, length: int | None = None) -> Sequence[Any]:
        """Return an array, of an exact length if one is given."""
        return self.as_array(key, self.value(key), length=length)

    def goods(self, key: int) -> Goods:
        """Return goods (see `as_goods`)."""
        return self.as_goods(key, self.value(key))

    def as_uint(self, key: int, value: Any, *, at_least: int = 0, at_most: int = UINT_MAX) -> int:
        """Return a value of field `key` that must be an unsigned integer within a range."""
        if type(value) is not int or not at_least <= value <= at_most:
            self.refuse(key, f"must be an integer from {at_least} to {at_most}")
        return int(value)

    def as_octets(self, key: int, value: Any, length: int) -> bytes:
        """Return a value of field `key` that must be a byte string of an exact length."""
        if not isinstance(value, bytes) or len(value) != length:
            self.refuse(key, f"must be a byte string of length {length}")
        return bytes(value)

    def as_text(self, key: int, value: Any, *, characters_max: int = _TEXT_MAX) -> str:
        """Return a value of field `key` that must be a text which is not empty."""
        if not isinstance(value, str) or not 0 < len(value) <= characters_max:
            self.refuse(key, f"must be a text of 1 to {characters_max} characters")
        return str(value)

    def as_array(self, key: int, value: Any, *, length: int | None = None) -> Sequence[Any]:
        """Return a value of field `key` that must be an array."""
        if not isinstance(value, list | tuple) or (length is not None and len(value) != length):
            self.refuse(key, "must be an array" + ("" if length is None else f" of {length}"))
        return tuple(value)

    def as_goods(self, key: int, value: Any) -> Goods:
        """
        Return goods: pairs of unit and quantity.

        Shape: at least one pair, units ascending and distinct, quantities at least 1.
        Source: docs/reference/formats.md, Conventions.
        """
        goods: list[tuple[int, int]] = []
        for item in self.as_array(key, value):
            unit, quantity = self.as_array(key, item, length=2)
            goods.append((self.as_uint(key, unit), self.as_uint(key, quantity, at_least=1)))
        units = [unit for unit, _ in goods]
        if not goods or any(later <= former for former, later in pairwise(units)):
            self.refuse(key, "must be goods with ascending units")
        return tuple(goods)

    def refuse(self, key: int, complaint: str) -> NoReturn:
        """Raise MalformedPayload about one field."""
        raise MalformedPayload(f"{self._name}: key {key} {complaint}")


def goods_array(goods: Goods) -> list[list[int]]:
    """Return goods as the array that is encoded."""
    return [[unit, quantity] for unit, quantity in goods]


def without_header(verified: Verified, name: str) -> Mapping[int, Any]:
    """
    Return the payload of a signature that carries nothing outside it.

    The unprotected header is not signed: accepting one would let anybody change the hash of a
    good document.
    Raises: MalformedPayload.
    """
    if verified.certificate is not None:
        raise MalformedPayload(f"{name}: the unprotected header must be empty")
    return verified.payload
