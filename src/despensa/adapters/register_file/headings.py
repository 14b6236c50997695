"""
What each column of the sheets of a register file is: by its heading, by its answers, by a map.
"""

from collections.abc import Mapping, Sequence

from despensa.adapters.register_file.source import RegisterFileError
from despensa.adapters.register_file.submissions import given_away
from despensa.adapters.register_file.table import Table
from despensa.domain.catalogue import Catalogue
from despensa.domain.forbidden import Category
from despensa.domain.registration.column_map import ColumnMap, folded
from despensa.domain.registration.layout import (
    FORM_KINDS,
    KIND_SENTENCES,
    MAPPABLE_KINDS,
    Columns,
    DroppedColumn,
    Kind,
    columns_of,
    field_names,
    normal_heading,
    recognise,
)
from despensa.domain.registration.question import last_step, resolved

_HEADINGS_SHOWN = 8
_HOUSEHOLD_HEADING = "household_id"
_ATTACHMENTS = "_attachments"
_MAPPED_REQUIRED = ("household_number", "full_name")


def kind_of(
    tables: Mapping[str, Table],
    kind: Kind | None,
    mapped: ColumnMap | None,
    catalogue: Catalogue,
    filename: str,
) -> tuple[Kind, tuple[str, ...]]:
    """
    Return the kind of a file and the sheets to read.

    Raises: RegisterFileError when no kind fits and no map says what the columns are, or when a map
    is given for a kind whose columns have their meaning already.
    """
    found = recognise({sheet: table.headings for sheet, table in tables.items()})
    if found is None and mapped is not None:
        found = _mapped_sheet(tables, mapped, catalogue, filename)
    if found is None:
        raise _wrong_kind(filename, tables)
    if mapped is not None and found[0] not in MAPPABLE_KINDS:
        message = (
            f"{filename} is {KIND_SENTENCES[found[0]]}; its columns have their meaning, and none"
            " can be mapped. Leave the map away."
        )
        raise RegisterFileError("map_not_needed", message, file=filename)
    return (found[0] if kind is None else kind), found[1]


def read_columns(
    tables: Mapping[str, Table],
    kind: Kind,
    sheets: Sequence[str],
    catalogue: Catalogue,
    mapped: ColumnMap | None,
) -> tuple[Columns, ...]:
    """Return what the columns of the sheets that are read mean, in the order of the sheets."""
    found = []
    for at, sheet in enumerate(sheets):
        table = tables[sheet]
        known = field_names(
            kind,
            catalogue,
            of_households=at == 0 and kind not in (Kind.TEMPLATE, Kind.MAPPED),
            of_persons=at > 0 or len(sheets) == 1,
        )
        fields = dict(known)
        if kind in FORM_KINDS:
            by_path = resolved(table.headings, known)
            fields = {
                normal_heading(one): by_path[folded(one)]
                for one in table.headings
                if folded(one) in by_path
            }
        if mapped is not None:
            fields = _with_map(table.headings, fields, mapped)
        found.append(
            columns_of(sheet, table.headings, labels_of(table, kind), fields, _answers(table, kind))
        )
    return tuple(found)


def unread_columns(
    tables: Mapping[str, Table], kind: Kind, sheets: Sequence[str]
) -> tuple[Columns, ...]:
    """Return the columns of a form's further repeat groups: all dropped or ignored, all named."""
    if kind not in FORM_KINDS:
        return ()
    found = []
    for sheet, table in tables.items():
        if sheet == _ATTACHMENTS:
            attached = DroppedColumn("", sheet, Category.BIOMETRICS)
            found.append(Columns(sheet, (), {}, (), (attached,), (), ()))
        elif sheet not in sheets:
            found.append(columns_of(sheet, table.headings, (), {}, _answers(table, kind)))
    return tuple(found)


def check_headings(
    columns: Sequence[Columns],
    kind: Kind,
    mapped: ColumnMap | None,
    catalogue: Catalogue,
    filename: str,
) -> None:
    """
    Refuse a sheet with a heading twice, and a map that names what must not or cannot be read.

    Raises: RegisterFileError.
    """
    for sheet in columns:
        if sheet.repeated:
            message = (
                f"{filename} has the heading {sheet.repeated[0]} twice; remove or rename one of"
                " the two columns."
            )
            raise RegisterFileError(
                "heading_repeated", message, file=filename, heading=sheet.repeated[0]
            )
    if mapped is None:
        return
    for dropped in (one for sheet in columns for one in sheet.dropped):
        if not {folded(dropped.column), last_step(dropped.column)}.isdisjoint(mapped.fields):
            message = (
                f"{filename}: the column {dropped.column} falls under {dropped.category.value},"
                " which is never held about people; it cannot be mapped. Take it out of the map."
            )
            raise RegisterFileError(
                "mapped_forbidden", message, file=filename, column=dropped.column
            )
    misplaced = _misplaced(columns, kind, mapped, catalogue)
    if misplaced:
        raise RegisterFileError("mapped_elsewhere", f"{filename}: {misplaced}", file=filename)


def labels_of(table: Table, kind: Kind) -> tuple[str, ...]:
    """The second row of headings HOPE writes, if the first line after the headings is one."""
    first = next(table.lines(), None) if kind is Kind.HOPE else None
    normal = [normal_heading(heading) for heading in table.headings]
    if first is None or _HOUSEHOLD_HEADING not in normal:
        return ()
    said = first.cells[normal.index(_HOUSEHOLD_HEADING)]
    if not (isinstance(said, str) and normal_heading(said).startswith(_HOUSEHOLD_HEADING)):
        return ()
    return tuple("" if one is None else str(one) for one in first.cells)


def _answers(table: Table, kind: Kind) -> Mapping[int, Category]:
    return given_away(table) if kind in FORM_KINDS else {}


def _with_map(
    headings: Sequence[str], fields: Mapping[str, str], mapped: ColumnMap
) -> dict[str, str]:
    """A mapped column takes its field from one that has it by name."""
    said = {}
    for heading in headings:
        name = mapped.fields.get(folded(heading)) or mapped.fields.get(last_step(heading))
        if name is not None:
            said[normal_heading(heading)] = name
    taken = set(said.values())
    return {one: name for one, name in fields.items() if name not in taken} | said


def _mapped_sheet(
    tables: Mapping[str, Table], mapped: ColumnMap, catalogue: Catalogue, filename: str
) -> tuple[Kind, tuple[str, ...]] | None:
    for sheet, table in tables.items():
        known = field_names(Kind.MAPPED, catalogue, of_households=False)
        own = {known[one] for one in map(normal_heading, table.headings) if one in known}
        given = own | {mapped.fields.get(folded(heading), "") for heading in table.headings}
        if given.issuperset(_MAPPED_REQUIRED):
            return Kind.MAPPED, (sheet,)
        if not given.isdisjoint(mapped.fields.values()):
            missing = ", ".join(name for name in _MAPPED_REQUIRED if name not in given)
            message = (
                f"{filename} needs a column for {missing} as well; add a line for it to the map."
            )
            raise RegisterFileError("map_incomplete", message, file=filename, missing=missing)
    return None


def _misplaced(
    columns: Sequence[Columns], kind: Kind, mapped: ColumnMap, catalogue: Catalogue
) -> str:
    present = {folded(one) for sheet in columns for one in sheet.headings}
    present |= {last_step(one) for sheet in columns for one in sheet.headings}
    strange = [heading for heading in mapped.fields if heading not in present]
    if strange:
        return (
            f"the map names {strange[0]!r}, and no sheet that is read has such a column. Correct"
            " the heading, or take the line out."
        )
    if len(columns) == 1:
        return ""
    for at, sheet in enumerate(columns):
        known = field_names(kind, catalogue, of_households=at == 0, of_persons=at > 0).values()
        for position, name in sheet.fields.items():
            if name not in known:
                whom = "households" if at == 0 else "people"
                return (
                    f"{sheet.headings[position]} stands in the sheet of {whom}, where {name} is not"
                    " asked. Map it to another field, or leave it."
                )
    return ""


def _wrong_kind(filename: str, tables: Mapping[str, Table]) -> RegisterFileError:
    found = "; ".join(
        (f"sheet {sheet}: " if sheet else "")
        + ", ".join(one or "(empty)" for one in table.headings[:_HEADINGS_SHOWN])
        + (", ..." if len(table.headings) > _HEADINGS_SHOWN else "")
        for sheet, table in tables.items()
    )
    kinds = "; ".join(KIND_SENTENCES.values())
    sentence = (
        f"{filename} is none of the kinds that are read: {kinds}. It begins with"
        f" {found or 'nothing'}. Rename the headings as in the template, say what they mean in a"
        " column map, or export it again."
    )
    return RegisterFileError("wrong_kind", sentence, file=filename, found=found or "-")
