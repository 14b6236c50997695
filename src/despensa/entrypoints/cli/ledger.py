"""`despensa ledger`: whether the books balance."""

from dataclasses import asdict

import typer

from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, opened, show

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def _ledger() -> None:
    """Accounts and transfers of goods and money."""


@app.command()
def check(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Recompute every balance from its transfers; exit code 1 when something is wrong."""
    with opened(workspace):
        from despensa.records.ledger import queries

        found = queries.check()
    value = {"balanced": found.is_balanced} | asdict(found)
    if found.is_balanced:
        text = f"{found.transfers} transfers; every unit sums to zero and every balance is right"
    else:
        text = "\n".join(f"{name}: {item}" for name, item in value.items()) + (
            "\nThe ledger does not hold. Stop handing out, keep a backup as it is, and compare "
            "with the last good one: despensa restore."
        )
    show(value, as_json=as_json, text=text)
    if not found.is_balanced:
        raise typer.Exit(1)
