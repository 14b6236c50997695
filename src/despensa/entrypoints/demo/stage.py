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

from despensa.adapters.database.upgrade import upgrade
from despensa.adapters.register_file.municipality import municipality
from despensa.adapters.register_file.reader import read_register
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.register import RegisterFile
from despensa.entrypoints import wiring

SEED = 2026
TIME_ZONE = "America/Caracas"


@dataclass(frozen=True, slots=True)
class Played:
    """The demo after the main job: workspace, report, sign-ins."""

    tools: wiring.Tools
    report: dict[str, object]
    sign_ins: list[tuple[str, str, str, str]] = field(repr=False)
    sheet: Path | None = None


@contextmanager
def play(folder: Path, register: Path | None, tell: Callable[[str], None]) -> Iterator[Played]:
    """Yield the played demo while its databases run."""
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
        yield _played(workspace, register, tell)


def _played(
    workspace: workspaces.Workspace, register: Path | None, tell: Callable[[str], None]
) -> Played:
    from despensa.entrypoints.demo.main_job import MainJob
    from despensa.entrypoints.demo.people import hire
    from despensa.entrypoints.second_factor import current_code
    from despensa.usecases.found_workspace import found_workspace

    tools = wiring.open_tools(workspace)
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
    job.run(_read(register, town.csv_text, workspace, tools), root)
    sign_ins = [
        (player.username, player.password, player.totp_secret, str(player.roles[0]))
        for player in cast.values()
    ]
    return Played(tools, job.report(), sign_ins, job.sheet)


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
