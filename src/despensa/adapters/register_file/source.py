"""
The bytes of a register file and the limits they must keep, before anything is made of them.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MIB = 1024 * 1024


class RegisterFileError(ValueError):
    """
    The file as a whole cannot be read; nothing of it was taken.

    The message is a sentence with the next step, in English; `code` and `parameters` are what
    other languages say it from.
    """

    def __init__(self, code: str, sentence: str, *, file: str, **parameters: str | int) -> None:
        """Keep the code and what the sentence is about beside it."""
        super().__init__(sentence)
        self.code = code
        self.parameters: dict[str, str | int] = {"file": file, **parameters}


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What a register file may cost to read.

    Units: bytes and counts. Text is read row by row; `whole_bytes_max`, and `cells_max` of all
    sheets together, bound what must lie in memory: workbooks, packed exports, JSON, XML. A packed file is refused by what it says it unpacks to, and read by
    ourselves to the end before another library sees it.
    """

    file_bytes_max: int = 256 * MIB
    whole_bytes_max: int = 256 * MIB
    unpacked_bytes_max: int = 512 * MIB
    unpacked_ratio_max: int = 150
    ratio_checked_above_bytes: int = 8 * MIB
    entries_max: int = 1_000
    columns_max: int = 1_024
    rows_max: int = 1_000_000
    cells_max: int = 3_000_000
    line_bytes_max: int = 1 * MIB


@contextmanager
def opened(path_or_bytes: Path | str | bytes | BinaryIO) -> Iterator[BinaryIO]:
    """Yield the file as a seekable stream of bytes; what was opened here is closed afterwards."""
    if not isinstance(path_or_bytes, Path | str | bytes):
        path_or_bytes.seek(0)
        yield path_or_bytes
        return
    if isinstance(path_or_bytes, bytes):
        yield io.BytesIO(path_or_bytes)
        return
    try:
        stream = Path(path_or_bytes).open("rb")  # noqa: SIM115 (closed below, after the try)
    except OSError as failed:
        message = (
            f"{path_or_bytes} cannot be opened ({failed.strerror}); check the name and whether"
            " you may read it."
        )
        raise RegisterFileError(
            "unreadable", message, file=str(path_or_bytes), why=failed.strerror or ""
        ) from failed
    with stream:
        yield stream


def size_and_digest(stream: BinaryIO, filename: str, limits: Limits) -> tuple[int, str]:
    """
    Return the length and SHA-256 of the file, and leave the stream at its start.

    Raises: RegisterFileError when the file is empty or larger than the limit.
    """
    digest = hashlib.sha256()
    size = 0
    only_blank = True
    stream.seek(0)
    while chunk := stream.read(MIB):
        size += len(chunk)
        if size > limits.file_bytes_max:
            message = (
                f"{filename} is larger than {limits.file_bytes_max // MIB} MiB; split it into"
                " several files, keeping each household in one."
            )
            raise RegisterFileError(
                "too_large", message, file=filename, mib=limits.file_bytes_max // MIB
            )
        only_blank = only_blank and not chunk.strip()
        digest.update(chunk)
    if only_blank:
        message = f"{filename} is empty; export it again, or start from the template."
        raise RegisterFileError("empty", message, file=filename)
    stream.seek(0)
    return size, digest.hexdigest()
