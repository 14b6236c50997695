"""What a command reads a rule file against: the workspace's catalogue and languages, if there is one."""

from pathlib import Path

from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.catalogue import Catalogue, load_catalogue
from despensa.entrypoints.cli.opened import found_workspace, opened, tell

_SHIPPED = "note: the catalogue that comes with Despensa is used, not that of the workspace here"


def catalogue_here(option: Path | None) -> Catalogue:
    """
    Return the catalogue in force in a workspace; without a workspace the one that is shipped.

    A workspace that was not named, but lies here, is left aside with a note when it cannot be read.
    Raises: WorkspaceError; DatabaseProblem.
    """
    try:
        found_workspace(option)
    except workspaces.WorkspaceError:
        if option is not None:
            raise
        return load_catalogue()
    try:
        with opened(option):
            from despensa.records.catalogue.queries import NoCatalogue, in_force

            try:
                return in_force()
            except NoCatalogue:
                return load_catalogue()
    except DatabaseProblem as problem:
        if option is not None:
            raise
        tell(f"{_SHIPPED}: {problem}")
        return load_catalogue()


def languages_here(option: Path | None) -> tuple[str, ...]:
    """Return the languages of the workspace named or found here; none where there is none."""
    try:
        return found_workspace(option).languages
    except workspaces.WorkspaceError:
        return ()
