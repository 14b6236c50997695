"""
The command line: its commands by name, and how mistakes are told.

Commands are loaded when they are called, so that help and version stay quick. A user's mistake is
one sentence on standard error and exit code 2; a "no" is exit code 1; no traceback for either.
"""

import importlib
import sys
from typing import Any

import typer
from typer._click import Command, Context
from typer.core import TyperGroup

# name -> (module below entrypoints.cli, attribute holding its typer application or function)
COMMANDS = {
    "init": "workspace",
    "upgrade": "workspace",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "backup",
    "rebuild": "rebuild",
    "login": "login",
    "logout": "login",
    "demo": "demo",
    "start": "serve",
    "import": "register",
    "register": "taken_in",
    "form": "form",
    "area": "area",
    "proposal": "proposal",
    "staff": "staff",
    "programme": "programme",
    "rule": "programme",
    "catalogue": "catalogue",
    "cycle": "cycle",
    "decide": "decide",
    "release": "release",
    "household": "household",
    "desk": "desk",
    "person": "person",
    "partner": "partner",
    "wallet": "wallet",
    "identity": "identity",
    "correction": "correction",
    "grievance": "grievance",
    "dedup": "dedup",
    "phone": "phone",
    "stock": "stock",
    "redeem": "redeem",
    "simulate": "simulate",
    "receipt": "receipt",
    "card": "card",
    "keeper": "keeper",
    "keys": "keys",
    "ledger": "ledger",
    "payment": "payment",
    "log": "log",
    "bench": "bench",
}


class LazyGroup(TyperGroup):
    """Loads the module of a command when it is asked for."""

    def list_commands(self, _context: Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, _context: Context, name: str) -> Command | None:
        """Return a command by name, or None."""
        module = COMMANDS.get(name)
        if module is None:
            return None
        loaded = importlib.import_module(f"despensa.entrypoints.cli.{module}")
        command: Any = typer.main.get_command(loaded.app)
        if isinstance(command, TyperGroup) and name in command.commands:
            return command.commands[name]
        return command


app = typer.Typer(
    cls=LazyGroup,
    name="despensa",
    help="Self-hosted software that delivers social assistance with a printed QR card.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _root() -> None:
    """Hold the group together; every command is loaded lazily."""


def run() -> None:
    """Run the command line and turn known problems into one sentence."""
    from despensa.entrypoints.cli.problems import sentence_of

    try:
        app()
    except Exception as error:
        problem = sentence_of(error)
        if problem is None:
            raise
        text, code = problem
        # what was typed may hold half a character, and the answer names it
        sys.stderr.write(f"despensa: {text.encode(errors='backslashreplace').decode()}\n")
        raise SystemExit(code) from None
