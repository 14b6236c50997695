"""The demo's workspace: made, founded, staffed, and the main job played in it."""

import os
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from despensa.adapters.database.upgrade import upgrade
from despensa.adapters.register_file.municipality import municipality
from despensa.adapters.register_file.reader import read_register
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.register import RegisterFile
from despensa.entrypoints import wiring

if TYPE_CHECKING:
    from despensa.entrypoints.demo.main_job import MainJob
    from despensa.entrypoints.demo.people import Player

SEED = 2026
TIME_ZONE = "America/Caracas"


@dataclass(slots=True)
class Stage:
    """A founded and staffed workspace of the demo, on which the main job can be played."""

    tools: wiring.Tools
    cast: "dict[str, Player]" = field(repr=False)
    job: "MainJob"
    _register: Callable[[], RegisterFile]
    _root: UUID

    def play(self) -> dict[str, object]:
        """Play the main job through and return its report."""
        self.job.run(self._register(), self._root)
        return self.job.report()


@contextmanager
def prepared(folder: Path, register: Path | None, tell: Callable[[str], None]) -> Iterator[Stage]:
    """Yield the demo's stage while its databases run."""
    workspace = workspaces.create(
        folder,
        workspace_id=uuid.UUID(bytes=os.urandom(16), version=4),
        created_at=datetime.now(UTC),
        name="San Rafael",
        country="VE",
        time_zone=TIME_ZONE,
        languages=("es", "ar", "en"),
    )
    with wiring.databases(workspace) as endpoints:
        wiring.start_django()
        tell("database running; making its tables")
        upgrade(endpoints)
        yield _staged(workspace, register, tell)


def _staged(
    workspace: workspaces.Workspace, register: Path | None, tell: Callable[[str], None]
) -> Stage:
    from despensa.entrypoints.demo.main_job import MainJob
    from despensa.entrypoints.demo.people import hire
    from despensa.entrypoints.second_factor import current_code
    from despensa.usecases.found_workspace import found_workspace

    # the same tools as the office's: one keeper in one process
    tools = wiring.tools()
    today = tools.today()
    # invented people must be the same in every demo: this is no secret
    town = municipality(random.Random(SEED), today, country=workspace.country)  # noqa: S311
    root = found_workspace(
        root_pcode=workspace.country,
        names=town.name,
        places=[(village.pcode, village.names) for village in town.villages],
        version=version("despensa"),
        acting=tools.acting(None),
    )
    cast = hire(tools, root)
    job = MainJob(tools, cast, tell, lambda player: current_code(player.totp_secret))
    return Stage(tools, cast, job, lambda: _read(register, town.csv_text, workspace, tools), root)


def _read(
    register: Path | None, invented: str, workspace: workspaces.Workspace, tools: wiring.Tools
) -> RegisterFile:
    return read_register(
        register if register is not None else invented.encode(),
        filename=register.name if register is not None else "san-rafael.csv",
        today=tools.today(),
        workspace_country=workspace.country,
        catalogue=load_catalogue(),
    )
