"""Opening a workspace for a command: database running, Django set up, tools at hand."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from despensa.adapters.workspace import folder as workspaces
from despensa.entrypoints import wiring

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="The workspace folder; else DESPENSA_WORKSPACE, else here."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def opened(option: Path | None) -> Iterator[wiring.Tools]:
    """
    Yield the tools of a workspace with its databases running.

    Raises: WorkspaceError; DatabaseProblem.
    """
    workspace = workspaces.load(workspaces.find(option, os.environ), os.environ)
    with wiring.databases(workspace):
        wiring.start_django()
        yield wiring.open_tools(workspace)


def tell(text: str) -> None:
    """Tell progress on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
