"""`despensa payment statement`, `lines` and `resolve`: what comes back about payments."""

import hashlib
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from despensa.domain.payment.statement import LineStatus
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from despensa.domain.payment.statement import Line


class Kind(StrEnum):
    """What kind of file came back."""

    CAMT053 = "camt053"
    PAIN002 = "pain002"
    HOPE = "hope"
    CSV = "csv"


_NUMBER = {Kind.CAMT053: 1, Kind.PAIN002: 2, Kind.HOPE: 3, Kind.CSV: 4}


def statement(
    file: Annotated[Path, typer.Argument(help="What came back.")],
    *,
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    columns: Annotated[
        str, typer.Option(help="Of a CSV: reference=,amount=,currency=,status= headings.")
    ] = "",
    separator: Annotated[str, typer.Option(help="Of a CSV.")] = ",",
    comma: Annotated[bool, typer.Option(help="Of a CSV: decimals follow a comma.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take a statement or an answer: every line gets a status, and nothing is changed in place.

    The same file again changes nothing; a corrected file is applied as corrections.
    """
    with entered("payment statement", workspace) as door, file.open("rb") as stream:
        from despensa.adapters.payments.problem import StatementRefused
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.take_statement import Document, take_statement

        if not door.reach(Permission.RUN_PAYMENTS).is_everything:
            raise Refused("A statement is about every programme: your role is for some of them.")
        digest = hashlib.file_digest(stream, "sha256").digest()
        stream.seek(0)
        try:
            counts = take_statement(
                Document(digest, _NUMBER[kind], file.name),
                _lines(kind, stream, columns, separator, comma=comma),
                acting=door.tools.acting(door.staff),
            )
        except StatementRefused as error:
            raise Refused(f"{error} Nothing was changed.") from error
        rounds.seal_log(door.tools)
    value: dict[str, Any] = {
        "statement": digest.hex(),
        "is_new": counts is not None,
        "lines": {LineStatus(one).name.lower(): count for one, count in (counts or {}).items()},
    }
    text = (
        "This file was taken before: nothing was changed."
        if counts is None
        else "\n".join(f"{name}: {count}" for name, count in value["lines"].items())
    )
    show(value, as_json=as_json, text=text)


def lines(
    statement_hash: Annotated[str, typer.Argument(metavar="STATEMENT", help="Its SHA-256.")],
    *,
    status: Annotated[str | None, typer.Option(help="Only lines of this status.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the lines of a statement and what each turned out to be."""
    with entered("payment lines", workspace) as door:
        from despensa.records.payments import queries

        if not door.reach(Permission.SEE_LEDGER).is_everything:
            raise Refused("A statement is about every programme: your role is for some of them.")
        try:
            number = None if status is None else LineStatus[status.upper()]
            found = queries.lines(bytes.fromhex(statement_hash), status=number)
        except (KeyError, ValueError) as error:
            raise Mistake("Give the SHA-256 of a statement, and a status it has.") from error
    rows: list[dict[str, Any]] = [
        {
            "line": one.number,
            "reference": one.reference,
            "status": LineStatus(one.status).name.lower(),
            "note": one.note,
        }
        for one in found
    ]
    show(
        rows,
        as_json=as_json,
        text=table(
            ["line", "reference", "status", "note"],
            [[str(row["line"]), row["reference"], row["status"], row["note"]] for row in rows],
        ),
    )


def resolve(
    reference: Annotated[str, typer.Argument(help="Reference of a payment nobody reports about.")],
    *,
    paid: Annotated[bool, typer.Option("--paid/--failed", help="What the provider says.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose what became of a payment that no statement tells of; a checker decides."""
    with entered("payment resolve", workspace) as door:
        from despensa.entrypoints.jobs import paying

        if not door.reach(Permission.RUN_PAYMENTS).is_everything:
            raise Refused("A payment is found in every programme: your role is for some of them.")
        try:
            proposal = paying.propose_outcome(
                reference, is_paid=paid, acting=door.tools.acting(door.staff)
            )
        except paying.ListRefused as error:
            raise Refused(str(error)) from error
    digest = hashlib.sha256(reference.encode()).hexdigest()
    text = f"proposed: despensa payment approve {proposal} --file-hash {digest}"
    show({"proposal": str(proposal), "hash": digest}, as_json=as_json, text=text)


def _lines(
    kind: Kind, stream: BinaryIO, columns: str, separator: str, *, comma: bool
) -> "Iterator[Line]":
    from despensa.adapters.payments import iso20022, tables

    if kind is Kind.CAMT053:
        return iso20022.read_camt053(stream)
    if kind is Kind.PAIN002:
        return iso20022.read_pain002(stream)
    if kind is Kind.HOPE:
        return tables.read_hope(stream)
    named = dict(pair(one) for one in columns.split(",") if one)
    unknown = set(named) - {"reference", "amount", "currency", "status"}
    if unknown:
        raise Mistake(f"{min(unknown)} is no column of a statement.")
    mapping = replace(tables.Columns(comma=comma, separator=separator), **named)  # type: ignore[arg-type]
    return tables.read_csv(stream, mapping)


def pair(text: str) -> tuple[str, str]:
    """Return name and value of a setting written name=value. Raises: Mistake."""
    name, sign, value = text.partition("=")
    if not sign:
        raise Mistake(f"{text!r} is no setting: write name=value.")
    return name.strip(), value
