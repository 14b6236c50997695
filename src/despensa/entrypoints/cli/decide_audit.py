"""`despensa decide audit`: a whole cycle made again from its sealed package, anywhere."""

import os
from pathlib import Path
from typing import Annotated

import typer

from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.problems import Mistake
from despensa.entrypoints.cli.showing import JsonOption, show

_KEY_LENGTH = 32


def audit_key(
    out: Annotated[Path, typer.Option(help="A new file for the private key; keep it offline.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a key for packages: the private half in a file, the public half printed."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = X25519PrivateKey.generate()
    try:
        number = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(private.private_bytes_raw().hex() + "\n")
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {error.strerror}. Name a new file.") from error
    public = private.public_key().public_bytes_raw().hex()
    show({"public_key": public, "private_key_file": str(out)}, as_json=as_json, text=public)


def audit(
    package: Annotated[Path, typer.Argument(help="The sealed package, as the office gave it.")],
    *,
    key: Annotated[Path, typer.Option(help="The file that `decide audit-key` wrote.")],
    log_key: Annotated[
        str | None, typer.Option("--log-key", help="The log's verifier key, from somebody else.")
    ] = None,
    authority_key: Annotated[
        str | None, typer.Option(help="Of the office: 64 hex digits, or a file with them.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="A copy of the log held by somebody else: its folder.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Where the pieces lie in the clear meanwhile.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Decide a whole cycle again from its package; needs no server, database or workspace.

    Prints every check, and what was not checked. Exit code 1 when one does not hold.
    """
    from despensa.entrypoints import auditing

    private = _private(key)
    keys = auditing.Keys(
        None if log_key is None else read_in.key_text(log_key),
        None if authority_key is None else read_in.public_key(authority_key),
    )
    if log is not None and keys.log_vkey is None:
        raise Mistake("A copy of a log is checked with its key: give --log-key.")
    if not package.is_file():
        raise Mistake(f"{package} cannot be read: there is no such file.")
    mirror = None if log is None else auditing.mirror_of(log, keys.log_vkey or "")
    checks = []
    for check in auditing.audit_package(package, private, keys, mirror=mirror, work=work):
        checks.append(check)
        if not as_json:
            typer.echo(f"{check.state:<13}  {check.name}: {check.said}")
    holds = all(check.state != auditing.FAILS for check in checks)
    value = {
        "verdict": "holds" if holds else "does not hold",
        "checks": [
            {"check": check.name, "state": check.state, "said": check.said} for check in checks
        ],
    }
    show(value, as_json=as_json, text=f"the package {value['verdict']}")
    if not holds:
        raise typer.Exit(1)


def _private(file: Path) -> bytes:
    """Return the private key in a file. Raises: Mistake."""
    data = read_in.data_of(file).strip()
    try:
        private = data if len(data) == _KEY_LENGTH else bytes.fromhex(data.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        private = b""
    if len(private) != _KEY_LENGTH:
        raise Mistake(f"{file} holds no key: it is the file that despensa decide audit-key wrote.")
    return private
