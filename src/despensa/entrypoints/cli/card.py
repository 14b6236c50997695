"""`despensa card`: what a printed code says; ordering cards and counting them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.adapters.qr import read_images
from despensa.domain.card.count import CountRefused
from despensa.domain.card.envelope import Fault
from despensa.domain.card.foreign import TokenReading, named_claims, read_token
from despensa.domain.card.hand_over import ListRefused
from despensa.domain.card.issuer_key import parse_issuer_keys
from despensa.domain.card.sheet import A4_TEN, LAYOUTS
from despensa.domain.card.verify import Verdict
from despensa.domain.card_order import CardOrder, OrderRefused
from despensa.domain.epoch import epoch_of
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.role import Permission
from despensa.entrypoints.cli import card_shop, read_in
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
)
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.written import new_file

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_HIDDEN = "(secret)"
_UNREADABLE, _EXPIRED, _NOT_YET_VALID = "unreadable", "expired", "not_yet_valid"
# what the code of something else has, such as that of a web page
_NO_TOKEN = frozenset({Fault.TEXT, Fault.COMPRESSION})
# decided, opening, open
_CARDS_MAY_BE_ORDERED = (2, 3, 4)
# more than any code holds: a longer text gets its fault as a text, and is not called a broken picture
_TEXT_BYTES_MAX = 1 << 20


@app.callback()
def _card() -> None:
    """Printed cards."""


@app.command()
def decode(
    file: Annotated[Path, typer.Argument(help="A picture, a PDF or the code's text; - for stdin.")],
    *,
    issuer_key: Annotated[
        list[str] | None,
        typer.Option(
            "--issuer-key",
            help="Raw hex, PEM, JWK or JWKS; text or file. Without one the answer is: cannot tell.",
        ),
    ] = None,
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
    keys = [key for text in issuer_key or () for key in parse_issuer_keys(read_in.key_text(text))]
    opening_keys = [_opening_key(read_in.key_text(one)) for one in opening_key or ()]
    now = int(time.time())
    reading = _the_one([
        _as_typed(text, lambda one: read_token(
            one, keys=keys, now=now, opening_keys=opening_keys, text_length_max=_TEXT_BYTES_MAX
        ))
        for text in _texts(read_in.data_of(file))
    ])  # fmt: skip
    reason = _UNREADABLE if reading is None else _reason(reading)
    reading = reading or TokenReading(Verdict.CANNOT_TELL, None)
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


def _texts(data: bytes) -> list[str]:
    """Return the text that the data are, or those of the codes on a picture, each once."""
    text = read_in.card_text(data, _TEXT_BYTES_MAX)
    return list(dict.fromkeys(read_images(data))) if text is None else [text]


def _as_typed(text: str, read: Callable[[str], TokenReading]) -> TokenReading:
    """Read a text; spaces around it are letters of base45, or somebody's typing."""
    reading = read(text)
    if reading.fault in _NO_TOKEN and text != text.strip():
        bare = read(text.strip())
        return reading if bare.fault in _NO_TOKEN else bare
    return reading


def _the_one(readings: list[TokenReading]) -> TokenReading | None:
    """Return the token among the codes of a picture, None without a code."""
    tokens = [one for one in readings if one.fault not in _NO_TOKEN]
    if len(readings) > 1 and len(tokens) != 1:
        raise Mistake(f"The picture shows {len(readings)} codes. Cut out the one you mean.")
    return next(iter(tokens or readings), None)


def _without_secret(claims: dict[str, Any]) -> dict[str, Any]:
    private = claims.get("cardSecret")
    if isinstance(private, list):
        return claims | {"cardSecret": [*private[:2], *[_HIDDEN for _ in private[2:]]]}
    return claims


@app.command()
def order(
    *,
    help_line: Annotated[str, typer.Option(help="The number to call that stands on every card.")],
    cycle: Annotated[
        UUID | None, typer.Option(help="Cards for its households without one; else stock alone.")
    ] = None,
    stock: Annotated[int, typer.Option(min=0, help="Cards of nobody, bound by scanning.")] = 0,
    layout: Annotated[
        str, typer.Option(help=f"One of {', '.join(one.name for one in LAYOUTS.values())}.")
    ] = A4_TEN.name,
    language: Annotated[
        str | None, typer.Option(help="One or two, such as es,en; else those of the workspace.")
    ] = None,
    years: Annotated[int, typer.Option(help="Years a card is valid.")] = 5,
    hand_over_list: Annotated[
        bool, typer.Option(help="Name a list of names in sheet order, which leaves the system.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Propose a batch of cards; a second person approves exactly this order.

    Who has a card gets no second one. Every code is read back from the finished pages.
    """
    chosen = {one.name: one for one in LAYOUTS.values()}.get(layout)
    if chosen is None:
        raise Mistake(
            f"--layout {layout}: choose from {', '.join(one.name for one in LAYOUTS.values())}."
        )
    with entered("card order", workspace) as door:
        from despensa.entrypoints.jobs import cards, rounds

        tools, today = door.tools, door.tools.today()
        _require_cycle(door, cycle)
        languages = language.split(",") if language else tools.workspace.languages[:2]
        asked = CardOrder(
            cycle=cycle,
            stock=stock,
            epoch=epoch_of(today),
            expires_on=cards.valid_until(years, today),
            layout=chosen,
            languages=tuple(languages),
            help_line=help_line,
        )
        try:
            proposal = cards.order(
                asked, tools, acting=tools.acting(door.staff), with_list=hand_over_list
            )
        except OrderRefused as refused:
            raise Mistake(str(refused)) from refused
        rounds.seal_log(tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command(name="list")
def names_of_batch(
    batch: Annotated[UUID, typer.Argument(help="The batch, as its folder is called.")],
    *,
    out: Annotated[Path, typer.Option(help="A new PDF file for the names.")],
    language: Annotated[str, typer.Option(help="Such as es.")] = "en",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Print who gets which card, in the order of the sheets, if the order of the cards named this.

    Each of these people can read that it was printed. Nothing of it is kept in the workspace.
    """
    with entered("card list", workspace) as door:
        from despensa.entrypoints.jobs import hand_over, rounds

        known = hand_over.languages()
        if language not in known:
            raise Mistake(f"No list is in {language}: choose from {', '.join(known)}.")
        try:
            pdf = hand_over.printed_list(
                batch, language, door.tools, acting=door.tools.acting(door.staff)
            )
        except (ListRefused, ApprovalInvalid) as refused:
            raise Refused(str(refused)) from refused
        rounds.seal_log(door.tools)
    new_file(out, pdf)
    show({"list": str(out)}, as_json=as_json, text=f"{out}: destroy it when the cards are given")


@app.command()
def count(
    batch: Annotated[UUID, typer.Argument(help="The batch, as its folder is called.")],
    *,
    good: Annotated[int, typer.Option(min=0, help="How many good cards there are.")],
    spoilt: Annotated[
        list[str] | None, typer.Option(help="A torn or missing card's number; may be given again.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Count a printed batch: its print files are destroyed, spoilt cards are never valid.

    The household of a spoilt card is in the next order.
    """
    with entered("card count", workspace) as door:
        from despensa.entrypoints.jobs import cards, rounds

        acting = door.tools.acting(door.staff)
        try:
            numbers = [parse_card_number(typed) for typed in spoilt or ()]
            is_new = cards.count(batch, good=good, spoilt=numbers, tools=door.tools, acting=acting)
        except (CardNumberError, CountRefused) as refused:
            raise Refused(str(refused)) from refused
        rounds.seal_log(door.tools)
    text = "counted; the print files are destroyed" if is_new else "it was counted before"
    show({"counted": is_new}, as_json=as_json, text=text)


app.command(name="send")(card_shop.send)
app.command(name="package")(card_shop.package)
app.command(name="return")(card_shop.take_return)


def _require_cycle(door: Entered, cycle: UUID | None) -> None:
    """Refuse a cycle that is not decided, or not in reach."""
    if cycle is None:
        return
    from despensa.records.programmes import queries

    row = queries.cycle(cycle)
    reach = door.reach(Permission.ISSUE_CARDS)
    if row is None or not reach.covers(row.programme, row.programme_area):
        raise Refused(
            "There is no such cycle, or it is outside the area or programme of your role: nothing "
            "was proposed."
        )
    if row.state not in _CARDS_MAY_BE_ORDERED:
        raise Refused("Cards are ordered for a cycle that is decided and not closed.")
