"""`despensa import`: a register file looked at, staged for a second person, or taken in."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from despensa.adapters.register_file.reader import read_register
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.register import RegisterFile, dry_run_report
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    found_workspace,
    show,
    table,
    tell,
)
from despensa.entrypoints.cli.problems import Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

# Phone numbers and documents without a country are taken as from there when nothing says it.
_COUNTRY_WITHOUT_WORKSPACE = "US"


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file of one of the three kinds.")],
    *,
    dry_run: Annotated[
        bool, typer.Option(help="Say what would be taken in; needs no workspace, keeps nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option(help="Take in nothing if any row has a fault.")] = False,
    source: Annotated[
        str | None, typer.Option(help="Where the records come from; else the kind of file.")
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="For a dry run without workspace: ISO 3166-1 code.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take a register file in: at most 50 rows a day alone, more when a second person approves.

    A household with a faulty row stays out whole; every fault is listed with how to mend it, and
    the exit code is 1. The same file twice changes nothing.
    """
    if dry_run:
        _dry_run(file, source, country, workspace, strict=strict, as_json=as_json)
        return
    with entered("import", workspace) as door:
        register = _read(file, source, door.tools.workspace.country, door.tools.today())
        _list_faults(register)
        _refuse_unusable(register, strict=strict)
        value = _take_in(register, file, door)
        show(dry_run_report(register) | value, as_json=as_json, text=str(value["done"]))
    if register.errors:
        raise typer.Exit(1)


def _dry_run(
    file: Path,
    source: str | None,
    country: str | None,
    workspace: Path | None,
    *,
    strict: bool,
    as_json: bool,
) -> None:
    home, today = country, datetime.now().astimezone().date()
    if home is None:
        try:
            home = found_workspace(workspace).country
        except workspaces.WorkspaceError:
            if workspace is not None:
                raise
            home = _COUNTRY_WITHOUT_WORKSPACE
    register = _read(file, source, home, today)
    _list_faults(register)
    accepted = 0 if strict and register.errors else len(register.households)
    text = (
        f"{register.kind.value}: {register.rows_in} rows, {register.accepted_rows} accepted, "
        f"{register.rejected_rows} rejected; {accepted} households would be taken in"
    )
    show(dry_run_report(register), as_json=as_json, text=text)
    if register.errors:
        raise typer.Exit(1)


def _read(file: Path, source: str | None, country: str, today: date) -> RegisterFile:
    return read_register(
        file,
        filename=file.name,
        today=today,
        workspace_country=country,
        catalogue=load_catalogue(),
        source=source,
    )


def _list_faults(register: RegisterFile) -> None:
    """List on standard error what is dropped, left out and faulty: all of it."""
    for column in register.dropped_columns:
        tell(f"dropped, nothing of it is kept: column {column.column} ({column.category})")
    for warning in register.warnings:
        tell(f"note: {' '.join(filter(None, (warning.sheet, warning.column)))} {warning.sentence}")
    if register.people_without_document:
        tell(f"note: {register.people_without_document} people have no document at all")
    if not register.errors:
        return
    headings = ["sheet", "row", "column", "value", "how to mend it"]
    rows = [[e.sheet, str(e.row), e.column, e.value, e.mend] for e in register.errors]
    tell(table(headings, rows))


def _refuse_unusable(register: RegisterFile, *, strict: bool) -> None:
    if strict and register.errors:
        raise Refused(
            f"{len(register.errors)} faults, and --strict takes in all or nothing: nothing was "
            "changed. Mend the rows above and give the file again."
        )
    if not register.households:
        raise Refused(
            "No household of this file can be taken in: nothing was changed. Mend the rows above "
            "and give the file again."
        )


def _take_in(register: RegisterFile, file: Path, door: Entered) -> dict[str, object]:
    """Return what was done: taken in at once, or staged for a second person."""
    from despensa.entrypoints.jobs import rounds, staging

    acting = door.tools.acting(door.staff)
    imported = None
    if register.rows_in <= staging.ROWS_WITHOUT_APPROVAL:
        try:
            imported = staging.take_in_small(register, file.name, door.tools, acting=acting)
        except staging.ApprovalNeeded as why:
            tell(str(why))
    if imported is None:
        proposal = staging.stage(register, file.name, door.tools, acting=acting)
        rounds.seal_log(door.tools)
        done = (
            f"{len(register.households)} households wait for a second person: "
            f"despensa proposal approve {proposal}"
        )
        return {"done": done, "proposal": str(proposal), "households": None}
    rounds.seal_log(door.tools)
    done = f"{imported.households} households with {imported.people} people taken in"
    if imported.known_households:
        done += f"; {imported.known_households} were there before and were left as they are"
    return {"done": done, "proposal": None, "households": imported.households}
