"""`despensa demo`: the main job on real input in a throw-away workspace."""

import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from despensa.entrypoints.cli.opened import JsonOption, tell

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def demo(
    *,
    register: Annotated[
        Path | None, typer.Option(help="A register file of your own instead of the invented one.")
    ] = None,
    headless: Annotated[bool, typer.Option(help="Do the job and end, without serving.")] = False,
    as_json: JsonOption = False,
    port: Annotated[int, typer.Option(help="The port of the office on localhost.")] = 8000,
) -> None:
    """Run the main job in a throw-away workspace, then serve the office."""
    from despensa.entrypoints.demo import stage

    # a termination signal must unwind the stack, so that the database server is stopped
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="despensa-demo-"))
    try:
        with stage.prepared(folder / "workspace", register, tell) as ready:
            if headless:
                _print(ready.play(), as_json=as_json)
            else:
                from despensa.entrypoints.demo import serve

                serve.serve(ready, port, tell, lambda report: _print(report, as_json=as_json))
    except KeyboardInterrupt:
        tell("stopped; the demo's workspace is forgotten")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _print(report: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report))
        return
    for name, value in report.items():
        typer.echo(f"{name}: {value}")
