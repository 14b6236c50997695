"""`despensa rebuild`: the register held against its journal, and what differs brought back."""

from typing import Annotated

import typer

from despensa.entrypoints import wiring
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, found_workspace, show

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def rebuild(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Compare only; nothing is written.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Compare households, people, roles, pairs and partners with the journal; bring back what differs.

    Consents and corrections are compared as well; one that is gone comes back from a backup only.

    Exit code 1 when something differs that was not brought back. Run `despensa log verify` first:
    it proves that the journal is the one of the log.
    """
    found = found_workspace(workspace)
    with wiring.databases(found):
        wiring.start_django()
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.rebuild_register import rebuild_register

        tools = wiring.open_tools(found)
        done = rebuild_register(
            acting=tools.acting(None), opener=tools.keeper.vault, is_check=check
        )
        if not check:
            rounds.seal_log(tools)
    value = {
        "entries": done.entries,
        "missing": dict(done.missing),
        "changed": dict(done.changed),
        "not_in_journal": dict(done.strange),
        "person_keys": done.keys,
        "left": done.unmended,
        "as_journalled": done.is_as_told,
    }
    kinds = (
        (done.missing, "were gone"),
        (done.changed, "had been changed"),
        (done.strange, "stand in no entry of the journal"),
    )
    lines = [f"{table}: {count} {what}" for rows, what in kinds for table, count in rows.items()]
    if done.keys:
        lines.append(
            f"{done.keys} person keys are gone or others; bring them back from a backup, then "
            "run this again"
        )
    if done.is_as_told:
        lines.append(f"the register is as its journal tells it ({done.entries} entries)")
    elif done.unmended:
        lines.append(f"{done.unmended} rows are left as they are")
    show(value, as_json=as_json, text="\n".join(lines))
    if not done.is_as_told:
        raise typer.Exit(1)
