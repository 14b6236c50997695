"""`despensa register`: files that were taken in, looked at pair by pair, and undone by two people."""

from typing import Annotated, Any

import typer

from despensa.domain.import_undo import REASONS
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
_STATES = {1: "waits", 2: "taken in", 3: "refused", 4: "undone"}
_EFFECTS = {1: "new", 2: "updated", 3: "same as before", 4: "left as it is"}
_ROLES = {1: "head", 2: "member", 3: "primary collector", 4: "alternate collector"}


@app.callback()
def _register() -> None:
    """Register files: list them, look at what one did household by household, undo one."""


@app.command(name="list")
def list_files(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the latest fifty register files with what came of them."""
    with entered("register list", workspace) as door:
        from despensa.records.registry import queries

        rows = queries.imports(reach=door.reach(Permission.PROPOSE_IMPORT))
        value = [
            {
                "import": str(row.id),
                "file": row.file_name,
                "state": _STATES[row.state],
                "counts": dict(row.counts),
            }
            for row in rows
        ]
        text = table(
            ["import", "state", "households", "file"],
            [
                [str(row.id), _STATES[row.state], str(row.counts.get("households", 0)),
                 row.file_name]
                for row in rows
            ],
        )  # fmt: skip
        show(value, as_json=as_json, text=text if rows else "no register file yet")


@app.command()
def undo(
    register_import: Annotated[
        str, typer.Argument(metavar="IMPORT", help="An id that `register list` prints.")
    ],
    *,
    reason: Annotated[
        str,
        typer.Option(
            help="wrong_file, wrong_columns, wrong_place, source_withdrew or entered_by_mistake."
        ),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Propose that an import is undone; a second person approves it.

    What it added is destroyed, what it updated becomes what it was. Possible until a cycle that
    counted its households opens.
    """
    known = {one.name.lower(): one for one in REASONS}
    if reason not in known:
        raise Mistake(f"{reason} is no reason here; there are: {', '.join(known)}.")
    with entered("register undo", workspace) as door:
        from despensa.entrypoints.jobs import rounds, undoing

        acting = door.tools.acting(door.staff)
        proposal = undoing.propose(an_id(register_import), known[reason], acting=acting)
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command()
def pair(
    register_import: Annotated[
        str, typer.Argument(metavar="IMPORT", help="An id that `register list` prints.")
    ],
    place: Annotated[int, typer.Argument(help="Which household of the file, from 1.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one household of a file before and after it; the look is written down."""
    with entered("register pair", workspace) as door:
        from despensa.usecases.open_import_pair import NoSuchImportPair, open_import_pair

        try:
            opened = open_import_pair(
                an_id(register_import),
                place,
                acting=door.tools.acting(door.staff),
                vault=door.tools.keeper.vault,
            )
        except NoSuchImportPair as error:
            raise Refused(f"{error} See: despensa register list.") from error
        people = [
            {"person": str(one.person), "before": _person(one.before), "after": _person(one.after)}
            for one in opened.people
        ]
    value = {
        "household": str(opened.pair.household),
        "effect": _EFFECTS[opened.pair.effect],
        "facts_before": dict(opened.facts_before),
        "facts": dict(opened.facts),
        "people": people,
    }
    lines = table(
        ["before", "after"],
        [[_line(one["before"]), _line(one["after"])] for one in people],
    )
    show(value, as_json=as_json, text=f"{value['effect']}: {value['household']}\n{lines}")


def _person(shown: Any) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {
        "name": shown.name,
        "roles": [_ROLES[role] for role in shown.roles],
        "birth_month": None if shown.birth_month is None else shown.birth_month.isoformat(),
        "documents": list(shown.documents),
        "phones": list(shown.phones),
        "address": shown.address,
        "facts": dict(shown.facts),
    }


def _line(person: Any) -> str:
    return "-" if person is None else f"{person['name']} ({', '.join(person['roles'])})"
