"""
Somebody who is registered by an operation on a household: a child that was born, a person who joins.

Read by the rules of a register file, so that no door lets in a name or a day that a file may not hold.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from despensa.domain.registration import cell
from despensa.domain.registration.cell import CellFault
from despensa.domain.registration.draft import Birth, PersonDraft, Sex

_Read = TypeVar("_Read")


class NewcomerFaulty(ValueError):
    """Fields cannot be read; `faults` are (field, fault): `full_name`, `born`."""

    def __init__(self, *faults: tuple[str, CellFault]) -> None:
        """Hold every field that is wrong."""
        super().__init__("fields of a newcomer cannot be read")
        self.faults = faults


def newcomer(full_name: str, born: str, sex: Sex, *, today: date) -> PersonDraft:
    """
    Return somebody new; an empty birth date is an unknown one.

    Raises: NewcomerFaulty, with all that is wrong.

    >>> newcomer("Luz  Molina", "2026-11", Sex.FEMALE, today=date(2026, 11, 23)).full_name
    'Luz Molina'
    """
    faults: list[tuple[str, CellFault]] = []
    name = _read("full_name", lambda: _name(full_name), faults)
    birth = _read("born", lambda: cell.birth(born, today=today, day_first=False), faults)
    if faults or name is None:
        raise NewcomerFaulty(*faults)
    return PersonDraft("", name, sex, birth or Birth(), (), 1)


def _name(written: str) -> str:
    name = cell.name(written)
    if name is None:
        raise CellFault("missing", {"column": "full_name"})
    return name


def _read(
    field: str, reading: Callable[[], _Read], faults: list[tuple[str, CellFault]]
) -> _Read | None:
    try:
        return reading()
    except CellFault as fault:
        faults.append((field, fault))
        return None
