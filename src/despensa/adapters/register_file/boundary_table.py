"""Boundary tables (COD-AB) in CSV or XLSX, read with the same guards as a register."""

from datetime import date
from pathlib import Path

from despensa.adapters.register_file.content import content_of
from despensa.adapters.register_file.source import (
    Limits,
    RegisterFileError,
    opened,
    size_and_digest,
)
from despensa.domain.registration.gazetteer import (
    GazetteerError,
    Place,
    is_gazetteer,
    read_places,
)


def read_boundary_table(
    path_or_bytes: Path | bytes, *, filename: str, today: date, limits: Limits | None = None
) -> tuple[Place, ...]:
    """
    Return the places of a boundary table, parents before children.

    Raises: RegisterFileError when the file cannot be read or is no boundary table; its sentence
    lists the faults of its rows.
    """
    limits = limits or Limits()
    with opened(path_or_bytes) as stream:
        size, _ = size_and_digest(stream, filename, limits)
        tables = content_of(stream, size, filename, limits).tables
        if not any(is_gazetteer(table.headings) for table in tables.values()):
            message = (
                f"{filename} is no table of administrative areas: none of its columns is called"
                " ADM1_PCODE, ADM2_PCODE and so on. Take the XLSX or CSV of your country's COD-AB."
            )
            raise RegisterFileError("not_a_gazetteer", message, file=filename)
        try:
            return read_places(
                (
                    (sheet, table.headings, ((one.number, one.cells) for one in table.lines()))
                    for sheet, table in tables.items()
                ),
                today=today,
            )
        except GazetteerError as fault:
            raise RegisterFileError("areas_wrong", f"{filename}: {fault}", file=filename) from fault
