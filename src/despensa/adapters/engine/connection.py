"""
A DuckDB connection that can reach two folders and nothing else.

No extension is loaded or installed, no network is used, a temporary file is written encrypted or not
at all. Source: DuckDB manual, "Securing DuckDB"; docs/explanation/design.md section 4.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from despensa.domain.ports.engine import EngineError

# DuckDB writes a temporary file only in the clear or with an extension that we do not load, so it
# has to stop where it would have to write one. Source: DuckDB pull requests 18013 and 20148.
_NO_CIPHER = "read-only crypto module"


@contextmanager
def opened(
    temporary: Path, folders: Sequence[Path], *, memory_mib: int, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """
    Open an in-memory DuckDB confined to `folders` and `temporary`, and close it at the end.

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
        _confine(connection, [*folders, temporary])
        yield connection
    except (duckdb.Error, OSError, MemoryError) as error:
        raise EngineError(_sentence(error, folders)) from error
    finally:
        connection.close()


def _confine(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    names = ", ".join("'" + f"{folder.resolve()}/".replace("'", "''") + "'" for folder in folders)
    connection.execute("SET temp_file_encryption = true")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"SET allowed_directories = [{names}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _sentence(error: BaseException, folders: Sequence[Path]) -> str:
    where = " and ".join(dict.fromkeys(str(folder) for folder in folders))
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
    # only the first line: the later ones quote rows, which are facts about people
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__
