"""Define a programme: its area, its names and the units it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.entry import Act, private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import DATABASE_NUMBER, REGISTRY
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
    act = Act(DATABASE_NUMBER[REGISTRY], acting.at, acting.actor, "define_programme")
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
        journal_store.append(
            REGISTRY,
            [private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=rows)],
        )
    return programme
