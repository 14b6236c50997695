"""
A ZIP of CSV tables, as ODK Central exports submissions with their repeat groups.

Attached files in it are left packed; they are counted as dropped and never unpacked.
Source: ODK Central documentation, submissions.csv.zip.
"""

import io
import posixpath
import zipfile
import zlib
from typing import BinaryIO

from despensa.adapters.register_file.delimited import read_delimited
from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError
from despensa.adapters.register_file.table import Table
from despensa.adapters.register_file.text_encoding import encoding_of

_TABLES_MAX = 50
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


def is_packed_csv(stream: BinaryIO) -> bool:
    """Return whether a packed file holds CSV tables and is no workbook; leaves it at its start."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as package:
            names = package.namelist()
    except (*_BROKEN, ValueError):
        return False
    finally:
        stream.seek(0)
    return "xl/workbook.xml" not in names and any(_is_table(name) for name in names)


def read_packed_csv(stream: BinaryIO, filename: str, limits: Limits) -> list[Table]:
    """
    Return the tables of a packed export, each named by its file, in the order of the package.

    Raises: RegisterFileError for damaged packages and ones that unpack to too much.
    """
    try:
        with zipfile.ZipFile(stream) as package:
            entries = [one for one in package.infolist() if _is_table(one.filename)]
            _check(entries, filename, limits)
            # Nothing of a register lies unpacked on the disk: tables are held in memory.
            unpacked = [(one.filename, _content(package, one)) for one in entries]
    except (*_BROKEN, ValueError) as fault:
        if isinstance(fault, RegisterFileError):
            raise
        message = f"{filename} is damaged or cut off; export it again."
        raise RegisterFileError("damaged", message, file=filename) from fault
    tables = []
    for name, content in unpacked:
        if not content.strip():
            continue
        part = io.BytesIO(content)
        shown = f"{filename}, {posixpath.basename(name)}"
        table = read_delimited(part, encoding_of(part, shown, limits), shown, limits)
        sheet = posixpath.basename(name).rpartition(".")[0]
        tables.append(Table(sheet, table.headings, table.lines))
    return tables


def _is_table(name: str) -> bool:
    return name.casefold().endswith(".csv") and not name.startswith("__MACOSX")


def _check(entries: list[zipfile.ZipInfo], filename: str, limits: Limits) -> None:
    unpacked = sum(one.file_size for one in entries)
    packed = max(1, sum(one.compress_size for one in entries))
    swollen = (
        unpacked > limits.ratio_checked_above_bytes
        and unpacked > packed * limits.unpacked_ratio_max
    )
    if len(entries) > _TABLES_MAX or unpacked > limits.whole_bytes_max or swollen:
        message = (
            f"{filename} unpacks to {unpacked // MIB:,} MiB in {len(entries):,} tables, more than"
            " a register needs; it was not opened. Export fewer submissions at a time."
        )
        raise RegisterFileError("zip_bomb", message, file=filename, mib=unpacked // MIB)
    if any(one.flag_bits & _ENCRYPTED for one in entries):
        message = f"{filename} is protected by a password; export it without one."
        raise RegisterFileError("old_or_protected", message, file=filename)


def _content(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with package.open(entry) as part:
        content = part.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        message = "longer than it says"
        raise zipfile.BadZipFile(message)
    return content
