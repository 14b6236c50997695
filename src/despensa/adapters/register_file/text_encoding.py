"""
Which encoding a text file is written in, told from all of its bytes.

UTF-8 and UTF-16 are certain; a file in neither is read as Windows-1252 only when it looks like the
Latin script throughout. A file that mixes two encodings is refused: somebody's name in it is
already broken. Source: Unicode 16, section 23.8 (byte order mark); WHATWG Encoding, windows-1252.
"""

import codecs
import re
from typing import BinaryIO

from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = re.compile(rb"[\x80-\xff]")
# Four accented letters in a row do not occur in languages that Windows-1252 was made for.
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4}")
_NOT_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
WESTERN = "cp1252"
_CHARACTER_BYTES_MAX = 4
_SAMPLE_BYTES = 4096


def encoding_of(stream: BinaryIO, filename: str, limits: Limits) -> str:
    """
    Return the name of the encoding, for Python's decoder, and leave the stream at its start.

    Raises: RegisterFileError for mixed encodings, unknown ones, a file cut off inside a character,
    and files that hold no text at all.
    """
    stream.seek(0)
    sample = stream.read(_SAMPLE_BYTES)
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if sample.startswith(mark)), None)
    encoding = encoding or _utf_16_without_mark(sample)
    if encoding is None and b"\x00" in sample:
        message = f"{filename} is no table of text; export it as XLSX or as CSV in UTF-8."
        raise RegisterFileError("not_text", message, file=filename)
    fault = _first_fault(stream, encoding or "utf-8")
    if fault is None:
        return encoding or "utf-8-sig"
    if encoding is not None or fault == "end":
        message = (
            f"{filename} ends in the middle of a character; it was cut off. Export or send it"
            " again."
            if fault == "end"
            else f"{filename} is not valid {encoding}; export it again as CSV in UTF-8."
        )
        raise RegisterFileError(
            "cut_off" if fault == "end" else "encoding_broken", message, file=filename
        )
    return _western(stream, filename, limits)


def _utf_16_without_mark(sample: bytes) -> str | None:
    evens, odds = sample[0::2], sample[1::2]
    if len(sample) < _CHARACTER_BYTES_MAX:
        return None
    if odds.count(0) * 2 > len(odds) and evens.count(0) == 0:
        return "utf-16-le"
    if evens.count(0) * 2 > len(evens) and odds.count(0) == 0:
        return "utf-16-be"
    return None


def _first_fault(stream: BinaryIO, encoding: str) -> str | None:
    """None when the whole file decodes, "end" when only its last character is incomplete."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    stream.seek(0)
    try:
        while chunk := stream.read(MIB):
            decoder.decode(chunk)
    except UnicodeError:
        stream.seek(0)
        return "inside"
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return "end"
    finally:
        stream.seek(0)
    return None


def _western(stream: BinaryIO, filename: str, limits: Limits) -> str:
    first_utf_8 = first_other = 0
    unknown = False
    stream.seek(0)
    number = 0
    while line := stream.readline(limits.line_bytes_max):
        number += 1
        if not _HIGH.search(line):
            continue
        try:
            line.decode("utf-8")
            first_utf_8 = first_utf_8 or number
        except UnicodeDecodeError:
            first_other = first_other or number
            unknown = unknown or bool(_HIGH_RUN.search(line) or _NOT_IN_1252.search(line))
    stream.seek(0)
    if first_utf_8:
        message = (
            f"{filename} mixes two encodings: line {first_utf_8} is UTF-8 and line {first_other}"
            " is not. Open both sources again and export one file as CSV in UTF-8."
        )
        raise RegisterFileError(
            "mixed_encodings", message, file=filename, line=first_utf_8, other=first_other
        )
    if unknown:
        message = (
            f"{filename} is not in UTF-8, and line {first_other} does not tell which encoding it"
            " is in. Export it as XLSX, or as CSV in UTF-8."
        )
        raise RegisterFileError("encoding_unknown", message, file=filename, line=first_other)
    return WESTERN
