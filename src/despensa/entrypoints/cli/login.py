"""`despensa login` and `logout`: a session of eight hours on the command line."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from despensa.entrypoints.cli import asking
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    opened,
    read_secret,
    session_file,
    show,
)

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_SECRET_LENGTH = 32
# one sentence for all, so that it does not tell which sign-in names there are
_NOT_RIGHT = "Sign-in name, password or code are not right. Codes are used once: wait 30 s."


@app.command()
def login(
    user: Annotated[
        str | None, typer.Argument(help="The sign-in name; asked for if absent.")
    ] = None,
    *,
    password: asking.PasswordOption = None,
    password_file: asking.PasswordFileOption = None,
    code: asking.CodeOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Sign in on the command line for eight hours, with password and code.

    The session's secret lies in the workspace's run/ folder, readable by this system user only.
    """
    with opened(workspace) as tools:
        from django.core.exceptions import ObjectDoesNotExist

        from despensa.entrypoints.second_factor import NotConfirmed, confirm
        from despensa.records.staff import queries
        from despensa.usecases.open_command_session import open_command_session

        username = asking.asked(user, "Sign-in name", "the sign-in name")
        secret_word = asking.password(password, password_file)
        digits = asking.code(code)
        staff = queries.of_username(username, tools.today())
        try:
            confirm(UUID(int=0) if staff is None else staff.id, secret_word, digits)
        except (NotConfirmed, ObjectDoesNotExist):
            staff = None
        if staff is None:
            raise NotConfirmed(_NOT_RIGHT)
        secret = os.urandom(_SECRET_LENGTH)
        ends_at = open_command_session(
            hashlib.sha256(secret).digest(), staff=staff.id, acting=tools.acting(staff.id)
        )
        _keep(session_file(tools.workspace), secret)
        until = datetime.fromtimestamp(ends_at, ZoneInfo(tools.workspace.time_zone))
        value = {
            "name": staff.name,
            "roles": [role.value for role in staff.roles],
            "until": until.isoformat(),
        }
        roles = ", ".join(staff.roles) or "no role today"
        show(value, as_json=as_json, text=f"{staff.name} ({roles}) until {until:%H:%M}")


@app.command()
def logout(*, workspace: WorkspaceOption = None) -> None:
    """End the session that was opened here; without one nothing happens."""
    with opened(workspace) as tools:
        from despensa.records.staff import queries
        from despensa.usecases.end_command_session import end_command_session

        secret = read_secret(tools.workspace)
        if secret is None:
            return
        digest = hashlib.sha256(secret).digest()
        staff = queries.of_command_session(digest, tools.today(), tools.now())
        end_command_session(digest, acting=tools.acting(None if staff is None else staff.id))
        session_file(tools.workspace).unlink(missing_ok=True)


def _keep(path: Path, secret: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
    partial.replace(path)
