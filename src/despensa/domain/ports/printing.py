"""What the desk asks of a printer of cards and papers, and of what makes and reads QR codes."""

from collections.abc import Sequence
from typing import Protocol

from despensa.domain.card.hand_over import HandOverPage, Line
from despensa.domain.card.sheet import A4_TEN, CardFace, Layout, PrintCard, ReadBack, SheetCheck
from despensa.domain.eligibility.paper import DecisionPaper
from despensa.domain.receipt_paper import ReceiptPaper


class CodeWriter(Protocol):
    """Draws the QR code of a card's text."""

    def code_svg(self, text: str, *, side_mm: float) -> str:
        """
        Return the code as an SVG picture with its white margin, black on white.

        Guarantee: the correction level follows `domain.card.qr.plan_code`.
        Raises: QrError when the text fits no readable code of this size.
        """
        ...


class TextCodeWriter(Protocol):
    """Draws the QR code of any text."""

    def link_svg(self, link: str) -> str:
        """Return the code as an SVG picture with its white margin, black on white."""
        ...


class PageReader(Protocol):
    """Reads the QR codes of a rendered page."""

    def page_codes(
        self, pixels: memoryview, *, width: int, height: int, stride: int
    ) -> list[tuple[str, float, float]]:
        """
        Return every code of a grey picture (one byte a pixel) with its centre in pixels.

        Guarantee: a text is returned only if its error correction succeeded.
        """
        ...


class CardPrinter(Protocol):
    """Makes finished sheets of cards and proves that they can be read."""

    def render_sheets(
        self,
        cards: Sequence[PrintCard],
        face: CardFace,
        languages: Sequence[str],
        layout: Layout = A4_TEN,
    ) -> bytes:
        """
        Return a PDF/A-2b and PDF/UA-1 file of cards in the order given.

        Guarantee: the same input gives the same bytes; no network and no system font is used.
        Raises: SheetError for nothing to print, too many cards or an unknown language.
        """
        ...

    def languages(self) -> dict[str, str]:
        """Return the languages a card can be printed in: code and own name."""
        ...

    def read_back(self, pdf: bytes, layout: Layout = A4_TEN) -> list[ReadBack]:
        """
        Return every code of every page, read from the page as a printer would draw it.

        Shape: in page order, then by position; memory is that of one page.
        Raises: SheetError when the file is no readable PDF.
        """
        ...

    def verify_sheet(
        self, pdf: bytes, expected: Sequence[str], layout: Layout = A4_TEN
    ) -> SheetCheck:
        """Return whether every code of the file is the expected one, in its place."""
        ...


class PaperPrinter(Protocol):
    """Makes the paper of a decision."""

    def render_paper(self, paper: DecisionPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file.

        Guarantee: its codes were read back from the finished pages and are the slip.
        Raises: PaperError for a language without words; PaperUnreadable when the codes do not
            read back.
        """
        ...

    def languages(self) -> dict[str, str]:
        """Return the languages a paper can be printed in: code and own name."""
        ...


class ReceiptPrinter(Protocol):
    """Makes the small paper of a receipt that the office signed."""

    def render_receipt(self, paper: ReceiptPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file.

        Guarantee: its one code was read back from the finished page and is the receipt.
        Raises: PaperError for a language without words; PaperUnreadable when the code does not
            read back.
        """
        ...

    def words(self) -> dict[str, dict[str, str]]:
        """Return the words of the page by language, each with its own name."""
        ...


class ListPrinter(Protocol):
    """Makes the list of names by which cards are handed over."""

    def render_list(self, lines: Sequence[Line], page: HandOverPage) -> bytes:
        """
        Return the list as a PDF/A-2b and PDF/UA-1 file.

        Guarantee: its lines stand in the order of the printed sheets.
        Raises: ListRefused for no lines, lines out of order, or a language without words.
        """
        ...

    def languages(self) -> dict[str, str]:
        """Return the languages a list can be printed in: code and own name."""
        ...
