"""What every command shares: two options, and how an answer is told. Loads nothing of ours."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="The workspace folder; else DESPENSA_WORKSPACE, else here."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def tell(text: str) -> None:
    """Tell progress on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show(value: Any, *, as_json: bool, text: str) -> None:
    """Print the answer: one JSON value, or text for people."""
    typer.echo(json.dumps(value, ensure_ascii=False) if as_json else text)


def table(headings: list[str], rows: list[list[str]]) -> str:
    """Return rows under their headings, in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
