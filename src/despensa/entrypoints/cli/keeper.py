"""`despensa keeper`: the process that holds the keys, behind a socket."""

import os
import pwd
import time
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from despensa.adapters.keeper.cards import CARDS_A_DAY
from despensa.adapters.keeper.guards import Guard
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.server import Server
from despensa.adapters.workspace import folder as workspaces
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.key_lock import IdentityOption, PassphraseFdOption, TokenOption, ways
from despensa.entrypoints.cli.opened import WorkspaceOption, tell
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
_UNNAMED = (
    "Name what the keeper is for: a workspace whose workspace.toml has [keeper] mode = "
    '"socket", or all of FOLDER, --workspace-id and --socket.'
)


@app.command()
def keeper(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The keeper's own folder; without it the workspace's keys/."),
    ] = None,
    *,
    workspace: WorkspaceOption = None,
    workspace_id: Annotated[
        UUID | None,
        typer.Option(help="The workspace's id, where the keeper may not read its folder."),
    ] = None,
    socket: Annotated[
        Path | None, typer.Option(help="The socket; else the one of workspace.toml.")
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(help="A system user that may ask, besides the keeper's own; repeat it."),
    ] = None,
    cards_a_day: Annotated[
        int, typer.Option(min=1, help="How many cards are signed on one day at most.")
    ] = CARDS_A_DAY,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Let `despensa rebuild` open lost rows.")
    ] = False,
    identity: IdentityOption = None,
    passphrase_fd: PassphraseFdOption = None,
    token: TokenOption = None,
) -> None:
    """Hold the keys and answer the office over a socket, until Ctrl-C or SIGTERM."""
    if folder is None or workspace_id is None or socket is None:
        found = workspaces.load(workspaces.find(workspace, os.environ), os.environ)
        if found.keeper_socket is None and socket is None:
            raise Mistake(_UNNAMED)
        folder = folder or found.keys
        workspace_id = workspace_id or found.workspace_id
        socket = socket or Path(found.keeper_socket or "")
    users = {os.getuid(), *map(_user_id, user or [])}
    given = ways(identity, passphrase_fd, token)
    opened = given.opened(folder / "keeper", workspace=workspace_id.bytes)
    held = open_keeper(
        keys=folder,
        staging=folder / "staged",
        workspace=workspace_id.bytes,
        search=wiring.search_register,
        cards_a_day=cards_a_day,
        storage_keys=() if opened is None else opened.storage_keys,
    )
    guard = Guard(lambda: int(time.time()), may_rebuild=rebuild)
    server = Server(held, socket, users=users, guard=guard)
    tell(f"The keeper answers at {socket}.")
    server.serve()
    tell("closed")


def _user_id(name: str) -> int:
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Mistake(f"This machine has no system user {name}.") from None
