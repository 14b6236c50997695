"""`despensa import`: a register file looked at, staged for a second person, or taken in."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.adapters.register_file.reader import read_headings, read_register
from despensa.adapters.register_file.source import MIB, Limits
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.catalogue import Catalogue
from despensa.domain.registration.column_map import ColumnMap
from despensa.domain.registration.register import RegisterFile, dry_run_report
from despensa.entrypoints.cli.catalogue_here import catalogue_here
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
from despensa.entrypoints.cli.register_source import (
    Given,
    check_rejected,
    column_map,
    given,
    map_document,
    write_rejected,
)
from despensa.entrypoints.jobs import collector
from despensa.entrypoints.jobs.crew import Forks

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

# text is read row by row, whatever its size; other files keep their own limits
_LIMITS = Limits(file_bytes_max=4_096 * MIB, rows_max=20_000_000)
# Phone numbers and documents without a country are taken as from there when nothing says it.
_COUNTRY_WITHOUT_WORKSPACE = "US"


@app.command(name="import")
def import_file(
    file: Annotated[
        Path | None,
        typer.Argument(help="A CSV, XLSX, JSON, XML or ZIP file of a kind that is read."),
    ] = None,
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
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML lines `heading: field` for columns that say nothing."),
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the faulty rows here, with the reason beside each.")
    ] = None,
    pull: Annotated[
        str | None,
        typer.Option(help="Fetch the submissions of a KoboToolbox form: https://.../data/."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="A file with the server's token; else DESPENSA_FORM_TOKEN."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take a register file in: at most 50 rows a day alone, more when a second person approves.

    A household with a faulty row stays out whole; every fault is listed with how to mend it, and
    the exit code is 1. The same file twice changes nothing. A column map is remembered for files
    with the same headings.
    """
    mapped = map_document(map_file)
    check_rejected(rejected, "this import")
    if dry_run:
        read = given(file, pull, token_file)
        asked = _Asked(read, source, mapped, rejected)
        _dry_run(asked, country, workspace, strict=strict, as_json=as_json)
        return
    with entered("import", workspace) as door:
        asked = _Asked(given(file, pull, token_file), source, mapped, rejected)
        register = _read_mapped(asked, door)
        _list_faults(register)
        _write_rejected(register, asked, door)
        _refuse_unusable(register, strict=strict)
        value = _take_in(register, asked.read.name, door)
        show(dry_run_report(register) | value, as_json=as_json, text=str(value["done"]))
    if register.errors:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one import was asked to do; `mapped` is the column map as it was written."""

    read: Given
    source: str | None
    mapped: Any
    rejected: Path | None


def _dry_run(
    asked: _Asked,
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
    catalogue = catalogue_here(workspace)
    register = _read(asked, column_map(asked.mapped, catalogue), home, today, catalogue)
    _list_faults(register)
    write_rejected(register, asked.rejected, asked.read.name)
    accepted = 0 if strict and register.errors else len(register.households)
    text = (
        f"{register.kind.value}: {register.rows_in} rows, {register.accepted_rows} accepted, "
        f"{register.rejected_rows} rejected; {accepted} households would be taken in"
    )
    show(dry_run_report(register), as_json=as_json, text=text)
    if register.errors:
        raise typer.Exit(1)


@collector.paused()
def _read(
    asked: _Asked, mapped: ColumnMap | None, country: str, today: date, catalogue: Catalogue
) -> RegisterFile:
    return read_register(
        asked.read.content,
        filename=asked.read.name,
        today=today,
        workspace_country=country,
        catalogue=catalogue,
        source=asked.source,
        limits=_LIMITS,
        column_map=mapped,
        crew=Forks(),
    )


def _read_mapped(asked: _Asked, door: Entered) -> RegisterFile:
    """Read with the map given, which is remembered, or with one remembered for such headings."""
    from despensa.entrypoints.jobs import mapping
    from despensa.records.catalogue.queries import in_force

    tools = door.tools
    headings = read_headings(asked.read.content, filename=asked.read.name, limits=_LIMITS)
    catalogue = in_force()
    said = mapped = column_map(asked.mapped, catalogue)
    if mapped is None:
        known = mapping.remembered(headings, asked.source)
        if known is not None:
            mapped = known.map
            tell(f"note: columns are read as {known.name} said on {known.day}")
    register = _read(asked, mapped, tools.workspace.country, tools.today(), catalogue)
    if said is not None:
        mapping.remember(said, headings, asked.source, acting=tools.acting(door.staff))
    return register


def _write_rejected(register: RegisterFile, asked: _Asked, door: Entered) -> None:
    """Write the faulty rows with their reasons in the language of whoever is signed in."""
    from django.utils import translation

    from despensa.entrypoints.office.fault_words import row_reason

    with translation.override(door.language):
        write_rejected(register, asked.rejected, asked.read.name, row_reason)


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


def _take_in(register: RegisterFile, name: str, door: Entered) -> dict[str, object]:
    """Return what was done: taken in at once, or staged for a second person."""
    from despensa.entrypoints.jobs import rounds, staging

    acting = door.tools.acting(door.staff)
    imported = None
    if register.rows_in <= staging.ROWS_WITHOUT_APPROVAL:
        try:
            imported = staging.take_in_small(register, name, door.tools, acting=acting)
        except staging.ApprovalNeeded as why:
            tell(str(why))
    if imported is None:
        proposal = staging.stage(register, name, door.tools, acting=acting)
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
