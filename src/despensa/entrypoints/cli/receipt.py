"""`despensa receipt`: whether a receipt holds, checked with nothing but the authority's key."""

from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.domain import receipt as receipts
from despensa.domain.correction.slot import Refusal
from despensa.domain.encoding import cose
from despensa.domain.enrolment.answer import Bring, EnrolmentReason
from despensa.domain.refusal import RefusalReason
from despensa.entrypoints import desk_words
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.opened import JsonOption, show
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
    file: Annotated[Path, typer.Argument(help="The receipt: raw, base64 or hex; - for stdin.")],
    *,
    authority_key: AuthorityKeyOption,
    language: Annotated[str, typer.Option(help="Of the sentences.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Check a receipt offline and say what it proves; exit code 1 when it does not hold."""
    data = read_in.signed_bytes(file)
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
        "offered": None if said.offered is None else said.offered.name.lower(),
        "event_hash": said.content_hash.hex(),
        "words": " ".join(receipts.spoken_code(data)),
        "sentences": _sentences(said, language),
    }


def _reason(said: receipts.Receipt) -> str | None:
    if said.reason is None:
        return None
    known = {int(one): one.name.lower() for one in (*RefusalReason, *EnrolmentReason, *Refusal)}
    return known.get(int(said.reason), str(said.reason))


def _bring(number: int) -> str:
    return {int(one): one.name.lower() for one in Bring}.get(number, str(number))


def _sentences(said: receipts.Receipt, language: str) -> list[str]:
    """Return what the person is told, and what they can do."""
    of_the_desk = desk_words.message_of(said)
    if of_the_desk is not None:
        things = desk_words.things_to_bring(said, language)
        return [*desk_words.answer_said(of_the_desk, language), *things]
    if isinstance(said.reason, RefusalReason):
        return reason_lines(said.reason, language)
    return []
