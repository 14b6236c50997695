"""Password and code: from the terminal, or for scripts from the environment and options."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from despensa.entrypoints.cli.problems import Mistake

PASSWORD_VARIABLE = "DESPENSA_PASSWORD"  # noqa: S105 - the name of a variable
CODE_VARIABLE = "DESPENSA_CODE"

PasswordOption = Annotated[
    str | None,
    typer.Option(
        envvar=PASSWORD_VARIABLE,
        help="For scripts; better in DESPENSA_PASSWORD, where other users do not see it.",
    ),
]
PasswordFileOption = Annotated[
    Path | None, typer.Option(help="A file whose first line is the password; - for stdin.")
]
CodeOption = Annotated[
    str | None,
    typer.Option(envvar=CODE_VARIABLE, help="The six digits the authenticator shows now."),
]


def asked(value: str | None, question: str, option: str, *, hidden: bool = False) -> str:
    """
    Return what was given, or what the person at the terminal answers.

    Raises: Mistake when there is no terminal to ask on.
    """
    if value:
        return value
    if not sys.stdin.isatty():
        raise Mistake(f"There is no terminal to ask on: give {option}.")
    return str(typer.prompt(question, hide_input=hidden, err=True))


def password(value: str | None, file: Path | None) -> str:
    """
    Return the password that was given, in the order option, file, terminal.

    Raises: Mistake when there is none and no terminal.
    """
    if value is None and file is not None:
        try:
            text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise Mistake(
                f"{file} is no text in UTF-8; write the password into it again."
            ) from error
        value = text.splitlines()[0] if text else ""
    option = f"{PASSWORD_VARIABLE} or --password-file"
    return asked(value, "Password", option, hidden=True)


def code(value: str | None) -> str:
    """
    Return the code of the second factor that was given, or ask for it.

    Raises: Mistake when there is no terminal.
    """
    return asked(value, "Code", f"{CODE_VARIABLE} or --code").replace(" ", "")
