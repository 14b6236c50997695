"""
Prints pages of cards with typst and reads every code back from the finished pages.

The look lies in `data/print/card-sheet.typ`, which an office may edit; the rules of a code's size
lie in `domain/card/qr.py`, the rule of readiness in `domain/card/sheet.py`.
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/explanation/design.md section 6.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pypdfium2

from despensa.adapters.printing import pages
from despensa.adapters.printing.pages import POINTS_PER_INCH
from despensa.adapters.printing.template import SHIPPED, Template
from despensa.domain.card import qr, sheet
from despensa.domain.card.sheet import (
    A4_TEN,
    CardFace,
    Layout,
    PrintCard,
    ReadBack,
    SheetCheck,
    SheetError,
)
from despensa.domain.identifier import display_card_number
from despensa.domain.ports.printing import CodeWriter, PageReader

TEMPLATE = SHIPPED / "card-sheet.typ"
_WORDS_FILE = "card-words.json"
_WORDS = frozenset(
    {"name", "direction", "right", "keep", "help", "issued", "sheet", "of", "ruler", "title"}
    | {"code", "identity", "born", "gender", "until", "voluntary"}
)
_MM_PER_INCH = 25.4
# what a thermal printer has: a code that reads back from these dots reads from finer ones
_COARSEST_DPI = 203


class TypstCardPrinter:
    """Makes and checks sheets of cards; implements `CardPrinter`."""

    def __init__(
        self, *, writer: CodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """Take the drawer and the reader of codes and, if the office has one, its own template."""
        self._writer = writer
        self._reader = reader
        self._template = Template(
            template, words_file=_WORDS_FILE, words=_WORDS, problem=SheetError
        )

    def render_sheets(
        self,
        cards: Sequence[PrintCard],
        face: CardFace,
        languages: Sequence[str],
        layout: Layout = A4_TEN,
    ) -> bytes:
        """
        Return a PDF/A-2b and PDF/UA-1 file of cards in the order given.

        `languages` are one or two of `languages`, the first also for the notes on the sheet.
        Raises: SheetError for nothing to print, too many cards, an unknown language, or a
            template that typst cannot set; QrError for a card's text.
        """
        _check(cards)
        self._check_languages(languages)
        job = {
            "languages": list(languages),
            "issuer": face.issuer,
            "help": face.help_line,
            "issued": face.issued_on.isoformat(),
            "batch": face.batch,
            "layout": asdict(layout),
            "cards": [self._card(card, layout) for card in cards],
        }
        return self._template.pdf(job, day=face.issued_on)

    def card_picture(
        self, pdf: bytes, *, page: int, position: int, dpi: int = 300, layout: Layout = A4_TEN
    ) -> bytes:
        """
        Return one card of a file of sheets as a PNG, cut along its edges.

        Raises: SheetError when the file is no readable PDF or has no such place.
        """
        document = pages.opened(pdf, SheetError)
        if not (1 <= page <= len(document) and 1 <= position <= layout.per_page):
            raise SheetError(f"the file has no card at page {page}, position {position}")
        drawn = document[page - 1].render(scale=dpi / POINTS_PER_INCH).to_pil()
        document.close()
        left, top = layout.corner_of(position)
        edges = (left, top, left + layout.card_width, top + layout.card_height)
        file = io.BytesIO()
        drawn.crop(tuple(round(edge * dpi / _MM_PER_INCH) for edge in edges)).save(file, "PNG")
        return file.getvalue()

    def languages(self) -> dict[str, str]:
        """
        Return the languages a card can be printed in: code and own name.

        Raises: SheetError when the file of words beside the template cannot be used.
        """
        return self._template.languages()

    def read_back(self, pdf: bytes, layout: Layout = A4_TEN) -> list[ReadBack]:
        """
        Return every code of every page, read from the page as the coarsest printer draws it.

        Shape: in page order, then by position; position 0 is outside the cards.
        Raises: SheetError when the file is no readable PDF.
        """
        document = pages.opened(pdf, SheetError)
        found: list[ReadBack] = []
        for index in range(len(document)):
            found += self._page_codes(document[index], index + 1, layout)
        document.close()
        return found

    def verify_sheet(
        self, pdf: bytes, expected: Sequence[str], layout: Layout = A4_TEN
    ) -> SheetCheck:
        """Return whether every code of the file is the expected one, in its place."""
        return sheet.check_sheets(self.read_back(pdf, layout), expected, layout)

    def _check_languages(self, languages: Sequence[str]) -> None:
        is_right_count = 1 <= len(languages) <= sheet.LANGUAGES_PER_CARD_MAX
        if not is_right_count or len(set(languages)) != len(languages):
            raise SheetError("a card has one or two different languages")
        self._template.require(languages)

    def _card(self, card: PrintCard, layout: Layout) -> dict[str, Any]:
        plan = qr.plan_code(card.text, side_mm=layout.code_side)
        drawn: dict[str, Any] = {
            "number": display_card_number(card.number),
            "code": self._writer.code_svg(card.text, side_mm=layout.code_side),
            "modules": plan.modules,
        }
        if card.shown is None:
            return drawn
        shown = card.shown
        return drawn | {
            "name": shown.name,
            "rtl": shown.is_right_to_left,
            "born": "" if shown.born is None else shown.born.isoformat(),
            "gender": shown.gender or 0,
            "until": shown.expires_on.isoformat(),
        }

    def _page_codes(self, page: pypdfium2.PdfPage, number: int, layout: Layout) -> list[ReadBack]:
        codes = pages.codes_of(page, self._reader, dpi=_COARSEST_DPI)
        mm = _MM_PER_INCH / _COARSEST_DPI
        found = [ReadBack(number, layout.position_at(x * mm, y * mm), text) for text, x, y in codes]
        return sorted(found, key=lambda item: item.position)


def _check(cards: Sequence[PrintCard]) -> None:
    if not cards:
        raise SheetError("there is no card to print")
    if len(cards) > sheet.CARDS_PER_FILE_MAX:
        raise SheetError(
            f"{len(cards)} cards are too many for one file: print at most"
            f" {sheet.CARDS_PER_FILE_MAX} at a time"
        )
