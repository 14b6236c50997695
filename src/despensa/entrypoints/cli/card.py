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
_UNREADABLE = "unreadable"


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
    as_json: JsonOption = False,
) -> None:
    """
    Say what a Claim 169 code of any issuer holds, and whether one of the keys signed it.

    The secret of a Despensa card is never shown. Exit code 0 only for a genuine code.
    """
    keys = [key for text in issuer_key for key in parse_issuer_keys(read_in.key_text(text))]
    text = _one_text(read_in.data_of(file))
    if text is None:
        reading = TokenReading(Verdict.CANNOT_TELL, None)
    else:
        reading = read_token(text, keys=keys, now=int(time.time()))
    reason = _UNREADABLE if text is None else None
    value = {
        "verdict": reading.verdict.value,
        "reason": reason if reading.fault is None else reading.fault.value,
        "claims": _without_secret(named_claims(reading.claims)),
        "kid": None if reading.kid is None else reading.kid.hex(),
        "expired": reading.expired,
        "not_yet_valid": reading.not_yet_valid,
    }
    lines = [f"{name}: {item}" for name, item in value.items() if item is not None]
    show(value, as_json=as_json, text="\n".join(lines))
    if reading.verdict is not Verdict.GENUINE:
        raise typer.Exit(1)


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
