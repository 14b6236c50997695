"""`despensa receipt`: whether a receipt holds, checked with nothing but the authority's key."""

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.domain import receipt as receipts
from despensa.domain.appeal import Answer, Ground
from despensa.domain.appeal import Reason as AppealReason
from despensa.domain.correction.slot import Refusal
from despensa.domain.eligibility import paper as papers
from despensa.domain.encoding import cose
from despensa.domain.enrolment.answer import Bring, EnrolmentReason
from despensa.domain.refusal import RefusalReason
from despensa.entrypoints import appeal_words, desk_words
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.opened import JsonOption, show
from despensa.entrypoints.cli.problems import Mistake
from despensa.entrypoints.cli.sentences import day_text, reason_lines

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

AuthorityKeyOption = Annotated[
    str, typer.Option("--authority-key", help="64 hex digits, or a file with them.")
]


@app.callback()
def _receipt() -> None:
    """Receipts people take away."""


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="The receipt: raw, base64 or hex, or a picture or PDF of its paper; - for stdin."
        ),
    ],
    *,
    authority_key: AuthorityKeyOption,
    language: Annotated[str, typer.Option(help="Of the sentences.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Check a receipt offline and say what it proves; exit code 1 when it does not hold."""
    data = _receipt_in(file)
    key = read_in.public_key(authority_key)
    value = verdict_on(data, key, language)
    plain = {name: item for name, item in value.items() if name != "sentences"}
    lines = [f"{name}: {item}" for name, item in plain.items() if item is not None]
    lines += value["sentences"]
    show(value, as_json=as_json, text="\n".join(lines))
    if value["verdict"] != "valid":
        raise typer.Exit(1)


def verdict_on(data: bytes, authority_key: bytes, language: str = "en") -> dict[str, Any]:
    """Return what a receipt says and whether it holds: valid, not valid or cannot tell."""
    try:
        checked = receipts.verify_receipt(
            data, authority_keys={cose.key_id(authority_key): authority_key}
        )
    except cose.UnknownKey:
        why = "signed under another authority's key: ask for that one"
        return {"verdict": "cannot tell", "why": why, "reason": None, "sentences": []}
    except (cose.MalformedSignature, cose.BadSignature) as error:
        return {"verdict": "not valid", "why": str(error), "reason": None, "sentences": []}
    said = checked.receipt
    return {
        "verdict": "valid",
        "why": None,
        "kind": said.kind.name.lower(),
        "serial": said.serial,
        "day": day_text(said.day),
        "goods": None if said.goods is None else [list(line) for line in said.goods],
        "reason": _reason(said),
        "appeal_until": None if said.appeal_until is None else day_text(said.appeal_until),
        "last_copy_until": (
            None if said.last_copy_until is None else day_text(said.last_copy_until)
        ),
        "bring": None if said.bring is None else [_bring(one) for one in said.bring],
        "come_by": None if said.come_by is None else day_text(said.come_by),
        "answer_until": None if said.answer_until is None else day_text(said.answer_until),
        "ground": None if said.ground is None else _named(Ground, said.ground),
        "answer": None if said.answer is None else _named(Answer, said.answer),
        "cycle": None if said.cycle_id is None else str(UUID(bytes=said.cycle_id)),
        "offered": None if said.offered is None else said.offered.name.lower(),
        "event_hash": said.content_hash.hex(),
        "words": " ".join(receipts.spoken_code(data)),
        "sentences": _sentences(said, language),
    }


def _reason(said: receipts.Receipt) -> str | None:
    if said.reason is None:
        return None
    lists = (*RefusalReason, *EnrolmentReason, *Refusal, *AppealReason)
    known = {int(one): one.name.lower() for one in lists}
    return known.get(int(said.reason), str(said.reason))


def _bring(number: int) -> str:
    return _named(Bring, number)


def _named(kind: type[IntEnum], number: int) -> str:
    """Return a number of a closed list by its name; one of a later release stays a number."""
    return {int(one): one.name.lower() for one in kind}.get(number, str(number))


def _receipt_in(file: Path) -> bytes:
    """Return the receipt in a file of it, or in a picture or PDF of its paper. Raises: Mistake."""
    data = read_in.data_of(file)
    signed = read_in.signed_in(data)
    text = read_in.card_text(data)
    if signed is None and text is not None:
        signed = papers.slip_in([text])
    if signed is None and text is None:
        from despensa.adapters.qr import PictureError, read_images

        try:
            signed = papers.slip_in(read_images(data))
        except PictureError as error:
            raise Mistake(f"{file} holds no receipt: {error}.") from error
    if signed is None:
        raise Mistake(
            f"{file} holds no receipt: give the file of the receipt, its base64 text, the PDF of "
            "its paper, or a sharp and straight picture of its code."
        )
    return signed


def _sentences(said: receipts.Receipt, language: str) -> list[str]:
    """Return what the person is told, and what they can do."""
    of_an_appeal = appeal_words.appeal_said(said, language, day_text)
    if of_an_appeal is not None:
        return [of_an_appeal.title, *of_an_appeal.sentences]
    of_the_desk = desk_words.message_of(said)
    if of_the_desk is not None:
        things = desk_words.things_to_bring(said, language)
        return [*desk_words.answer_said(of_the_desk, language), *things]
    if isinstance(said.reason, RefusalReason):
        return reason_lines(said.reason, language)
    return []
