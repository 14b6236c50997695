"""`despensa init` and `upgrade`: a new workspace, and its tables brought to this release."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer

from despensa.adapters.workspace import folder as workspaces
from despensa.adapters.workspace.file import refuse_occupied
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import asking, guessed
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    found_workspace,
    refuse_unreachable,
    show,
    tell,
)
from despensa.entrypoints.cli.problems import Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

URL_HELP = "Your own PostgreSQL, without password; the environment carries the whole address."


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; new or empty.")],
    *,
    name: Annotated[str | None, typer.Option(help="Who keeps this register.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 code, such as ES.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Madrid.")] = None,
    languages: Annotated[str | None, typer.Option(help="Such as es,en; the first leads.")] = None,
    single_operator: Annotated[
        bool, typer.Option(help="One person runs it: at most 2,000 people, proposals wait 24 h.")
    ] = False,
    registry_url: Annotated[str | None, typer.Option(help=URL_HELP)] = None,
    ledger_url: Annotated[str | None, typer.Option(help=URL_HELP)] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Make a workspace: folder, keys, both databases with their tables, the log's first checkpoint.

    What is not given is asked for at a terminal, or taken from the system and said.
    """
    refuse_occupied(folder.absolute())
    country = (country or guessed.country() or asking.asked(None, "Country", "--country")).upper()
    time_zone = time_zone or guessed.time_zone()
    registry_url = registry_url or _without_password(os.environ.get(wiring.REGISTRY_VARIABLE))
    ledger_url = ledger_url or _without_password(os.environ.get(wiring.LEDGER_VARIABLE))
    with _made_whole(folder) as made:
        workspace = workspaces.create(
            made,
            workspace_id=uuid.UUID(bytes=os.urandom(16), version=4),
            created_at=datetime.now(UTC),
            name=name or folder.absolute().name,
            country=country,
            time_zone=time_zone,
            languages=tuple((languages or guessed.language()).replace(" ", "").split(",")),
            single_operator=single_operator,
            registry_url=registry_url,
            ledger_url=ledger_url,
        )
        vkey = _found(workspace)
    value = {
        "workspace": str(folder.absolute()),
        "workspace_id": str(workspace.workspace_id),
        "name": workspace.name,
        "country": workspace.country,
        "time_zone": workspace.time_zone,
        "languages": list(workspace.languages),
        "log_key": vkey,
    }
    text = "\n".join(f"{key}: {item}" for key, item in value.items())
    show(value, as_json=as_json, text=f"{text}\nNext: despensa start {folder}")


@app.command()
def upgrade(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Bring the tables of both databases to this release; nothing else ever changes them."""
    from despensa.adapters.database import upgrade as upgrading

    found = found_workspace(workspace)
    with wiring.databases(found) as endpoints:
        if found.database_mode == "url":
            refuse_unreachable(endpoints)
        wiring.start_django()
        steps = upgrading.pending(endpoints)
        upgrading.upgrade(endpoints)
    text = "\n".join([*steps, f"{len(steps)} steps; the tables are those of this release"])
    show({"applied": steps, "version": version("despensa")}, as_json=as_json, text=text)


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """
    Yield a folder beside the wanted one, which takes its name only when everything is done.

    A folder that exists, such as a mounted disk, is filled in place and emptied on failure.
    """
    target = folder.absolute()
    in_place = target.is_dir()
    made = target if in_place else target.with_name(f".{target.name}.init")
    if not in_place:
        shutil.rmtree(made, ignore_errors=True)
    try:
        yield made
        if not in_place:
            made.rename(target)
    except BaseException:
        left = list(made.iterdir()) if in_place else [made]
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
        raise


def _found(workspace: workspaces.Workspace) -> str:
    """Return the log's verifier key once the workspace has tables, root area and checkpoint."""
    from despensa.adapters.database import upgrade as upgrading

    tell("starting the database")
    with wiring.databases(workspace) as endpoints:
        if workspace.database_mode == "url":
            refuse_unreachable(endpoints)
        wiring.start_django()
        tell("making the tables")
        upgrading.upgrade(endpoints)

        from despensa.entrypoints.jobs import rounds
        from despensa.records.registry import queries
        from despensa.usecases.found_workspace import found_workspace as found

        if queries.root_area() is not None:
            raise Refused(
                "These databases belong to a workspace already. Give empty ones, or use that "
                "workspace; nothing was changed."
            )
        tools = wiring.open_tools(workspace)
        names = dict.fromkeys(workspace.languages, workspace.name)
        found(
            root_pcode=workspace.country,
            names=names,
            places=[],
            version=version("despensa"),
            acting=tools.acting(None),
        )
        rounds.seal_log(tools)
        return tools.log_vkey


def _without_password(address: str | None) -> str | None:
    if not address:
        return None
    parts = urlsplit(address)
    if parts.password is None:
        return address
    place = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}{place}"))
