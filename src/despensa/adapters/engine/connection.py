"""
A DuckDB connection that can reach one folder and the files it is to read, and nothing else.

No extension is loaded or installed, no network is used, a temporary file is written encrypted or not
at all. Source: DuckDB manual, "Securing DuckDB"; docs/explanation/design.md section 4.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from despensa.domain.ports.engine import EngineError

# DuckDB writes a temporary file only in the clear or with an extension that we do not load, so it
# has to stop where it would have to write one. Source: DuckDB pull requests 18013 and 20148.
_QUOTED = re.compile(r"\"[^\"]*\"?|'[^']*'?")
_NO_CIPHER = "read-only crypto module"


# enough to freeze a million people, and what eighteen million take
_LEAST_MIB, _MOST_MIB = 1024, 4096


def usual_memory_mib() -> int:
    """Return what DuckDB may use here: a quarter of the machine's memory, within 1 and 4 GiB."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # a system that does not tell
        return _LEAST_MIB
    return max(_LEAST_MIB, min(_MOST_MIB, pages * size // 4 // 1024**2))


@contextmanager
def opened(
    temporary: Path,
    folder: Path,
    *,
    memory_mib: int,
    threads: int,
    sources: Sequence[Path] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open an in-memory DuckDB that reaches one folder, its temporary one and the files to read.

    Raises: EngineError with a sentence for whatever DuckDB reports inside the block.
    """
    temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "memory_limit": f"{memory_mib}MiB",
                "threads": str(threads),
                "temp_directory": str(temporary),
            },
        )
    except duckdb.Error as error:
        raise EngineError(f"DuckDB could not be started: {_reason(error)}") from error
    try:
        _confine(connection, [folder, temporary], sources)
        yield connection
    except (duckdb.Error, OSError, MemoryError) as error:
        raise EngineError(_sentence(error, [folder, *sources])) from error
    finally:
        connection.close()
        with suppress(OSError):  # another connection may still be working there
            temporary.rmdir()


def _confine(
    connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], sources: Sequence[Path]
) -> None:
    files = ", ".join("'" + str(source.resolve()).replace("'", "''") + "'" for source in sources)
    names = ", ".join("'" + f"{folder.resolve()}/".replace("'", "''") + "'" for folder in folders)
    connection.execute("SET temp_file_encryption = true")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"SET allowed_directories = [{names}]")
    connection.execute(f"SET allowed_paths = [{files}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _sentence(error: BaseException, places: Sequence[Path]) -> str:
    where = " and ".join(dict.fromkeys(str(place) for place in places))
    reason = _reason(error)
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError) or _NO_CIPHER in str(error):
        return (
            f"Not enough memory to work on {where}: raise the engine's memory limit and try again"
        )
    if "No space left" in str(error):
        return f"The disk is full while working on {where}: make room and start again"
    return (
        f"The files in {where} cannot be read or written: {reason}. Freeze the cycle again, or "
        "restore the folder from a backup"
    )


def _reason(error: BaseException) -> str:
    # DuckDB quotes values and whole rows, and those are facts about people: nothing quoted is kept
    text = str(error).strip().partition("\n")[0].partition("Input:")[0]
    return _QUOTED.sub("(...)", text).strip()[:200] or type(error).__name__
