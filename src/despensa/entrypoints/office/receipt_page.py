"""A signed receipt on the screen, made for printing, in the language of the person it is for."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from despensa.adapters.qr import ZxingCodes
from despensa.domain.receipt import Receipt, spoken_code, verify_receipt
from despensa.entrypoints import wiring
from despensa.entrypoints.desk_words import LANGUAGES
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.shell import show
from despensa.entrypoints.office.states import Word

_CODE_SIDE_MM = 60.0


@dataclass(frozen=True, slots=True)
class Back:
    """The page a receipt belongs to: where it is and what it is called."""

    url: str
    word: Word


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """`office/receipt.html`: what a person takes away, in their language, not the reader's."""

    back: Back
    title: str
    language: str
    direction: Literal["ltr", "rtl"]
    serial: str
    sentences: tuple[str, ...]
    words: str
    code_url: str
    languages: tuple[Choice, ...]


def show_receipt(
    request: HttpRequest,
    signed: bytes,
    *,
    room: str,
    back: Back,
    title: Callable[[Receipt], str],
    sentences: Callable[[Receipt], tuple[str, ...]],
) -> HttpResponse:
    """Show a receipt that this workspace signed; `title` and `sentences` say it in words."""
    authority = wiring.tools().keeper.signatory.public_keys().authority_ring()
    said = verify_receipt(signed, authority_keys=authority).receipt
    asked = request.GET.get("language", "")
    language = asked if asked in LANGUAGES else translation.get_language() or "en"
    picture = ZxingCodes().code_svg(signed.hex().upper(), side_mm=_CODE_SIDE_MM)
    with translation.override(language):
        page = ReceiptPage(
            back=back,
            title=title(said),
            language=language,
            direction="rtl" if translation.get_language_bidi() else "ltr",
            serial=said.serial,
            sentences=sentences(said),
            words=" ".join(spoken_code(signed)),
            code_url="data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
            languages=tuple(Choice(code, name) for code, name in LANGUAGES.items()),
        )
    return show(request, "office/receipt.html", room, page)
