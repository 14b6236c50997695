"""`despensa release`: what leaves the system by proposal, numbered, to somebody named."""

import io
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO
from uuid import UUID

import typer

from despensa.domain.release.package import PackageTerms, ReleaseWrong, Wrong
from despensa.domain.release.report import Breakdown, ReportTerms
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.records.programmes.queries import CycleRow

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

CycleArgument = Annotated[str, typer.Argument(metavar="CYCLE", help="Its id, or its code.")]
RecipientOption = Annotated[str, typer.Option(help="Who gets it: a person or an office, by name.")]
DestroyByOption = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], help="The day the copy here is destroyed, YYYY-MM-DD."),
]
_KINDS = {1: "package", 2: "report"}
_STATES = {1: "being made", 2: "ready", 3: "destroyed"}


@app.callback()
def _release() -> None:
    """What leaves the system: two people agree, it is numbered, and its copy ends on a day."""


@app.command()
def package(
    cycle: CycleArgument,
    *,
    recipient: RecipientOption,
    key: Annotated[
        str, typer.Option(help="The recipient's public key: 64 hex digits of decide audit-key.")
    ],
    destroy_by: DestroyByOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose an auditor's package of a decided cycle; a second person approves it."""
    with entered("release package", workspace) as door:
        from despensa.entrypoints.jobs import releasing, rounds

        row = chosen_cycle(door, cycle, Permission.RUN_CYCLES)
        terms = PackageTerms(" ".join(recipient.split()), _key(key), destroy_by.date())
        acting = door.tools.acting(door.staff)
        proposal = releasing.propose(row, terms, door.tools, acting=acting)
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command()
def report(
    cycle: CycleArgument,
    *,
    recipient: RecipientOption,
    by: Annotated[
        list[str],
        typer.Option(help="sex, age, disability, area, item or point; may be given again."),
    ],
    destroy_by: DestroyByOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose the report an agreement names: exact totals of a cycle, no line about a person."""
    terms = ReportTerms(
        " ".join(recipient.split()), destroy_by.date(), tuple(dict.fromkeys(map(_breakdown, by)))
    )
    with entered("release report", workspace) as door:
        from despensa.entrypoints.jobs import reporting, rounds

        row = chosen_cycle(door, cycle, Permission.RUN_CYCLES)
        acting = door.tools.acting(door.staff)
        proposal = reporting.propose(row, terms, door.tools, acting=acting)
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command(name="list")
def list_releases(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what left: its number, for whom, until when it is kept, how often it was taken."""
    with entered("release list", workspace) as door:
        from despensa.records.releases import queries

        found: list[dict[str, Any]] = [
            {
                "number": one.number,
                "kind": _KINDS[one.kind],
                "cycle": one.cycle_code,
                "recipient": one.recipient,
                "destroy_by": one.destroy_by.isoformat(),
                "state": _STATES[one.state],
                "taken": one.fetches,
                "id": str(one.id),
            }
            for one in queries.releases(reach=door.reach(Permission.SEE_PROPOSALS))
        ]
    rows = [[str(item) for item in one.values()] for one in found]
    text = table(list(found[0]), rows) if found else "Nothing was released yet."
    show(found, as_json=as_json, text=text)


@app.command()
def fetch(
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="The id `release list` shows.")],
    *,
    out: Annotated[Path, typer.Option(help="A new file for the copy; of a report .csv or .xlsx.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a copy of a release for its recipient; that somebody took it is written down first."""
    wanted = _release_id(release)
    with entered("release fetch", workspace) as door:
        from despensa.adapters.release.report_file import as_csv, as_xlsx
        from despensa.entrypoints.jobs import releasing, rounds
        from despensa.usecases.fetch_release import fetch_release

        if out.exists():
            raise Mistake(f"{out} is there already. Name a new file.")
        view = fetch_release(wanted, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
        if view.content is not None:
            is_book = out.suffix.lower() == ".xlsx"
            _copied(io.BytesIO((as_xlsx if is_book else as_csv)(view.content)), out)
        else:
            source = releasing.package_file(view.id, door.tools)
            if not source.is_file():
                raise Refused(
                    f"The file of release {view.number} is not here, as after a restore: propose "
                    "a new one."
                )
            with source.open("rb") as file:
                _copied(file, out)
    value = {"number": view.number, "file": str(out), "bytes": out.stat().st_size}
    show(value, as_json=as_json, text=f"{out}: release {view.number} for {view.recipient}")


def chosen_cycle(door: Entered, wanted: str, permission: Permission) -> "CycleRow":
    """
    Return a cycle by id or code, in reach of a permission.

    Raises: Refused.
    """
    from despensa.records.programmes import queries

    reach = door.reach(permission)
    for row in queries.cycles(limit=1_000):
        in_reach = reach.covers(row.programme, row.programme_area)
        if wanted in {str(row.id), row.code} and in_reach:
            return row
    raise Refused(f"There is no cycle {wanted}. See: despensa cycle list.")


def _breakdown(text: str) -> Breakdown:
    try:
        return Breakdown(text)
    except ValueError as error:
        raise ReleaseWrong(Wrong.BREAKDOWN) from error


def _copied(source: BinaryIO, out: Path) -> None:
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as target:
            shutil.copyfileobj(source, target)
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {error.strerror}. Name a new file.") from error


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip())
    except ValueError as error:
        raise ReleaseWrong(Wrong.KEY) from error


def _release_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Mistake(f"{text} is no id of a release. See: despensa release list.") from error
