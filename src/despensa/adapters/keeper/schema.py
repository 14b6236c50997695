"""
How values of the keeper's ports travel: made from the ports' own annotations, strict both ways.

A value that is not of its annotation's type is refused before it is sent, and again when it comes.
Data classes and named tuples are arrays of their fields in order; a map with keys that are no text
is an array of pairs; a float is its eight bytes. Source: docs/reference/formats.md, section 17.
"""

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from functools import cache
from struct import Struct
from typing import Any

_double = Struct("!d")
_LISTS = (list, Sequence, Iterable, Iterator)
_MAPS = (dict, Mapping)


class WrongShape(ValueError):
    """A value is not of the type that the port's signature names."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Turns a value into what deterministic CBOR can say, and back."""

    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]


@cache
def codec(kind: Any) -> Codec:
    """
    Return the codec of an annotation.

    Raises: TypeError for an annotation that no port may use.
    """
    kind = getattr(kind, "__supertype__", kind)
    if kind is Any:
        return Codec(_same, _same)
    if kind is float:
        return Codec(lambda value: _double.pack(_of(float, value)), _float)
    if kind in {bytes, int, str, bool, types.NoneType}:
        exactly = _exactly(kind)
        return Codec(exactly, exactly)
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return _number(kind)
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        return _record(kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return _perhaps(inner)
    if origin is tuple:
        return _many(inner[0], tuple) if inner[-1] is Ellipsis else _fixed(inner)
    if origin in _LISTS:
        return _many(inner[0], list)
    if origin in _MAPS:
        return _plain_map(inner[1]) if inner[0] in {str, int} else _pairs(*inner)
    raise TypeError(f"{kind!r} does not travel to the keeper")


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of one method by name, in order, what it returns, and what may be left out."""

    arguments: tuple[tuple[str, Codec], ...]
    result: Codec
    defaults: Mapping[str, Any]

    def pack(self, given: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
        """Return the arguments of a call as they travel. Raises: WrongShape."""
        values = dict(zip((name for name, _ in self.arguments), given, strict=False)) | dict(named)
        if len(values) != len(given) + len(named):
            raise WrongShape("not the arguments of this method")
        values = {**self.defaults, **values}
        if values.keys() != dict(self.arguments).keys():
            raise WrongShape("not the arguments of this method")
        return [one.pack(values[name]) for name, one in self.arguments]

    def unpack(self, packed: Any) -> dict[str, Any]:
        """Return the arguments by name. Raises: WrongShape."""
        values = _of(list, packed)
        if len(values) != len(self.arguments):
            raise WrongShape("not the arguments of this method")
        return {
            name: one.unpack(value)
            for (name, one), value in zip(self.arguments, values, strict=True)
        }


def signature(method: Callable[..., Any], *, left_out: frozenset[str] = frozenset()) -> Signature:
    """Return the signature of a port's method; `left_out` names arguments that travel apart."""
    hints = typing.get_type_hints(method)
    result = hints.pop("return")
    named = tuple((name, codec(kind)) for name, kind in hints.items() if name not in left_out)
    defaults = {
        name: one.default
        for name, one in inspect.signature(method).parameters.items()
        if one.default is not one.empty
    }
    return Signature(named, codec(result), defaults)


def _same(value: Any) -> Any:
    return value


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise WrongShape(f"{type(value).__name__} stands where {kind.__name__} belongs")
    return value


def _exactly(kind: type) -> Callable[[Any], Any]:
    return lambda value: _of(kind, value)


def _float(packed: Any) -> float:
    data: bytes = _of(bytes, packed)
    if len(data) != _double.size:
        raise WrongShape("a float has eight bytes")
    value: float = _double.unpack(data)[0]
    return value


def _number(kind: type[IntEnum]) -> Codec:
    known = {int(member): member for member in kind}

    def unpack(value: Any) -> Any:
        if _of(int, value) not in known:
            raise WrongShape(f"{value} is no {kind.__name__}")
        return known[value]

    return Codec(lambda value: int(unpack(int(value))), unpack)


def _record(kind: Any) -> Codec:
    hints = typing.get_type_hints(kind)
    names = [one.name for one in fields(kind)] if is_dataclass(kind) else list(kind._fields)
    codecs = [codec(hints[name]) for name in names]

    def pack(value: Any) -> list[Any]:
        _of(kind, value)
        return [one.pack(getattr(value, name)) for one, name in zip(codecs, names, strict=True)]

    def unpack(packed: Any) -> Any:
        values = _of(list, packed)
        if len(values) != len(codecs):
            raise WrongShape(f"a {kind.__name__} has {len(codecs)} fields")
        return kind(*(one.unpack(value) for one, value in zip(codecs, values, strict=True)))

    return Codec(pack, unpack)


def _perhaps(inner: tuple[Any, ...]) -> Codec:
    [kind] = [one for one in inner if one is not types.NoneType]
    one = codec(kind)
    return Codec(
        lambda value: None if value is None else one.pack(value),
        lambda value: None if value is None else one.unpack(value),
    )


def _many(kind: Any, made: type) -> Codec:
    one = codec(kind)
    pack, unpack = one.pack, one.unpack
    return Codec(
        lambda values: [pack(value) for value in values],
        lambda packed: made(unpack(value) for value in _of(list, packed)),
    )


def _fixed(inner: tuple[Any, ...]) -> Codec:
    codecs = [codec(kind) for kind in inner]

    def pack(values: Any) -> list[Any]:
        if len(values) != len(codecs):
            raise WrongShape(f"a group of {len(codecs)} has {len(values)} parts")
        return [one.pack(value) for one, value in zip(codecs, values, strict=True)]

    def unpack(packed: Any) -> tuple[Any, ...]:
        values = _of(list, packed)
        if len(values) != len(codecs):
            raise WrongShape(f"a group of {len(codecs)} has {len(values)} parts")
        return tuple(one.unpack(value) for one, value in zip(codecs, values, strict=True))

    return Codec(pack, unpack)


def _plain_map(kind: Any) -> Codec:
    one = codec(kind)
    return Codec(
        lambda values: {key: one.pack(value) for key, value in values.items()},
        lambda packed: {key: one.unpack(value) for key, value in _of(dict, packed).items()},
    )


def _pairs(key: Any, value: Any) -> Codec:
    pairs = _many(tuple[key, value], list)
    return Codec(
        lambda values: pairs.pack(values.items()),
        lambda packed: dict(pairs.unpack(packed)),
    )
