"""`despensa log`: the public log checked, and proofs that need nothing but two keys."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from despensa.adapters.log_storage import LogReport, verify_log
from despensa.adapters.log_storage.signing import SigningRecord
from despensa.adapters.log_storage.tiles import PENDING
from despensa.adapters.workspace import folder as workspaces
from despensa.domain.encoding import cose
from despensa.domain.receipt import verify_receipt
from despensa.domain.transparency import checkpoint as notes
from despensa.domain.transparency import journal
from despensa.domain.transparency import proof as proofs
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    found_workspace,
    opened,
    show,
    tell,
)
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.receipt import AuthorityKeyOption

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

LogKeyOption = Annotated[
    str | None, typer.Option("--log-key", help="The log's verifier key: despensa keys.")
]
_TOLD_EVERY = 100_000


@app.callback()
def _log() -> None:
    """The transparency log."""


@app.command()
def verify(
    *,
    last_seen: Annotated[
        Path | None, typer.Option(help="A checkpoint seen before; else the keeper's own record.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Any copy of a log, such as a mirror; with --log-key.")
    ] = None,
    log_key: LogKeyOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Check every leaf, tile and checkpoint, and that the log continues what was seen before.

    Needs no database. Exit code 1 when anything does not hold, naming the first broken piece.
    """
    if folder is not None and log_key is None:
        raise Mistake("A copy of a log is checked with its key: give --log-key.")
    if folder is None or log_key is None:
        tools = wiring.open_tools(found_workspace(workspace))
        folder, vkey = tools.log.folder, tools.log_vkey
        seen = _signed_last(tools.workspace, vkey)
    else:
        vkey, seen = read_in.key_text(log_key), None
    _require_key(vkey)
    if last_seen is not None:
        seen = _checkpoint_of(last_seen, vkey)
    report = verify_log(folder, vkey, last_seen=seen, on_progress=_told)
    value = _described(report, seen)
    text = "\n".join(f"{name}: {item}" for name, item in value.items() if item is not None)
    show(value, as_json=as_json, text=text)
    if not report.is_verified:
        raise typer.Exit(1)


@app.command()
def prove(
    receipt: Annotated[Path, typer.Argument(help="The receipt: raw, base64 or hex; - for stdin.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write the proof here instead of stdout.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a portable proof that what a receipt says is in the log; it needs no database."""
    data = read_in.signed_bytes(receipt)
    with opened(workspace) as tools:
        ring = tools.keeper.signatory.public_keys().authority_ring()
        event_hash = _content_hash(data, ring)
        text = proofs.encode(_proof_of(event_hash, tools))
    if out is None:
        typer.echo(text, nl=False)
        return
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)
    tell(f"proof written to {out}")


@app.command(name="prove-cycle")
def prove_cycle(
    cycle: Annotated[str, typer.Argument(metavar="CYCLE", help="Its id, as `cycle list` shows.")],
    *,
    out: Annotated[Path, typer.Option(help="Write the proof here.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Write what the log says of a decided cycle: a proof for everybody's slips of it."""
    with opened(workspace) as tools:
        from despensa.domain.release.evidence import encode
        from despensa.entrypoints.jobs import releasing, rounds
        from despensa.records.programmes import queries

        rounds.seal_log(tools)
        row = queries.cycle(_cycle_id(cycle))
        if row is None or row.frozen_root is None:
            raise Refused("There is no decided cycle with this id. See: despensa cycle list.")
        data = encode(releasing.evidence_of(row, tools.log.checkpoint(), tools))
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    partial.write_bytes(data)
    partial.replace(out)
    tell(f"proof written to {out}")


def _cycle_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Mistake(f"{text} is no id of a cycle. See: despensa cycle list.") from error


@app.command()
def check_proof(
    file: Annotated[Path, typer.Argument(help="The proof; - for stdin.")],
    *,
    receipt: Annotated[Path, typer.Option(help="The receipt the proof is about.")],
    authority_key: AuthorityKeyOption,
    log_key: Annotated[str, typer.Option("--log-key", help="The log's verifier key.")],
    as_json: JsonOption = False,
) -> None:
    """Check a proof with the receipt and two keys, offline; exit code 1 when it does not hold."""
    key = read_in.public_key(authority_key)
    vkey = read_in.key_text(log_key)
    _require_key(vkey)
    event_hash = _content_hash(read_in.signed_bytes(receipt), {cose.key_id(key): key})
    verdict = proofs.verify_proof(
        read_in.data_of(file).decode("utf-8", "replace"),
        log_vkey=vkey,
        authority_keys=[key],
        row=event_hash,
    )
    value = {
        "verdict": verdict.answer.value,
        "reason": verdict.reason,
        "size": None if verdict.checkpoint is None else verdict.checkpoint.size,
    }
    show(value, as_json=as_json, text=f"{verdict.answer.value}: {verdict.reason}")
    if verdict.answer is not proofs.Answer.VALID:
        raise typer.Exit(1)


def _content_hash(receipt: bytes, keys: Mapping[bytes, bytes]) -> bytes:
    """Return the event's hash of a receipt that holds."""
    try:
        return verify_receipt(receipt, authority_keys=keys).receipt.content_hash
    except (cose.MalformedSignature, cose.BadSignature, cose.UnknownKey) as error:
        raise Refused(f"This receipt does not hold under the authority's key: {error}.") from error


def _proof_of(event_hash: bytes, tools: wiring.Tools) -> proofs.Proof:
    from despensa.entrypoints.jobs import rounds
    from despensa.records import journal_queries
    from despensa.records.databases import LEDGER, REGISTRY

    rounds.seal_log(tools)
    for database in (LEDGER, REGISTRY):
        for chunk in journal_queries.holding(database, event_hash):
            rows = list(journal.parse_stored(chunk.stored).rows)
            if event_hash not in rows or chunk.number is None:
                continue
            row = proofs.row_evidence(
                leaf=chunk.leaf,
                salt=chunk.salt,
                rows=rows,
                index=rows.index(event_hash),
                signer=tools.keeper.signatory.sign_bytes,
            )
            text = tools.log.checkpoint()
            size = notes.verify(text, notes.parse_vkey(tools.log_vkey)).size
            path = tuple(tools.log.inclusion_proof(chunk.number, size=size))
            return proofs.Proof(chunk.number, path, text, row)
    raise Refused(
        "What this receipt says has not reached the log: its phone has not been synchronised yet, "
        "or the cycle's traces have faded. Try again after the phone has sent its events."
    )


def _signed_last(workspace: workspaces.Workspace, vkey: str) -> notes.Checkpoint | None:
    """Return what the keeper signed last; kept outside the folder, it notices a rolled-back one."""
    if (workspace.log / PENDING).exists():
        # the record runs ahead of a sealing that was cut off; the next sealing ends it
        return None
    record = SigningRecord(workspace.keys / "keeper" / "log-last-signed", _require_key(vkey).name)
    return record.last()


def _checkpoint_of(file: Path, vkey: str) -> notes.Checkpoint:
    """Return a checkpoint somebody kept; a signed one must be signed by this log."""
    text = read_in.data_of(file).decode("utf-8", "replace")
    try:
        if "\n\n" in text:
            return notes.verify(text, notes.parse_vkey(vkey))
        return notes.parse_text(text)
    except ValueError as error:
        raise Mistake(f"{file} is no checkpoint of this log: {error}.") from error


def _require_key(vkey: str) -> notes.VerifierKey:
    try:
        return notes.parse_vkey(vkey)
    except ValueError as error:
        raise Mistake(
            f"The log's key cannot be read: {error}. `despensa keys` prints it."
        ) from error


def _described(report: LogReport, seen: notes.Checkpoint | None) -> dict[str, object]:
    problem = report.problem
    return {
        "answer": report.answer.value,
        "size": None if report.checkpoint is None else report.checkpoint.size,
        "root": None if report.checkpoint is None else report.checkpoint.root.hex(),
        "leaves_checked": report.leaves_checked,
        "tiles_checked": report.tiles_checked,
        "continues_from": None if seen is None else seen.size,
        "is_interrupted": report.is_interrupted,
        "piece": None if problem is None else problem.piece,
        "leaf": None if problem is None else problem.leaf,
        "reason": None if problem is None else problem.reason,
        "mend": None if problem is None else problem.mend,
    }


def _told(done: int, total: int) -> None:
    if done % _TOLD_EVERY < 256 and total > _TOLD_EVERY and sys.stderr.isatty():
        tell(f"{done} of {total} leaves")
