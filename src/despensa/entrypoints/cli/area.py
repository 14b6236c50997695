"""`despensa area`: the places of the workspace, from a boundary table."""

from pathlib import Path
from typing import Annotated

import typer

from despensa.adapters.register_file.boundary_table import read_boundary_table
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Areas: districts, municipalities, villages."""


@app.command(name="import")
def import_table(
    file: Annotated[Path, typer.Argument(help="A COD-AB boundary table, XLSX or CSV.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take areas with their p-codes and names in; the same table twice changes nothing.

    New areas come in at once. A table that renames or moves an area waits for a second person.
    """
    with entered("area import", workspace) as door:
        from despensa.entrypoints.jobs import areas, rounds

        tools = door.tools
        places = read_boundary_table(file, filename=file.name, today=tools.today())
        answer = areas.take_in(places, tools, acting=tools.acting(door.staff))
        rounds.seal_log(tools)
        value: dict[str, object] = {"places": len(places), "proposal": None}
        if answer.imported is None:
            value["proposal"] = str(answer.proposal)
            text = (
                "This table changes areas that are there; it waits for a second person: "
                f"despensa proposal approve {answer.proposal}"
            )
        else:
            value |= {
                "added": answer.imported.added,
                "changed": answer.imported.changed,
                "unchanged": answer.imported.unchanged,
            }
            text = (
                f"{answer.imported.added} areas added, "
                f"{answer.imported.unchanged} were there as the table says"
            )
        show(value, as_json=as_json, text=text)
