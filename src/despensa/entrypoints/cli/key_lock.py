"""`despensa keys lock`: seals the keeper's folder, so that it opens for its start and custodians."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from despensa.adapters.keeper import key_files, locking
from despensa.adapters.keeper.hardware_token import token_of
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.ports.key_office import Custodian
from despensa.entrypoints.cli import asking
from despensa.entrypoints.cli.opened import WorkspaceOption, tell
from despensa.entrypoints.cli.problems import Mistake
from despensa.entrypoints.unlocking import Ways, read_secret

PASSPHRASE_MIN = 12
FolderArgument = Annotated[
    Path | None, typer.Argument(help="The keeper's own folder; without it the workspace's keys/.")
]
WorkspaceIdOption = Annotated[
    UUID | None, typer.Option(help="The workspace's id, where its folder may not be read.")
]
CustodianOption = Annotated[
    list[str] | None,
    typer.Option(help="NAME=age1...: who opens the keys with their own age key; repeat it."),
]
IdentityOption = Annotated[
    Path | None, typer.Option(help="A custodian's own age identity (AGE-SECRET-KEY-1...).")
]
PassphraseFdOption = Annotated[
    int | None, typer.Option(help="A file descriptor that holds the passphrase of the start.")
]


TokenOption = Annotated[
    str | None,
    typer.Option(help="MODULE:TOKEN:KEY: a token opens the keys; its PIN is the passphrase."),
]


def named_folder(
    folder: Path | None, workspace_id: UUID | None, workspace: Path | None
) -> tuple[Path, bytes]:
    """Return the keeper's folder and the id of its workspace. Raises: WorkspaceError; Mistake."""
    if folder is None or workspace_id is None:
        found = workspaces.load(workspaces.find(workspace, os.environ), os.environ)
        folder = folder or found.keys
        workspace_id = workspace_id or found.workspace_id
    if not (folder / "keeper").is_dir():
        raise Mistake(f"There are no keys in {folder}: a folder named keeper lies in it.")
    return folder / "keeper", workspace_id.bytes


def custodians_of(lines: list[str] | None) -> list[Custodian]:
    """Return the custodians of NAME=age1... Raises: Mistake."""
    parted = [line.partition("=") for line in lines or []]
    if any(not public for _, _, public in parted):
        raise Mistake("Write each custodian as NAME=age1..., the public key of an age identity.")
    return [Custodian(name.strip(), public.strip()) for name, _, public in parted]


def ways(identity: Path | None, passphrase_fd: int | None, token: str | None = None) -> Ways:
    """Return what a command was given to open a lock with; at a terminal it asks."""
    return Ways(
        os.environ,
        identity_file=identity,
        passphrase_fd=passphrase_fd,
        token=None if token is None else token_of(token),
        ask=lambda: asking.asked(
            None, "Passphrase of the keeper", "--passphrase-fd or --identity", hidden=True
        ),
    )


def lock(
    folder: FolderArgument = None,
    *,
    custodian: CustodianOption = None,
    start_file: Annotated[
        Path | None,
        typer.Option(
            help="Write what opens the keys at the start into this new file, for "
            "systemd-creds encrypt; without it the start asks for a passphrase."
        ),
    ] = None,
    new_passphrase_fd: Annotated[
        int | None, typer.Option(help="A file descriptor that holds the new passphrase.")
    ] = None,
    new_token: Annotated[
        str | None,
        typer.Option(help="MODULE:TOKEN:KEY: a token opens the keys, its PIN the new passphrase."),
    ] = None,
    identity: IdentityOption = None,
    passphrase_fd: PassphraseFdOption = None,
    token: TokenOption = None,
    workspace_id: WorkspaceIdOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """
    Encrypt the keeper's keys for its custodians and its start; again: for others.

    Stop the keeper first.
    """
    place, workspace_bytes = named_folder(folder, workspace_id, workspace)
    named = custodians_of(custodian)
    before = ways(identity, passphrase_fd, token).opened(place, workspace=workspace_bytes)
    sealed = locking.lock(
        place,
        workspace=workspace_bytes,
        custodians=named,
        before=before,
        keep_start=_kept(place, start_file, new_passphrase_fd, new_token),
        random=os.urandom,
    )
    tell(f"{sealed} keys sealed for {', '.join(one.name for one in named)} and the start.")


def _kept(
    place: Path, start_file: Path | None, descriptor: int | None, token: str | None
) -> Callable[[str], None]:
    """Return what keeps the identity of the start. Raises: Mistake before anything is changed."""
    if start_file is not None:
        if start_file.exists():
            raise Mistake(f"{start_file} exists: name a new file.")

        def keep(identity: str) -> None:
            key_files.write(start_file, f"{identity}\n".encode())
            # from now on no passphrase opens the folder
            key_files.destroy(place / locking.START_FILE)

        return keep
    if descriptor is not None:
        secret = read_secret(descriptor)
        if token is not None:
            return token_of(token).keeps_in(place, secret)
    else:
        option = "--new-passphrase-fd or --start-file"
        if token is not None:
            pin = asking.asked(None, "PIN of the token", option, hidden=True)
            return token_of(token).keeps_in(place, pin)
        secret = asking.asked(None, "New passphrase of the keeper", option, hidden=True)
        if asking.asked(None, "Again", option, hidden=True) != secret:
            raise Mistake("The two passphrases differ: nothing was changed.")
    if len(secret) < PASSPHRASE_MIN:
        raise Mistake(f"Choose a passphrase of at least {PASSPHRASE_MIN} characters.")
    return locking.keep_under_passphrase(place, secret)
