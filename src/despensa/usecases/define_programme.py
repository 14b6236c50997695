"""Define a programme: its area, its names and the units it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store


@dataclass(frozen=True, slots=True)
class ProgrammeOutline:
    """What a programme is before it has a rule; units are (number, code, names)."""

    code: str
    names: Mapping[str, str]
    area: UUID
    units: Sequence[tuple[int, str, Mapping[str, str]]]


def define_programme(outline: ProgrammeOutline, *, acting: Acting) -> UUID:
    """Return the id of the new programme."""
    programme = acting.new_id()
    with transaction.atomic(using=REGISTRY):
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
