"""
Prints sheets of cards with typst and reads every code back from the finished pages.

The look lies in `data/print/card-sheet.typ`, which an office may edit; the rules of a code's size
lie in `domain/card/qr.py`, the rule of readiness in `domain/card/sheet.py`.
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/explanation/design.md section 6.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import pypdfium2
import typst
from pypdfium2 import raw

from despensa.domain.card import qr, sheet
from despensa.domain.card.sheet import CardFace, PrintCard, ReadBack, SheetCheck, SheetError
from despensa.domain.identifier import display_card_number
from despensa.domain.ports.printing import CodeWriter, PageReader

LANGUAGES = ("en", "es", "ar")
LANGUAGES_PER_CARD_MAX = 2
_DATA = Path(__file__).parents[2] / "data"
TEMPLATE = _DATA / "print" / "card-sheet.typ"
_STANDARDS: "list[typst.PDFStandard]" = ["a-2b", "ua-1"]
_DPI = 300
_MM_PER_INCH = 25.4
_POINTS_PER_INCH = 72
_ISSUER_LENGTH_MAX = 48
_HELP_LENGTH_MAX = 32


class TypstCardPrinter:
    """Makes and checks sheets of cards; implements `CardPrinter`."""

    def __init__(
        self, *, writer: CodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """
        Take the drawer and the reader of codes and, if the office has one, its own template.

        The fonts are read once; no font of the machine is ever used.
        """
        self._writer = writer
        self._reader = reader
        self._template = template
        self._fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(_DATA / "fonts")],
        )

    def render_sheets(
        self, cards: Sequence[PrintCard], face: CardFace, languages: Sequence[str]
    ) -> bytes:
        """
        Return a PDF/A-2b and PDF/UA-1 file with ten cards a page, in the order given.

        `languages` are one or two of `LANGUAGES`, the first also for the notes on the sheet.
        Raises: SheetError for nothing to print, too many cards, an unknown language, a line too
            long for the card, or a template that typst cannot set; QrError for a card's text.
        """
        _check(cards, face, languages)
        job = {
            "languages": list(languages),
            "issuer": face.issuer,
            "help": face.help_line,
            "issued": face.issued_on.isoformat(),
            "batch": face.batch,
            "cards": [self._card(card) for card in cards],
        }
        try:
            pdf = typst.compile(
                str(self._template),
                root=str(self._template.parent),
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
                pdf_standards=_STANDARDS,
                timestamp=datetime.combine(face.issued_on, time(), UTC),
            )
        except typst.TypstError as error:
            raise SheetError(
                f"the card template {self._template.name} cannot be set: {error.message};"
                " undo the last change to it"
            ) from error
        return bytes(pdf)

    def read_back(self, pdf: bytes) -> list[ReadBack]:
        """
        Return every code of every page, read from the page drawn at 300 dpi.

        Shape: in page order, then by position; position 0 is outside the cards.
        Raises: SheetError when the file is no readable PDF.
        """
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise SheetError("the file of sheets is no readable PDF: print it again") from error
        found: list[ReadBack] = []
        for index in range(len(document)):
            found += self._page_codes(document[index], index + 1)
        document.close()
        return found

    def verify_sheet(self, pdf: bytes, expected: Sequence[str]) -> SheetCheck:
        """Return whether every code of the file is the expected one, in its place."""
        return sheet.check_sheets(self.read_back(pdf), expected)

    def _card(self, card: PrintCard) -> dict[str, str | int]:
        plan = qr.plan_code(card.text, side_mm=sheet.CODE_SIDE_MM)
        return {
            "number": display_card_number(card.number),
            "code": self._writer.code_svg(card.text, side_mm=sheet.CODE_SIDE_MM),
            "modules": plan.modules,
        }

    def _page_codes(self, page: pypdfium2.PdfPage, number: int) -> list[ReadBack]:
        scale = _DPI / _POINTS_PER_INCH
        bitmap = page.render(scale=scale, grayscale=True, force_bitmap_format=raw.FPDFBitmap_Gray)
        codes = self._reader.page_codes(
            memoryview(bitmap.buffer).cast("B"),
            width=bitmap.width,
            height=bitmap.height,
            stride=bitmap.stride,
        )
        bitmap.close()
        page.close()
        mm = _MM_PER_INCH / _DPI
        found = [ReadBack(number, sheet.position_at(x * mm, y * mm), text) for text, x, y in codes]
        return sorted(found, key=lambda item: item.position)


def _check(cards: Sequence[PrintCard], face: CardFace, languages: Sequence[str]) -> None:
    if not cards:
        raise SheetError("there is no card to print")
    if len(cards) > sheet.CARDS_PER_FILE_MAX:
        raise SheetError(
            f"{len(cards)} cards are too many for one file: print at most"
            f" {sheet.CARDS_PER_FILE_MAX} at a time"
        )
    if not 1 <= len(languages) <= LANGUAGES_PER_CARD_MAX or len(set(languages)) != len(languages):
        raise SheetError("a card has one or two different languages")
    unknown = [language for language in languages if language not in LANGUAGES]
    if unknown:
        raise SheetError(
            f"the card has no words in {unknown[0]!r} yet: choose from {', '.join(LANGUAGES)}"
        )
    if not 0 < len(face.issuer) <= _ISSUER_LENGTH_MAX:
        raise SheetError(f"the issuer's name on a card has 1 to {_ISSUER_LENGTH_MAX} characters")
    if not 0 < len(face.help_line) <= _HELP_LENGTH_MAX:
        raise SheetError(f"the help line on a card has 1 to {_HELP_LENGTH_MAX} characters")
