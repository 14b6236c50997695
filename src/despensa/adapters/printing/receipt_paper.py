"""
Prints the small paper of a signed receipt with typst and reads its code back from the finished page.

The look lies in `data/print/receipt-paper.typ`, which an office may edit; the rules of the code's size
and of readiness are those of the paper of a decision (`domain/eligibility/paper.py`).
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/reference/formats.md section 5.
"""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from despensa.adapters.printing import pages
from despensa.domain.card import qr
from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility.paper import PaperError
from despensa.domain.ports.printing import CodeWriter, PageReader
from despensa.domain.receipt_paper import ReceiptPaper

_DATA = Path(__file__).parents[2] / "data"
TEMPLATE = _DATA / "print" / "receipt-paper.typ"
_WORDS_FILE = "receipt-words.json"
_WORDS = frozenset(
    {"name", "direction", "number", "day", "programme", "cycle", "check", "aloud", "code"}
)
_STANDARDS: "list[typst.PDFStandard]" = ["a-2b", "ua-1"]
# the same receipt gives the same bytes, whenever it is printed
_STAMP = datetime.combine(date(2026, 1, 1), time(), UTC)


class TypstReceiptPrinter:
    """Makes papers of receipts; implements `ReceiptPrinter`."""

    def __init__(
        self, *, writer: CodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """
        Take the drawer and the reader of codes and, if the office has one, its own template.

        No font of the machine is ever used.
        """
        self._writer = writer
        self._reader = reader
        self._template = template

    def render_receipt(self, paper: ReceiptPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file whose code was read back.

        Raises: PaperError for a language without words, or a template that typst cannot set;
            PaperUnreadable when the code does not read back.
        """
        if paper.language not in self.words():
            raise PaperError(
                f"the paper has no words in {paper.language!r} yet: choose from"
                f" {', '.join(self.words())} or add them to {_WORDS_FILE}"
            )
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(_DATA / "fonts")],
        )
        try:
            pdf = typst.compile(
                str(self._template),
                root=str(self._template.parent),
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"job": json.dumps(self._job(paper), ensure_ascii=False)},
                pdf_standards=_STANDARDS,
                timestamp=_STAMP,
            )
        except typst.TypstError as error:
            raise PaperError(
                f"the template {self._template.name} cannot be set: {error.message};"
                " undo the last change to it"
            ) from error
        papers.check_paper(self._read_back(bytes(pdf)), paper.code)
        return bytes(pdf)

    def words(self) -> dict[str, dict[str, str]]:
        """
        Return the words of the page by language, each with its own name.

        Raises: PaperError when the file of words beside the template cannot be used.
        """
        path = self._template.parent / _WORDS_FILE
        try:
            words: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
            incomplete = [code for code, word in words.items() if word.keys() != _WORDS]
        except (OSError, ValueError, AttributeError) as error:
            raise PaperError(f"{path.name} beside the paper's template cannot be read") from error
        if incomplete:
            raise PaperError(
                f"{path.name}: {incomplete[0]!r} has not exactly the words {sorted(_WORDS)}"
            )
        return words

    def _job(self, paper: ReceiptPaper) -> dict[str, Any]:
        side = papers.code_side(paper.code)
        return {
            "language": paper.language,
            "issuer": paper.issuer,
            "title": paper.title,
            "sentences": list(paper.sentences),
            "facts": [list(fact) for fact in paper.facts],
            "words": list(paper.words),
            "side": side,
            "modules": qr.plan_code(paper.code, side_mm=side).modules,
            "code": self._writer.code_svg(paper.code, side_mm=side),
        }

    def _read_back(self, pdf: bytes) -> list[str]:
        document = pages.opened(pdf, PaperError)
        found = [
            text
            for index in range(len(document))
            for text, _, _ in pages.codes_of(document[index], self._reader)
        ]
        document.close()
        return found
