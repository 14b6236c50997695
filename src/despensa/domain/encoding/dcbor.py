"""
Deterministic CBOR: one value has exactly one encoding, and a decoder accepts nothing else.

Decides what may be encoded (integers, byte strings, NFC text, arrays, maps, booleans, null and
tag 18) and refuses the rest. Source: RFC 8949 section 4.2.1; docs/reference/formats.md, Conventions.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import cbor2

COSE_SIGN1_TAG = 18
DEPTH_MAX = 16
# Keys for which length-first order (cbor2) and bytewise order (RFC 8949) agree.
INTEGER_KEYS = frozenset(range(24)) | {169, 65535, -65537}
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


class EncodingError(ValueError):
    """The bytes or the value are not deterministic CBOR of our profile."""


class _OneTag(dict[int, Callable[[Any, bool], Any]]):
    """
    Decoders by tag for cbor2: its own for tag 18, a refusal for every other tag.

    The library knows shared values, dates, patterns and more; nested shared values would let two
    thousand bytes keep a reader busy for minutes before the comparison could refuse them.
    """

    def __missing__(self, tag: int) -> Callable[[Any, bool], Any]:
        if tag == COSE_SIGN1_TAG:
            raise KeyError(tag)
        return _refuse_tag


def _refuse_tag(_value: Any, _immutable: bool, /) -> Any:  # noqa: FBT001  (the library's call)
    raise EncodingError("a tag other than 18")


_TAGS = _OneTag()


def encode(value: Any) -> bytes:
    """
    Return the only encoding of a value.

    Raises: EncodingError when the value holds a float, text that is not NFC, an unknown tag, an
        integer key outside INTEGER_KEYS, integer and text keys in one map, or any other type
        outside the profile.
    Source: RFC 8949 section 4.2.1.
    """
    _check(value, DEPTH_MAX)
    try:
        return cbor2.dumps(value, canonical=True)
    except UnicodeEncodeError as error:
        raise EncodingError("text holds half of a surrogate pair") from error


def decode(data: bytes, *, bytes_max: int = 1 << 20) -> Any:
    """
    Return the value of a byte string that is exactly one deterministic encoding.

    Holds: encode(decode(data)) == data for every accepted data.
    Raises: EncodingError when the data are longer than `bytes_max`, malformed, nested too deep,
        repeat a key, or encode their value in any other way than `encode` would.
    """
    if len(data) > bytes_max:
        raise EncodingError(f"longer than {bytes_max} bytes")
    try:
        value = cbor2.loads(
            data,
            semantic_decoders=_TAGS,
            max_depth=DEPTH_MAX,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except Exception as error:  # cbor2 raises several families; all of them mean the same to us
        raise EncodingError("not well-formed CBOR") from error
    if encode(value) != data:
        raise EncodingError("not deterministic CBOR")
    return value


def decode_map(data: bytes, *, allowed: frozenset[int], bytes_max: int = 1 << 20) -> dict[int, Any]:
    """
    Return a map whose keys are all among `allowed`.

    Raises: EncodingError as `decode`, and when the value is no map or has another key.
    """
    value = decode(data, bytes_max=bytes_max)
    if not isinstance(value, dict):
        raise EncodingError("not a map")
    unknown = [key for key in value if isinstance(key, bool) or key not in allowed]
    if unknown:
        raise EncodingError(f"unknown key {unknown[0]!r}")
    return value


def _check(value: Any, depth: int) -> None:
    kind = type(value)
    if kind is int:
        if not _INT_MIN <= value <= _INT_MAX:
            raise EncodingError("integer out of range")
    elif kind is bytes or kind is bool or value is None:
        return
    elif kind is str:
        if not unicodedata.is_normalized("NFC", value):
            raise EncodingError("text is not in NFC")
    elif depth == 0:
        raise EncodingError("nested too deep")
    elif kind is list or kind is tuple:
        for item in value:
            _check(item, depth - 1)
    elif kind is cbor2.CBORTag and value.tag == COSE_SIGN1_TAG:
        _check(value.value, depth - 1)
    elif kind is dict or isinstance(value, Mapping):  # cbor2 makes maps inside a tag immutable
        _check_keys(value)
        for item in value.values():
            _check(item, depth - 1)
    else:
        raise EncodingError(f"{kind.__name__} has no place in this profile")


def _check_keys(value: Mapping[Any, Any]) -> None:
    kinds = {type(key) for key in value}
    if not kinds <= {int, str}:
        raise EncodingError("map keys are integers or text")
    if len(kinds) > 1:
        raise EncodingError("the keys of one map are all integers or all text")
    for key in value:
        if kinds == {int} and key not in INTEGER_KEYS:
            raise EncodingError(f"{key} is no key of our formats")
        _check(key, 0)
