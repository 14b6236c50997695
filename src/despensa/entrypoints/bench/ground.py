"""
The workspace a benchmark works in: a throw-away one, or a folder kept between runs.

It is founded like any other, and filled by SQL instead of imports. A workspace that was not made
here is refused, so that invented people never come into a real register.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.database.upgrade import upgrade
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.role import Role
from despensa.entrypoints import wiring
from despensa.entrypoints.bench.report import Tell

NAME = "Despensa benchmark"
AREAS = 240
_COUNTRY = "XX"


class NoBenchWorkspace(workspaces.WorkspaceError):
    """The folder holds a workspace that is not a benchmark's."""


@dataclass(frozen=True, slots=True)
class Ground:
    """An open workspace made for benchmarks."""

    tools: wiring.Tools
    endpoints: Endpoints
    tell: Tell

    def new_id(self) -> UUID:
        """Return a new id of something invented."""
        return UUID(bytes=os.urandom(16), version=4)

    def new_staff(self, role: Role, day: date | None = None) -> UUID:
        """
        Return an invented staff member who cannot sign in: approvals need two that differ.

        The role counts from `day`, without one from today.
        """
        from despensa.usecases.add_staff import NewStaff, add_staff

        username, today = f"bench-{self.new_id()}", day or self.tools.today()
        return add_staff(
            NewStaff(
                username, None, username, "en", [role], None, today, today + timedelta(days=2)
            ),
            acting=self.tools.acting(None),
        )


@contextmanager
def opened(folder: Path | None, tell: Tell) -> Iterator[Ground]:
    """
    Yield the benchmark's workspace with its databases running; without a folder it is forgotten.

    Raises: NoBenchWorkspace; WorkspaceError; DatabaseProblem.
    """
    if folder is not None:
        with _running(folder, tell) as ground:
            yield ground
        return
    temporary = Path(tempfile.mkdtemp(prefix="despensa-bench-"))
    try:
        with _running(temporary / "workspace", tell) as ground:
            yield ground
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _running(folder: Path, tell: Tell) -> Iterator[Ground]:
    is_new = not (folder / workspaces.FILE_NAME).is_file()
    workspace = _created(folder) if is_new else workspaces.load(folder, os.environ)
    if workspace.name != NAME:
        raise NoBenchWorkspace(
            f"{folder} holds a workspace that is not a benchmark's. Benchmarks invent people: give "
            "another folder, or none for a throw-away one."
        )
    with wiring.databases(workspace) as endpoints:
        wiring.start_django()
        upgrade(endpoints)
        tools = wiring.open_tools(workspace)
        if is_new:
            _found(tools)
        tell(f"workspace {workspace.folder} is ready")
        try:
            yield Ground(tools, endpoints, tell)
        finally:
            _close_connections()


def _created(folder: Path) -> workspaces.Workspace:
    return workspaces.create(
        folder,
        workspace_id=UUID(bytes=os.urandom(16), version=4),
        created_at=datetime.now(UTC),
        name=NAME,
        country=_COUNTRY,
        time_zone="UTC",
        languages=("en",),
    )


def _found(tools: wiring.Tools) -> None:
    from despensa.usecases.found_workspace import found_workspace

    found_workspace(
        root_pcode=_COUNTRY,
        names={"en": "Benchmark"},
        places=[(f"{_COUNTRY}{n:04d}", {"en": f"Village {n}"}) for n in range(AREAS)],
        version=version("despensa"),
        acting=tools.acting(None),
    )


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
