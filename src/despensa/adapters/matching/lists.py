"""Plain lists as CSV files: read into DuckDB as text, with a sample of each column."""

import codecs
from dataclasses import dataclass
from pathlib import Path

import duckdb

from despensa.domain.matching.columns import (
    ColumnSample,
    MapError,
    Role,
    guess_roles,
    mapped_roles,
)
from despensa.domain.matching.headers import fold_header

_SAMPLE = 300
_BLOCK = 1 << 20


class ListError(Exception):
    """A list cannot be read or compared; the message says what to change."""


@dataclass(frozen=True, slots=True)
class PlainList:
    """
    One list, in a table of that name with columns c0, c1, ... of trimmed text and `row` from 1.

    Shape: `headers`, `roles` and `known_as` in the order of the columns; what columns are known as
        is the same for columns of two lists that hold the same.
    """

    path: Path
    table: str
    rows: int
    headers: tuple[str, ...]
    roles: tuple[Role, ...]
    known_as: tuple[str, ...] = ()

    def columns(self, *wanted: Role) -> list[str]:
        """Return the columns with one of these roles, in the order the roles are named."""
        return [
            f"c{number}"
            for role in wanted
            for number, there in enumerate(self.roles)
            if there is role
        ]


def read_list(
    connection: duckdb.DuckDBPyConnection, path: Path, table: str, given: dict[str, str] | None
) -> PlainList:
    """
    Read a CSV file; its columns mean what a map says, or what is guessed.

    Raises: ListError; MapError.
    """
    if not path.is_file():
        raise ListError(f"There is no file {path}. Give the path of a CSV file.")
    if not path.stat().st_size:
        raise ListError(f"{path} is empty. Give a CSV file with a line of headers and rows.")
    _load(connection, path, table)
    headers = _rename(connection, table)
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    rows = found[0] if found else 0
    if not rows:
        raise ListError(f"{path} has a line of headers and no rows.")
    if given is None:
        roles = guess_roles(_samples(connection, table, headers))
    else:
        roles = mapped_roles(given, headers, path.name)
    _check_identifier(connection, table, path, roles, is_mapped=given is not None)
    compared = [role for role in roles.values() if role not in {Role.IDENTIFIER, Role.LEFT_OUT}]
    if not compared:
        raise ListError(
            f"{path} has no column that can be compared. Say with --map what its columns mean; "
            f"they are: {', '.join(headers)}."
        )
    known_as = [fold_header(header) or f"column_{n}" for n, header in enumerate(headers)]
    return PlainList(path, table, rows, tuple(headers), tuple(roles.values()), tuple(known_as))


def _load(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> None:
    try:
        connection.execute(
            f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER () AS row, * FROM read_csv("
            "?, all_varchar = true, header = true, null_padding = true, "
            f"encoding = '{_encoding_of(path)}', max_line_size = 4000000)",
            [str(path)],
        )
    except duckdb.Error as error:
        raise ListError(
            f"{path} cannot be read as CSV: {_reason(error)}. Save it as CSV in UTF-8, one line of "
            "headers first, and every row with as many values."
        ) from error


def _encoding_of(path: Path) -> str:
    """Return the encoding of a text file: UTF-16 by its mark, UTF-8 if it is that, else Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        block = stream.read(_BLOCK)
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while block:
                decoder.decode(block)
                block = stream.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _reason(error: duckdb.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # DuckDB quotes the line it stumbled over, which may be about a person
    told = [line for line in lines if "Line" not in line or "Original" not in line]
    return told[0].removeprefix("Invalid Input Error:").strip()[:160].rstrip(".") if told else ""


def _rename(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    described = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or []
    headers = [str(column[0]).strip().lstrip("\ufeff") for column in described[1:]]
    quoted = [str(column[0]).replace('"', '""') for column in described[1:]]
    trimmed = ", ".join(
        f"nullif(trim(\"{name}\", ' \t\"'), '') AS c{number}" for number, name in enumerate(quoted)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT row, {trimmed} FROM {table}"
    )
    return headers


def _samples(
    connection: duckdb.DuckDBPyConnection, table: str, headers: list[str]
) -> list[ColumnSample]:
    samples = []
    beside = connection.execute(f"FROM {table} ORDER BY hash(row) LIMIT {_SAMPLE}").fetchall()
    for number, header in enumerate(headers):
        column = f"c{number}"
        counts = connection.execute(
            f"SELECT count(*), count({column}), count(DISTINCT {column}) FROM {table}"
        ).fetchone()
        values = connection.execute(
            f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY hash(row) "
            f"LIMIT {_SAMPLE}"
        ).fetchall()
        rows, filled, distinct = counts or (0, 0, 0)
        samples.append(
            ColumnSample(
                header,
                rows,
                filled,
                distinct,
                tuple(value for (value,) in values),
                tuple(row[number + 1] or "" for row in beside),
            )
        )
    return samples


def _check_identifier(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    roles: dict[str, Role],
    *,
    is_mapped: bool,
) -> None:
    if not is_mapped:
        return
    for number, (header, role) in enumerate(roles.items()):
        if role is not Role.IDENTIFIER:
            continue
        repeated = connection.execute(
            f"SELECT count(*), min(row) FROM {table} WHERE c{number} IS NULL OR c{number} IN "
            f"(SELECT c{number} FROM {table} GROUP BY 1 HAVING count(*) > 1)"
        ).fetchone()
        if repeated and repeated[0]:
            raise MapError(
                f"The map says {header!r} is the id of {path.name}, but {repeated[0]} rows have none "
                f"or one that repeats, row {repeated[1]} first. Name another column, or none: rows "
                "are then numbered from 1."
            )
