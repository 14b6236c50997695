"""
Which households of a file the register has already, told by where their records came from.

Decides by the keyed reference of source and record id alone: names, documents and phones are never
compared, so that a file learns nothing about who is registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

Household = TypeVar("Household")


@dataclass(frozen=True, slots=True)
class Recognised(Generic[Household]):
    """
    The households of one slice of a file, parted; each stands in exactly one of the two.

    Shape: both in file order; `new` with the origin reference a household will be known by,
    `known` with the register's id of the household that came from the same record before.
    """

    new: Sequence[tuple[Household, bytes]]
    known: Sequence[tuple[Household, UUID]]


def recognise(
    households: Sequence[Household], refs: Sequence[bytes], known: Mapping[bytes, UUID]
) -> Recognised[Household]:
    """
    Return which households are new and which came from the same record before.

    `refs` are their origin references, in order; `known` is what the register has under these
    references.

    >>> there = UUID(int=7)
    >>> recognise(["a", "b"], [b"1", b"2"], {b"2": there}).new
    [('a', b'1')]
    >>> recognise(["a", "b"], [b"1", b"2"], {b"2": there}).known == [("b", there)]
    True
    """
    new, old = [], []
    for household, ref in zip(households, refs, strict=True):
        there = known.get(ref)
        if there is None:
            new.append((household, ref))
        else:
            old.append((household, there))
    return Recognised(new, old)
