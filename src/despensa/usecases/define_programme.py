"""Define a programme: its area, its names and the units it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store
from despensa.records.staff import queries as staff

CODE_MAX, UNIT_CODE_MAX = 64, 32


@dataclass(frozen=True, slots=True)
class ProgrammeOutline:
    """What a programme is before it has a rule; units are (number, code, names)."""

    code: str
    names: Mapping[str, str]
    area: UUID
    units: Sequence[tuple[int, str, Mapping[str, str]]]


class OutlineWrong(ValueError):
    """A code or a name of the programme cannot be stored as it is written."""


def define_programme(outline: ProgrammeOutline, *, acting: Acting) -> UUID:
    """
    Return the id of the new programme.

    Raises: OutlineWrong; ProgrammeKnown; UnitKnown; OutOfReach.
    """
    _check(outline)
    programme = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        if acting.staff is not None:
            reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
            reach.require(None, outline.area)
        store.add_units(outline.units)
        store.add_programme(programme, code=outline.code, names=outline.names, area=outline.area)
        rows = journal_rows.inserted(
            "unit",
            (
                (str(number).encode(), {"code": code, "names": dict(names)})
                for number, code, names in outline.units
            ),
        ) + journal_rows.inserted(
            "programme",
            [
                (
                    programme.bytes,
                    {
                        "code": outline.code,
                        "names": dict(outline.names),
                        "area_id": outline.area.bytes,
                    },
                )
            ],
        )
        journal_store.record(REGISTRY, "define_programme", acting, rows)
    return programme


def _check(outline: ProgrammeOutline) -> None:
    if not outline.units:
        raise OutlineWrong("A programme gives something: name at least one unit.")
    codes = [code for _, code, _ in outline.units]
    if len(set(codes)) != len(codes):
        raise OutlineWrong("Name every unit once; nothing was changed.")
    for what, code, longest in (
        ("programme", outline.code, CODE_MAX),
        *(("unit", code, UNIT_CODE_MAX) for code in codes),
    ):
        if not 0 < len(code) <= longest or not code.isprintable():
            raise OutlineWrong(
                f"The code of a {what} has 1 to {longest} letters, digits or signs and no control "
                f"characters; {code[:longest]!r} has not. Nothing was changed."
            )
