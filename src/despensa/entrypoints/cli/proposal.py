"""`despensa proposal`: what waits for a second person, and that person's yes or no."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.domain import proposal as rules
from despensa.domain.ports.key_office import ESCROW, ROTATE
from despensa.domain.role import Permission
from despensa.entrypoints.cli import asking
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
    table,
    tell,
)
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.records.proposals.queries import ProposalView

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The proposal, from the list.")]


@app.callback()
def _proposal() -> None:
    """What two people must agree on."""


@app.command(name="list")
def list_waiting(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what waits for a second person, oldest first."""
    with entered("proposal list", workspace) as door:
        from despensa.records.proposals import queries

        found = [
            _described(view, door)
            for view in queries.waiting(reach=door.reach(Permission.SEE_PROPOSALS))
        ]
    headings = ["id", "action", "proposed by", "until", "expected"]
    rows = [
        [one["id"], one["action"], one["creator"], one["expires_at"], _totals_of(one)]
        for one in found
    ]
    text = table(headings, rows) if rows else "Nothing waits for a second person."
    show(found, as_json=as_json, text=text)


@app.command(name="show")
def show_one(
    proposal: IdArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Show one proposal with the hash that both people agree to."""
    with entered("proposal show", workspace) as door:
        value = _described(_view(proposal, door, Permission.SEE_PROPOSALS), door)
    text = "\n".join(f"{name}: {item}" for name, item in value.items())
    show(value, as_json=as_json, text=text)


@app.command()
def approve(
    proposal: IdArgument,
    *,
    expected_hash: Annotated[
        str | None, typer.Option("--hash", help="Approve only exactly this content (hex).")
    ] = None,
    password: asking.PasswordOption = None,
    password_file: asking.PasswordFileOption = None,
    code: asking.CodeOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a proposal as the second person, with password and code, and carry it out."""
    with entered("proposal approve", workspace) as door:
        from despensa.entrypoints.jobs import actions, rounds
        from despensa.entrypoints.second_factor import confirm
        from despensa.usecases import approve as desk

        view = _view(proposal, door, Permission.DECIDE_PROPOSALS)
        if expected_hash is not None and expected_hash.lower() != view.hash.hex():
            raise Refused("The proposal has another hash than the one given: nothing was approved.")
        for name, item in _described(view, door).items():
            tell(f"{name}: {item}")
        word, digits = asking.password(password, password_file), asking.code(code)
        confirm(door.staff, word, digits)
        if view.state == _WAITING:
            desk.approve(
                view.id,
                seen_hash=view.hash,
                kind=rules.ApprovalKind.PASSWORD_AND_CODE,
                assertion=None,
                acting=door.tools.acting(door.staff),
                signatory=door.tools.keeper.signatory,
            )
        done = actions.carry_out(view.id, door.tools)
        rounds.seal_log(door.tools)
    show({"proposal": str(view.id), "done": done}, as_json=as_json, text=done)


@app.command()
def refuse(
    proposal: IdArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Refuse a proposal: it is closed, and a staged file is destroyed."""
    with entered("proposal refuse", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.refuse_proposal import refuse_proposal

        view = _view(proposal, door, Permission.DECIDE_PROPOSALS)
        refuse_proposal(
            view.id,
            acting=door.tools.acting(door.staff),
            staging=door.tools.keeper.staging,
        )
        rounds.seal_log(door.tools)
    value = {"proposal": str(view.id), "done": "refused"}
    show(value, as_json=as_json, text="refused; nothing of it was done")


_WAITING = 1


def _view(text: str, door: Entered, needed: Permission) -> "ProposalView":
    """Return a proposal; of one out of reach the same is said as of one that does not exist."""
    from despensa.records.proposals import queries

    try:
        found = queries.proposal(UUID(text))
    except ValueError as error:
        raise Mistake(f"{text} is no id of a proposal: despensa proposal list.") from error
    if found is None or not door.reach(needed).covers(found.programme, found.area):
        raise Refused(f"There is no proposal {text}: despensa proposal list.")
    return found


def _described(view: "ProposalView", door: Entered) -> dict[str, Any]:
    from despensa.records.staff import queries

    content = rules.parse(view.canonical)
    return {
        "id": str(view.id),
        "action": view.action,
        "creator": queries.names([view.creator]).get(view.creator, "?"),
        "is_mine": view.creator == door.staff,
        "reason": content.reason.name.lower(),
        "created_at": _instant(view.created_at),
        "expires_at": _instant(view.expires_at),
        "expected": dict(content.totals),
        "hash": view.hash.hex(),
        **_warnings(content),
        **_about_keys(content),
    }


def _warnings(content: rules.Proposal) -> dict[str, list[str]]:
    """Return what both people should look at in a rule; nothing for any other action."""
    from despensa.domain.eligibility.caution import rule_warnings
    from despensa.domain.eligibility.parse import parse_text
    from despensa.entrypoints.jobs.actions import PUBLISH_RULE

    if content.action != PUBLISH_RULE:
        return {}
    return {"warnings": [str(one) for one in rule_warnings(parse_text(content.parameters[0]))]}


def _about_keys(content: rules.Proposal) -> dict[str, list[str]]:
    """Return which key is exchanged, or who gets a copy of the keys; both people compare it."""
    if content.action == ROTATE:
        name, is_stolen = content.parameters
        return {"keys": [name, "stolen"] if is_stolen else [name]}
    if content.action == ESCROW:
        return {"keys": [f"{name}={public}" for name, public in content.parameters]}
    return {}


def _totals_of(described: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in described["expected"].items())


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")
