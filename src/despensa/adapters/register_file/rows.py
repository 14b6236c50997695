"""The lines of a table as rows whose cells are known by what they mean."""

from collections.abc import Iterable, Iterator, Sequence

from despensa.adapters.register_file.table import Line, Table, is_blank
from despensa.domain.registration.layout import Columns
from despensa.domain.registration.row import Row


def rows_below(
    table: Table, columns: Columns, *, skip: Sequence[str], only: Sequence[str] | None = None
) -> Iterator[Row]:
    """Yield the rows below `skip`, a second row of headings; `only` what tells whose each is."""
    lines = table.lines()
    if skip:
        next(lines)
    yield from rows_of(table.sheet, columns, lines, only)


def rows_of(
    sheet: str, columns: Columns, lines: Iterable[Line], only: Sequence[str] | None = None
) -> Iterator[Row]:
    """Yield the rows of lines that are not blank."""
    headings = {field: columns.headings[at] for at, field in columns.fields.items()}
    named = [
        (at, field, headings[field])
        for at, field in columns.fields.items()
        if only is None or field in only
    ]
    all_kept = len(columns.kept) == len(columns.headings)
    for line in lines:
        cells = line.cells
        kept = cells if all_kept else tuple([cells[at] for at in columns.kept])
        if is_blank(kept):
            continue
        values = {
            field: (heading, cells[at])
            for at, field, heading in named
            if cells[at] is not None and cells[at] != ""
        }
        yield Row(sheet, line.number, values, kept, headings, line.structural)
