"""`despensa keys`: the public keys, and the life of the private ones."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from despensa.domain.ports.key_office import KeyStanding
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import key_copies, key_lock
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    entered,
    found_workspace,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(
    pretty_exceptions_enable=False, rich_markup_mode=None, invoke_without_command=True
)

for command in (key_lock.lock, key_copies.escrow, key_copies.drill, key_copies.restore):
    app.command()(command)


@app.callback()
def keys(
    context: typer.Context, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Print the public keys: issuer of cards, authority behind receipts and phones, log."""
    if context.invoked_subcommand is not None:
        return
    tools = wiring.open_tools(found_workspace(workspace))
    public = tools.keeper.signatory.public_keys()
    value = {
        "issuer": public.issuer.hex(),
        "authority": public.authority.hex(),
        "log": tools.log_vkey,
    }
    text = "\n".join(f"{name}: {key}" for name, key in value.items())
    show(value, as_json=as_json, text=text)


@app.command()
def status(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Tell where the keys are held, and each signing key with those before it."""
    found = found_workspace(workspace)
    keeper = wiring.opened_keeper(found)
    states = keeper.keys.states()
    stand = keeper.keys.standing()
    value: dict[str, Any] = {
        "held": found.keeper_mode,
        "locked": stand.is_locked,
        "custodians": list(stand.custodians),
        "copied": _day(stand.escrowed_at) if stand.escrowed_at else None,
        "copy_custodians": list(stand.escrow_custodians),
        "drilled": _day(stand.drilled_at) if stand.drilled_at else None,
        "keys": [
            {
                "name": one.name,
                "public": one.public.hex(),
                "since": _day(one.since),
                "former": [key.hex() for key in one.former],
            }
            for one in states
        ],
    }
    rows = [[one.name, _day(one.since), str(len(one.former)), one.public.hex()] for one in states]
    place = "by the keeper's process" if found.keeper_socket else "in the office's process"
    lines = [
        table(["key", "since", "former", "public"], rows),
        f"held {place}",
        _locked(stand),
        _copied(stand),
    ]
    text = "\n".join(lines)
    show(value, as_json=as_json, text=text)


@app.command()
def rotate(
    name: Annotated[str, typer.Argument(help="issuer, authority, answers or wallet.")],
    *,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="Trust nothing any more that the old key signed.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a new signing key; without --stolen what the old one signed stays genuine."""
    with entered("keys rotate", workspace) as door:
        from despensa.entrypoints.jobs import rotating, rounds

        if name not in rotating.ROTATED:
            raise Mistake(
                f"{name} is no key that can be exchanged. Name one of: "
                f"{', '.join(rotating.ROTATED)}."
            )
        acting = door.tools.acting(door.staff)
        proposal = rotating.propose(name, is_stolen=stolen, acting=acting)
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


def _locked(stand: KeyStanding) -> str:
    """Return who opens the keys as they lie on the disk."""
    if not stand.is_locked:
        return "they lie plain, in files that only their owner may read (despensa keys lock)"
    return f"they lie encrypted; custodians: {', '.join(stand.custodians)}"


def _copied(stand: KeyStanding) -> str:
    """Return when the keys were last copied for custodians, and when a copy was last tried."""
    if not stand.escrowed_at:
        return "no copy for custodians was made (despensa keys escrow)"
    tried = f"tried on {_day(stand.drilled_at)}" if stand.drilled_at else "never tried"
    names = ", ".join(stand.escrow_custodians)
    return f"copied on {_day(stand.escrowed_at)} for {names}; a copy was {tried}"


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
