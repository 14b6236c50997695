"""`despensa keys escrow`, `drill` and `restore`: copies of the keys for custodians."""

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from despensa.entrypoints.cli.key_lock import CustodianOption, custodians_of
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, tell
from despensa.entrypoints.cli.problems import Mistake

CopyArgument = Annotated[Path, typer.Argument(help="The copy: keys-....age, from the backups.")]
IdentityFileOption = Annotated[
    Path, typer.Option(help="The custodian's own age identity (AGE-SECRET-KEY-1...).")
]


def escrow(
    *,
    custodian: CustodianOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a copy of the keys that each of the custodians opens alone."""
    named = custodians_of(custodian)
    with entered("keys escrow", workspace) as door:
        from despensa.entrypoints.jobs import copying_keys, rounds

        proposal = copying_keys.propose(named, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
        path = copying_keys.place_of(door.tools.workspace, proposal)
        sheet = copying_keys.sheet_of(door.tools.workspace, proposal)
    text = (
        f"proposed; a second person approves it: despensa proposal approve {proposal}\n"
        f"then the copy lies in {path}, and as a sheet to print in {sheet}"
    )
    told = {"proposal": str(proposal), "copy": str(path), "sheet": str(sheet)}
    show(told, as_json=as_json, text=text)


def drill(
    copy: CopyArgument,
    *,
    identity: IdentityFileOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a copy back in an empty folder, prove that it is the keys in use, and forget it."""
    with entered("keys drill", workspace) as door:
        from despensa.entrypoints.jobs import copying_keys, rounds

        acting = door.tools.acting(door.staff)
        copying_keys.drill(copy.read_bytes(), _text(identity), door.tools, acting=acting)
        rounds.seal_log(door.tools)
    show({"proved": True}, as_json=as_json, text="the copy brings back every key in use")


def restore(
    copy: CopyArgument,
    folder: Annotated[Path, typer.Argument(help="The keeper's folder, which has no keys.")],
    *,
    identity: IdentityFileOption,
    workspace_id: Annotated[UUID, typer.Option(help="The id in workspace.toml.")],
) -> None:
    """Bring the keys of a lost machine back from a copy; then lock them."""
    from despensa.adapters.keeper import escrow as copies
    from despensa.adapters.keeper import locking
    from despensa.adapters.keeper.key_files import KeyFiles

    place = folder / "keeper"
    if locking.is_locked(place):
        raise Mistake(f"The keys in {folder} are locked: bring the copy back in an empty folder.")
    found = copies.opened(copy.read_bytes(), _text(identity), workspace=workspace_id.bytes)
    found.restore(place, KeyFiles(place, workspace_id.bytes), os.urandom)
    tell(f"{len(found.keys)} keys are back in {folder}. Lock them now: despensa keys lock {folder}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Mistake(f"{path} is no age identity: it is no text in UTF-8.") from error
