"""
XLSX workbooks: guarded by ourselves, then read by calamine.

A workbook is a packed folder of XML. Before a library unpacks it we check what it claims to hold,
unpack every part to the end, and walk through each sheet for its true extent and for formulas that
carry no result. Source: ECMA-376 part 1 (18.3.1 worksheets) and part 2 (package).
"""

import io
import lzma
import posixpath
import re
import struct
import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import python_calamine

from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError
from despensa.adapters.register_file.table import Line, Table, is_blank
from despensa.domain.registration.cell import Cell, UnresolvedFormula

ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LETTERS = 26
# What the standard library raises for packed parts and XML that are not what they say.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    xml.parsers.expat.ExpatError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
)


@dataclass(slots=True)
class Extent:
    """How far a sheet reaches, and the places (row, column from 0) of formulas without result."""

    rows: int = 0
    columns: int = 0
    unresolved: set[tuple[int, int]] = field(default_factory=set)


def read_workbook(stream: BinaryIO, filename: str, limits: Limits) -> list[Table]:
    """
    Return the tables of a workbook, one per sheet that holds anything, in workbook order.

    Raises: RegisterFileError for damaged files, files that unpack to too much, sheets that reach
    too far, and packed files that are no workbook.
    """
    try:
        extents = _inspect(stream, filename, limits)
    except RegisterFileError:
        raise
    except _BROKEN as fault:
        raise _damaged(filename) from fault
    stream.seek(0)
    content = io.BytesIO(stream.read())
    try:
        return list(_tables(content, extents))
    except (python_calamine.CalamineError, *_BROKEN) as fault:
        raise _damaged(filename) from fault
    except BaseException as fault:
        # A panic inside the library is no Exception, and its class cannot be imported.
        if type(fault).__name__ == "PanicException":
            raise _damaged(filename) from fault
        raise


def _tables(content: BinaryIO, extents: Mapping[str, Extent]) -> Iterator[Table]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(content)
    for sheet in workbook.sheets_metadata:
        if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet:
            rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            extent = extents.get(sheet.name, Extent())
            table = _table(sheet.name, [tuple(row) for row in rows], extent)
            if table is not None:
                yield table


def _table(sheet: str, rows: list[tuple[Cell, ...]], extent: Extent) -> Table | None:
    first = next((at for at, row in enumerate(rows) if not is_blank(row)), None)
    if first is None:
        return None
    headings = tuple("" if one is None else str(one).strip() for one in rows[first])

    def body() -> Iterator[Line]:
        for at in range(first + 1, len(rows)):
            cells = rows[at]
            if extent.unresolved:
                cells = tuple(
                    UnresolvedFormula() if (at, column) in extent.unresolved else value
                    for column, value in enumerate(cells)
                )
            if not is_blank(cells):
                yield Line(at + 1, cells)

    return Table(sheet, headings, body)


def _inspect(stream: BinaryIO, filename: str, limits: Limits) -> Mapping[str, Extent]:
    stream.seek(0)
    with zipfile.ZipFile(stream) as package:
        _check_sizes(package, filename, limits)
        for entry in package.infolist():
            _drain(package, entry)
        names = set(package.namelist())
        if "xl/workbook.xml" not in names:
            message = (
                f"{filename} is a packed file but no XLSX workbook; save it as XLSX or as CSV in"
                " UTF-8."
            )
            raise RegisterFileError("not_a_workbook", message, file=filename)
        extents = {}
        cells = 0
        for sheet, part in _sheet_parts(package):
            if part in names:
                extents[sheet] = extent = _extent(package, part)
                _check_extent(extent, sheet, filename, limits)
                cells += extent.rows * extent.columns
                if cells > limits.cells_max:
                    raise _too_many_cells(filename, limits)
        return extents


def _check_sizes(package: zipfile.ZipFile, filename: str, limits: Limits) -> None:
    entries = package.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    swollen = (
        unpacked > limits.ratio_checked_above_bytes
        and unpacked > packed * limits.unpacked_ratio_max
    )
    if len(entries) > limits.entries_max or unpacked > limits.unpacked_bytes_max or swollen:
        message = (
            f"{filename} unpacks to {unpacked // MIB:,} MiB in {len(entries):,} parts, more than"
            " a register needs; it was not opened. Save the sheets as CSV in UTF-8 and use those."
        )
        raise RegisterFileError("zip_bomb", message, file=filename, mib=unpacked // MIB)


def _drain(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack a part to its end: a part longer than it says fails its check sum here."""
    with package.open(entry) as part:
        while part.read(MIB):
            pass


def _check_extent(extent: Extent, sheet: str, filename: str, limits: Limits) -> None:
    if extent.columns > limits.columns_max:
        message = (
            f"{filename}, sheet {sheet}, has {extent.columns:,} columns; at most"
            f" {limits.columns_max:,} are read. Keep the columns of the template."
        )
        raise RegisterFileError(
            "too_many_columns",
            message,
            file=filename,
            columns=extent.columns,
            most=limits.columns_max,
        )
    if extent.rows > limits.rows_max:
        message = (
            f"{filename}, sheet {sheet}, reaches to row {extent.rows:,}; delete what stands below"
            " the last person, or split the file, keeping each household in one."
        )
        raise RegisterFileError("too_many_rows", message, file=filename)


def _too_many_cells(filename: str, limits: Limits) -> RegisterFileError:
    message = (
        f"{filename} has more than {limits.cells_max:,} cells, and a workbook is read whole; delete"
        " what stands below the last person, save a single sheet as CSV in UTF-8, or split the"
        " file, keeping each household in one."
    )
    return RegisterFileError("too_many_cells", message, file=filename, most=limits.cells_max)


def _parser() -> xml.parsers.expat.XMLParserType:
    def refuse(*_: object) -> None:
        message = "a workbook has no document type"
        raise zipfile.BadZipFile(message)

    parser = xml.parsers.expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _sheet_parts(package: zipfile.ZipFile) -> list[tuple[str, str]]:
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def on_sheet(name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "sheet":
            reference = next((v for k, v in attributes.items() if _local(k) == "id"), "")
            sheets.append((attributes.get("name", ""), reference))

    def on_relation(name: str, attributes: Mapping[str, str]) -> None:
        if _local(name) == "Relationship":
            target = attributes.get("Target", "")
            part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
            targets[attributes.get("Id", "")] = part

    for part, handler in (
        ("xl/workbook.xml", on_sheet),
        ("xl/_rels/workbook.xml.rels", on_relation),
    ):
        parser = _parser()
        parser.StartElementHandler = handler
        parser.Parse(package.read(part), True)  # noqa: FBT003 (positional only in expat)
    return [(name, targets.get(reference, "")) for name, reference in sheets]


def _extent(package: zipfile.ZipFile, part: str) -> Extent:
    walk = _Walk()
    parser = _parser()
    parser.StartElementHandler = walk.on_start
    parser.EndElementHandler = walk.on_end
    walk.parser = parser
    with package.open(part) as sheet:
        parser.ParseFile(sheet)
    return walk.extent


class _Walk:
    """Follows the cells of a sheet; text is looked at only inside cells that hold a formula."""

    def __init__(self) -> None:
        self.extent = Extent()
        self.parser: xml.parsers.expat.XMLParserType | None = None
        self._row = -1
        self._column = -1
        self._is_text = False
        self._has_formula = False
        self._has_value = False

    def on_start(self, name: str, attributes: Mapping[str, str]) -> None:
        match _local(name):
            case "row":
                number = attributes.get("r", "")
                self._row = int(number) - 1 if number.isdigit() else self._row + 1
                self._column = -1
            case "c":
                self._begin_cell(attributes)
            case "f":
                self._has_formula = True
            case "v" if self._has_formula:
                self._has_value = self._is_text
                assert self.parser is not None
                self.parser.CharacterDataHandler = self._on_text

    def on_end(self, name: str) -> None:
        match _local(name):
            case "v" if self._has_formula:
                assert self.parser is not None
                self.parser.CharacterDataHandler = None
            case "c" if self._has_formula and not self._has_value:
                self.extent.unresolved.add((self._row, self._column))

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        if match:
            self._column = _column_index(match.group(1))
            self._row = int(match.group(2)) - 1
        else:
            self._column += 1
        self.extent.rows = max(self.extent.rows, self._row + 1)
        self.extent.columns = max(self.extent.columns, self._column + 1)
        self._is_text = attributes.get("t") == "str"
        self._has_formula = self._has_value = False

    def _on_text(self, text: str) -> None:
        self._has_value = self._has_value or bool(text.strip())


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * _LETTERS + ord(letter) - ord("A") + 1
    return index - 1


def _damaged(filename: str) -> RegisterFileError:
    sentence = (
        f"{filename} is damaged or cut off; open it in a spreadsheet program and save it again, or"
        " send it again."
    )
    return RegisterFileError("damaged", sentence, file=filename)
