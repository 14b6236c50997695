"""
CSV files: comma, semicolon, tab or bar; any line end; read as a stream, twice if need be.

Source: RFC 4180; the `sep=` line is what Excel writes to name its separator.
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.adapters.register_file.table import Line, Table, is_blank

_SEPARATORS = (",", ";", "\t", "|")
_WRONG_BEGINNINGS = {"<": "a web page or XML", "{": "JSON", "[": "JSON", "%PDF": "a PDF document"}
_SEP_LINE = "sep="


def read_delimited(stream: BinaryIO, encoding: str, filename: str, limits: Limits) -> Table:
    """
    Return the table of a text file; its sheet name is empty.

    Raises: RegisterFileError when the file is no table, has too many columns, or, while its lines
    are read, when a quotation mark stays open or there are too many rows.
    """
    lines = _lines(stream, encoding, filename, limits)
    beginning = next((line for line in lines if line.strip()), "")
    for sign, what in _WRONG_BEGINNINGS.items():
        if beginning.lstrip().startswith(sign):
            message = f"{filename} is {what}, not a table; export it as XLSX or as CSV in UTF-8."
            raise RegisterFileError("not_a_table", message, file=filename)
    separator = _separator(beginning)
    first = next(_records(stream, encoding, filename, limits, separator), None)
    if first is None:
        message = f"{filename} is empty; export it again, or start from the template."
        raise RegisterFileError("empty", message, file=filename)
    headings = tuple(str(one).strip() for one in first.cells)
    if len(headings) > limits.columns_max:
        message = (
            f"{filename} has {len(headings):,} columns; at most {limits.columns_max:,} are read."
            " Keep the columns of the template."
        )
        raise RegisterFileError(
            "too_many_columns",
            message,
            file=filename,
            columns=len(headings),
            most=limits.columns_max,
        )

    def body() -> Iterator[Line]:
        records = _records(stream, encoding, filename, limits, separator)
        next(records)
        for count, line in enumerate(records, start=1):
            if count > limits.rows_max:
                message = (
                    f"{filename} has more than {limits.rows_max:,} rows; split it into several"
                    " files, keeping each household in one."
                )
                raise RegisterFileError("too_many_rows", message, file=filename)
            yield _fitted(line, len(headings))

    return Table("", headings, body)


def _separator(beginning: str) -> str:
    if beginning.casefold().startswith(_SEP_LINE) and len(beginning.strip()) == len(_SEP_LINE) + 1:
        return beginning.strip()[-1]
    return max(_SEPARATORS, key=beginning.count)


def _fitted(line: Line, width: int) -> Line:
    cells = line.cells
    if len(cells) == width:
        return line if line.structural is None else Line(line.number, cells)
    if len(cells) > width:
        surplus = not is_blank(cells[width:])
        return Line(line.number, cells[:width], "cells_surplus" if surplus else line.structural)
    return Line(line.number, cells + (None,) * (width - len(cells)), line.structural)


def _records(
    stream: BinaryIO, encoding: str, filename: str, limits: Limits, separator: str
) -> Iterator[Line]:
    """Yield lines that are not blank; the last one carries "row_cut_off" if no line end follows."""
    lines = _Ends(_lines(stream, encoding, filename, limits))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    held: Line | None = None
    try:
        for number, record in enumerate(reader, start=1):
            cells = tuple(record)
            if is_blank(cells) or (number == 1 and _is_sep_line(cells, separator)):
                continue
            if held is not None:
                yield held
            held = Line(number, cells)
    except csv.Error as fault:
        code = "cut_off" if "end of data" in str(fault) else "quotation"
        message = (
            f"{filename} cannot be read after row {number}: a quotation mark is open or out of"
            " place. The file may be cut off; export it again."
        )
        raise RegisterFileError(code, message, file=filename, row=number) from fault
    if held is not None:
        yield held if lines.ended else Line(held.number, held.cells, "row_cut_off")


def _is_sep_line(cells: tuple[str, ...], separator: str) -> bool:
    return cells in {("sep=", ""), (f"sep={separator}",)}


class _Ends:
    """Passes lines on and remembers whether the last one had a line end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.ended = line.endswith(("\n", "\r"))
        return line


def _lines(stream: BinaryIO, encoding: str, filename: str, limits: Limits) -> Iterator[str]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        number = 0
        while line := text.readline(limits.line_bytes_max):
            number += 1
            if len(line) >= limits.line_bytes_max and not line.endswith(("\n", "\r")):
                message = (
                    f"{filename}, line {number}, has more than {limits.line_bytes_max:,}"
                    " characters; this is no table of people. Export it again."
                )
                raise RegisterFileError("line_too_long", message, file=filename, line=number)
            yield line
    finally:
        # The wrapper must not close a stream that belongs to the caller.
        if not stream.closed:
            text.detach()
