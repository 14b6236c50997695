"""Column maps at a door: found for the headings of a file, and remembered for the next one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from despensa.adapters.register_file.reader import Headings
from despensa.domain.act import Acting
from despensa.domain.registration.column_map import (
    ColumnMap,
    ColumnMapError,
    folded,
    parse_column_map,
)
from despensa.domain.registration.question import last_step
from despensa.records.catalogue.queries import in_force
from despensa.records.registry import queries
from despensa.records.staff import queries as staff
from despensa.usecases.remember_columns import remember_columns


@dataclass(frozen=True, slots=True)
class Remembered:
    """A map that was given before, who gave it, and when."""

    map: ColumnMap
    name: str
    day: date


def remembered(headings: Headings, source: str | None) -> Remembered | None:
    """
    Return the map that was given for such headings, or None.

    A table must have the very headings; of a form's submissions, which name a question only once
    somebody has answered it, those that are mapped. A map a newer catalogue refuses is no map.
    """
    present = {
        name
        for names in headings.by_sheet.values()
        for one in names
        for name in (folded(one), last_step(one))
    }
    for row in queries.column_maps(source or ""):
        fits = headings.is_form and present.issuperset(row.fields)
        if row.headings == headings.digest or fits:
            try:
                mapped = parse_column_map(row.fields, in_force())
            except ColumnMapError:
                continue
            name = staff.names([row.staff]).get(row.staff, "")
            return Remembered(mapped, name, datetime.fromtimestamp(row.at, UTC).date())
    return None


def remember(mapped: ColumnMap, headings: Headings, source: str | None, *, acting: Acting) -> None:
    """Keep a map for the next file; the same again is nothing."""
    remember_columns(mapped, source=source or "", headings=headings.digest, acting=acting)
