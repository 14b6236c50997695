"""`despensa doctor`: what can be checked about a workspace, and what to do about it."""

import json
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.workspace.folder import Workspace
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, found_workspace
from despensa.entrypoints.cli.problems import NO, sentence_of
from despensa.entrypoints.jobs.findings import Finding, Verdict, fail, is_healthy, ok
from despensa.entrypoints.jobs.health_files import file_checks

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def doctor(
    *,
    workspace: WorkspaceOption = None,
    mend: Annotated[
        bool,
        typer.Option(
            "--mend", help="Destroy sheets past their day and staged files nobody waits for."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look at everything and say what to do; exit code 1 when something fails."""
    findings = []
    for finding in examine(found_workspace(workspace), mend=mend):
        findings.append(finding)
        if not as_json:
            typer.echo(finding.line())
    if as_json:
        typer.echo(json.dumps(_value(findings), ensure_ascii=False))
    if not is_healthy(findings):
        raise SystemExit(NO)


def examine(workspace: Workspace, *, mend: bool) -> Iterator[Finding]:
    """Yield every finding; where the databases do not answer, what needs them is left out."""
    yield ok("workspace", str(workspace.folder))
    now = int(time.time())
    keys_are_whole = True
    for finding in file_checks(workspace, now=now):
        keys_are_whole &= finding.name != "keys" or finding.verdict is Verdict.OK
        yield finding
    try:
        with wiring.databases(workspace) as endpoints:
            wiring.start_django()
            yield from _with_databases(
                workspace, endpoints, now, mend=mend, keys_are_whole=keys_are_whole
            )
    except Exception as error:
        known = sentence_of(error)
        if known is None:
            raise
        yield fail("databases", known[0].rstrip("."), "")


def _with_databases(
    workspace: Workspace,
    endpoints: Endpoints,
    now: int,
    *,
    mend: bool,
    keys_are_whole: bool,
) -> Iterator[Finding]:
    from despensa.entrypoints.jobs import health_books

    answer = health_books.reachable(endpoints)
    yield answer
    if answer.verdict is not Verdict.OK:
        return
    has_tables = True
    for finding in health_books.database_checks(endpoints, now=now):
        has_tables &= finding.name != "migrations" or finding.verdict is Verdict.OK
        yield finding
    # opening the tools makes the keys that are not there: not before they were looked at
    if has_tables and keys_are_whole:
        yield from health_books.book_checks(wiring.open_tools(workspace), mend=mend)


def _value(findings: list[Finding]) -> dict[str, object]:
    return {
        "healthy": is_healthy(findings),
        "findings": [
            {
                "name": finding.name,
                "verdict": str(finding.verdict),
                "text": finding.text,
                "todo": finding.todo,
            }
            for finding in findings
        ],
    }
