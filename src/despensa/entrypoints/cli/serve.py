"""`despensa start`: serve the office of a workspace on this machine."""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from despensa.adapters.workspace import folder as workspaces
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.opened import refuse_unreachable, tell

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def start(
    folder: Annotated[Path, typer.Argument(help="The workspace's folder.")],
    *,
    port: Annotated[int, typer.Option(help="The port of the office on localhost.")] = 8000,
) -> None:
    """Serve the office of a workspace on localhost until Ctrl-C, with its worker."""
    # a termination signal must unwind the stack, so that the database server is stopped
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    workspace = workspaces.load(workspaces.find(folder, os.environ), os.environ)
    with wiring.databases(workspace) as endpoints:
        if workspace.database_mode == "url":
            refuse_unreachable(endpoints)
        wiring.start_django()
        from django.core.wsgi import get_wsgi_application

        from despensa.entrypoints.jobs import worker
        from despensa.entrypoints.serving import served

        tools = wiring.tools()
        with served(get_wsgi_application(), port) as chosen:
            if chosen != port:
                tell(f"port {port} is in use; taking {chosen}")
            tell(f"The office of {workspace.name} is open: http://localhost:{chosen}/")
            tell("Ctrl-C closes it.")
            worker.start(tools)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                tell("closed")
            finally:
                worker.stop()
