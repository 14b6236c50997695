"""
Opening a workspace for a command: database running, Django set up, the door's lock tried.

A command enters through the line that `doors.DOORS` has for it; one without a line stays shut.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from despensa.adapters.database.endpoints import Endpoints, probe
from despensa.adapters.database.problem import DatabaseProblem
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.doors import DOORS
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.cli.showing import JsonOption, WorkspaceOption, show, table, tell

if TYPE_CHECKING:
    from despensa.domain.reach import Reach
    from despensa.records.staff.queries import StaffView

__all__ = [
    "Entered",
    "JsonOption",
    "WorkspaceOption",
    "entered",
    "found_workspace",
    "opened",
    "read_secret",
    "refuse_unreachable",
    "session_file",
    "show",
    "signed_in",
    "table",
    "tell",
]


@dataclass(frozen=True, slots=True)
class Entered:
    """A workspace entered by a member of staff who may do what the door is for."""

    tools: wiring.Tools
    staff: UUID
    name: str
    language: str = "en"

    def reach(self, permission: Permission) -> "Reach":
        """Return where this person has a permission today."""
        from despensa.records.staff import queries

        return queries.reach_of(self.staff, permission, self.tools.today())


@contextmanager
def opened(option: Path | None) -> Iterator[wiring.Tools]:
    """
    Yield the tools of a workspace with its databases running, for a door that is local.

    Raises: WorkspaceError; DatabaseProblem.
    """
    workspace = found_workspace(option)
    with wiring.databases(workspace) as endpoints:
        if workspace.database_mode == "url":
            refuse_unreachable(endpoints)
        wiring.start_django()
        yield wiring.open_tools(workspace)


def refuse_unreachable(endpoints: Endpoints) -> None:
    """
    Say at once that a database does not answer, instead of at the first query.

    Raises: DatabaseProblem.
    """
    for address in (endpoints.registry_app, endpoints.ledger_app):
        problem = probe(address)
        if problem is not None:
            raise DatabaseProblem(f"{problem} Nothing was changed.")


@contextmanager
def entered(door: str, option: Path | None) -> Iterator[Entered]:
    """
    Yield a workspace to the signed-in member of staff, if the door is theirs.

    Raises: Refused without a session, or when no role of theirs has the door's permission;
        WorkspaceError; DatabaseProblem.
    """
    needed = DOORS[door]
    if not isinstance(needed, Permission):
        raise TypeError(f"the door {door!r} takes no staff session")
    with opened(option) as tools:
        staff = signed_in(tools)
        if staff is None:
            raise Refused("Nobody is signed in here, or the session has ended: despensa login.")
        if needed not in staff.permissions:
            raise Refused(
                f"`despensa {door}` asks for the permission {needed}, and no role of "
                f"{staff.name} has it today. Ask the security officer."
            )
        yield Entered(tools, staff.id, staff.name, staff.language)


def signed_in(tools: wiring.Tools) -> "StaffView | None":
    """Return the member of staff whose session was opened here and has not ended, or None."""
    from despensa.records.staff import queries

    secret = read_secret(tools.workspace)
    if secret is None:
        return None
    digest = hashlib.sha256(secret).digest()
    return queries.of_command_session(digest, tools.today(), tools.now())


def found_workspace(option: Path | None) -> workspaces.Workspace:
    """
    Return the workspace a command is about.

    Raises: WorkspaceError.
    """
    return workspaces.load(workspaces.find(option, os.environ), os.environ)


def session_file(workspace: workspaces.Workspace) -> Path:
    """Return where the secret of this system user's session lies; never part of a backup."""
    return workspace.run / f"command-session-{os.getuid()}"


def read_secret(workspace: workspaces.Workspace) -> bytes | None:
    """Return the secret of the session that was opened here, or None."""
    try:
        return session_file(workspace).read_bytes()
    except FileNotFoundError:
        return None
