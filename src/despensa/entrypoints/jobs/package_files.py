"""
The folder of sealed packages: one process at a time works in it, and each file goes on its day.

Source: docs/explanation/design.md, section 5.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from despensa.entrypoints.wiring import Tools
from despensa.records.releases import queries
from despensa.usecases.destroy_releases import destroy_releases

_ENDING, _LOCK = ".package", "lock"


def package_file(release: UUID, tools: Tools) -> Path:
    """Return where the sealed file of a package lies; it is in no backup."""
    return tools.workspace.run / "releases" / f"{release}{_ENDING}"


@contextmanager
def alone(tools: Tools) -> Iterator[Path]:
    """Yield the folder of packages while no other process makes or removes one."""
    folder = tools.workspace.run / "releases"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield folder


def clear(folder: Path, release: UUID) -> None:
    """Remove what a killed attempt left of one package."""
    for path in folder.glob(f"{release}.*"):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def destroy_due(tools: Tools) -> int:
    """Return how many releases were destroyed, their day come; leftovers of killed work go too."""
    if (tools.workspace.run / "releases").is_dir():
        with alone(tools) as folder:
            kept = {str(one): state for one, state in queries.kept().items()}
            for path in folder.iterdir():
                state = kept.get(path.name.split(".")[0])
                is_whole = path.name.endswith(_ENDING) and state == queries.READY
                if path.name != _LOCK and not is_whole:
                    _remove(path)
    return destroy_releases(
        acting=tools.acting(None),
        destroy_file=lambda one: package_file(one, tools).unlink(missing_ok=True),
    )
