"""
A sentence that other languages can say too: a stable code, parameters, and the English words.

Offices translate by code and parameters; the command line prints the sentence itself. A parameter
is a text, a whole number, a day, a name of a rule's file, a sentence again, or several of these.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar, Literal, Self, TypeAlias

NameKind = Literal["fact", "code", "unit", "file"]


class Name(str):
    """A name out of a file, which an office may know by a word of the reader's language."""

    __slots__ = ("kind",)
    kind: NameKind

    def __new__(cls, kind: NameKind, name: str) -> Self:
        """Return the name of a fact, of a code of one, of a unit, or of another part of a file."""
        self = super().__new__(cls, name)
        self.kind = kind
        return self

    def __reduce__(self) -> tuple[type["Name"], tuple[NameKind, str]]:
        """Return what a copy is made from."""
        return Name, (self.kind, str(self))


Value: TypeAlias = "str | int | date | tuple[Value, ...]"


class Sentence(str):
    """
    A sentence, which is its English words, with what other languages say it from.

    Shape: `templates` of each kind of sentence hold one with a named place for each parameter.
    """

    __slots__ = ("code", "parameters")
    templates: ClassVar[Mapping[str, str]] = {}
    code: str
    parameters: Mapping[str, Value]

    def __new__(cls, code: str, **parameters: Value) -> Self:
        """Return the sentence of a code."""
        self = super().__new__(cls, filled(cls.templates[code], parameters, _plain))
        self.code, self.parameters = code, parameters
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Value]]:
        """Return what a copy is made from."""
        return (self.code,), dict(self.parameters)


def filled(template: str, parameters: Mapping[str, Value], say: Callable[[Value], str]) -> str:
    """Return a template with each parameter said in its place."""
    return template.format_map({name: say(value) for name, value in parameters.items()})


def _plain(value: Value) -> str:
    """
    Return a parameter in English.

    >>> _plain(("a", 1000))
    'a, 1,000'
    """
    if isinstance(value, tuple):
        apart = "; " if any(isinstance(one, Sentence) for one in value) else ", "
        return apart.join(map(_plain, value))
    if isinstance(value, int):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else value
