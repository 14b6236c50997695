"""`despensa card`: what a printed code says, without any workspace."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.adapters.qr import read_images
from despensa.domain.card.foreign import TokenReading, named_claims, read_token
from despensa.domain.card.issuer_key import parse_issuer_keys
from despensa.domain.card.verify import Verdict
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.opened import JsonOption, show
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_HIDDEN = "(secret)"
_UNREADABLE, _EXPIRED, _NOT_YET_VALID = "unreadable", "expired", "not_yet_valid"


@app.callback()
def _card() -> None:
    """Printed cards."""


@app.command()
def decode(
    file: Annotated[Path, typer.Argument(help="A picture, a PDF or the code's text; - for stdin.")],
    *,
    issuer_key: Annotated[
        list[str], typer.Option("--issuer-key", help="Raw hex, PEM, JWK or JWKS; text or file.")
    ],
    opening_key: Annotated[
        list[str] | None,
        typer.Option("--opening-key", help="Hex of an AES key, for a code sealed to its reader."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Say what a Claim 169 code of any issuer holds, and whether one of the keys signed it.

    The secret of a Despensa card is never shown. A genuine code may be expired or not yet valid, which
    is then the reason. Exit code 0 only for a genuine code that is valid today.
    """
    keys = [key for text in issuer_key for key in parse_issuer_keys(read_in.key_text(text))]
    text = _one_text(read_in.data_of(file))
    if text is None:
        reading = TokenReading(Verdict.CANNOT_TELL, None)
    else:
        opening_keys = [_opening_key(read_in.key_text(one)) for one in opening_key or ()]
        reading = read_token(text, keys=keys, now=int(time.time()), opening_keys=opening_keys)
    reason = _UNREADABLE if text is None else _reason(reading)
    value = {
        "verdict": reading.verdict.value,
        "reason": reason,
        "claims": _without_secret(named_claims(reading.claims)),
        "kid": None if reading.kid is None else reading.kid.hex(),
        "expired": reading.expired,
        "not_yet_valid": reading.not_yet_valid,
    }
    lines = [f"{name}: {item}" for name, item in value.items() if item is not None]
    show(value, as_json=as_json, text="\n".join(lines))
    if reason is not None:
        raise typer.Exit(1)


def _reason(reading: TokenReading) -> str | None:
    if reading.fault is not None:
        return reading.fault.value
    if reading.expired:
        return _EXPIRED
    return _NOT_YET_VALID if reading.not_yet_valid else None


def _opening_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) not in {16, 24, 32}:
        raise Mistake("An opening key is 32, 48 or 64 hex digits (AES).")
    return key


def _one_text(data: bytes) -> str | None:
    text = read_in.card_text(data)
    if text is not None:
        return text
    texts = read_images(data)
    if len(texts) > 1:
        raise Mistake(f"The picture shows {len(texts)} codes. Cut out the one you mean.")
    return texts[0] if texts else None


def _without_secret(claims: dict[str, Any]) -> dict[str, Any]:
    private = claims.get("cardSecret")
    if isinstance(private, list):
        return claims | {"cardSecret": [*private[:2], *[_HIDDEN for _ in private[2:]]]}
    return claims
