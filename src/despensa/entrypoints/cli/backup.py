"""`despensa backup` and `despensa restore`: one sealed file, and a workspace from it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from despensa.adapters.backup import archive
from despensa.adapters.workspace.file import refuse_occupied
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import asking
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    found_workspace,
    refuse_unreachable,
    show,
    tell,
)
from despensa.entrypoints.cli.problems import Mistake

if TYPE_CHECKING:
    from despensa.entrypoints.jobs.backup import Restored

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

PASSPHRASE_MIN = 12

PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(help="A file whose first line is the passphrase; - for stdin."),
]


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, or a folder for it.")],
    *,
    workspace: WorkspaceOption = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write everything but the link keys into one sealed file, and read it back.

    Without the passphrase nobody opens it again: keep it where the file is not.
    """
    from despensa.entrypoints.jobs.backup import back_up

    found = found_workspace(workspace)
    secret = _passphrase(passphrase_file, is_new=True)
    with wiring.databases(found) as endpoints:
        if found.database_mode == "url":
            refuse_unreachable(endpoints)
        wiring.start_django()
        tell("writing the backup and reading it back")
        written = back_up(wiring.open_tools(found), endpoints, target, secret, random=os.urandom)
    value = {
        "file": str(written.path),
        "bytes": written.size,
        "files": written.files,
        "left_out": list(archive.LEFT_OUT),
    }
    text = "\n".join(
        (
            f"{written.path}: {written.size} bytes, read back whole",
            "Not in it, on purpose:",
            *(f"  - {line}" for line in archive.LEFT_OUT),
        )
    )
    show(value, as_json=as_json, text=text)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The backup.")],
    folder: Annotated[Path, typer.Argument(help="The folder to make; new or empty.")],
    *,
    passphrase_file: PassphraseFileOption = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="The newest checkpoint of the log you can find (public mirror, a witness): "
            "nothing older is ever signed again."
        ),
    ] = None,
    former: Annotated[
        Path | None,
        typer.Option(help="What is left of the folder the backup was made of, to compare with."),
    ] = None,
    accept_rollback: Annotated[
        bool,
        typer.Option(
            "--accept-rollback", help="Restore although the log was signed further since."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Make a workspace from a backup, check it, and say what comes next.

    What was signed after the backup is told by a checkpoint or a folder from outside it. Without
    one nobody can tell, and the log says for ever that it was so.
    """
    from despensa.entrypoints.jobs import backup as work

    refuse_occupied(folder.absolute())
    if not source.is_file():
        raise Mistake(f"There is no file {source}.")
    seen = None if checkpoint is None else _text_of(checkpoint)
    if former is not None and not former.is_dir():
        raise Mistake(f"There is no folder {former}.")
    secret = _passphrase(passphrase_file, is_new=False)
    with _appears_whole(folder) as made:
        tell("unpacking and filling the databases")
        restored = work.restore(
            source,
            made,
            secret,
            seen=seen,
            former=former,
            may_roll_back=accept_rollback,
            environ=dict(os.environ),
        )
    made_at = datetime.fromtimestamp(restored.manifest["made_at"], UTC)
    value = {
        "workspace": str(folder.absolute()),
        "made_at": restored.manifest["made_at"],
        "rows": restored.rows,
        "log_size": restored.log_size,
        "last_signed": restored.last_signed,
        "newest_known_outside": restored.known_size,
        "log_may_be_signed": restored.may_sign,
        "left_out": restored.manifest["left_out"],
    }
    show(value, as_json=as_json, text="\n".join(_told(folder, restored, made_at)))


def _told(folder: Path, restored: "Restored", made_at: datetime) -> list[str]:
    signing = (
        "the log verifies, and a public leaf says that it was restored"
        if restored.may_sign
        else f"the log has {restored.log_size} leaves and {restored.last_signed} were signed: "
        f"nothing is signed until the missing ones are copied from the mirror into {folder}/log"
    )
    proved = (
        "NOT PROVED: whether anything was signed after this backup. Its own log cannot tell. Look "
        "for a newer checkpoint (public mirror, witness, a printed one, the old folder); if it has "
        f"more than {restored.log_size} leaves, restore again with --checkpoint or --former before "
        "anybody works here."
        if restored.known_size is None
        else f"Compared with a log of {restored.known_size} leaves from outside the backup."
    )
    return [
        f"{folder}: as of {made_at:%Y-%m-%d %H:%M} UTC, {restored.rows} rows, {signing}",
        proved,
        "What was not in the backup, and what follows:",
        *(f"  - {line}" for line in restored.manifest["left_out"]),
        "Phones send again what the backup does not know: let each one synchronise.",
    ]


def _text_of(checkpoint: Path) -> str:
    try:
        return checkpoint.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Mistake(f"{checkpoint} is no checkpoint: it is no text in UTF-8.") from error


def _passphrase(file: Path | None, *, is_new: bool) -> str:
    if file is not None:
        secret = asking.password(None, file)
    else:
        secret = asking.asked(None, "Passphrase", "--passphrase-file", hidden=True)
        if is_new and asking.asked(None, "Again", "--passphrase-file", hidden=True) != secret:
            raise Mistake("The two passphrases differ: nothing was written.")
    if is_new and len(secret) < PASSPHRASE_MIN:
        raise Mistake(f"Choose a passphrase of at least {PASSPHRASE_MIN} characters.")
    return secret


@contextmanager
def _appears_whole(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the wanted one, which takes its name when everything is done."""
    target = folder.absolute()
    made = target.with_name(f".{target.name}.restore")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=0o700, parents=True)
    try:
        yield made
        if target.is_dir():
            target.rmdir()
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
