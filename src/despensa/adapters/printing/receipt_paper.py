"""
Prints the small paper of a signed receipt with typst and reads its code back from the finished page.

The look lies in `data/print/receipt-paper.typ`, which an office may edit; the rules of the code's size
and of readiness are those of the paper of a decision (`domain/eligibility/paper.py`).
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/reference/formats.md section 5.
"""

from pathlib import Path
from typing import Any

from despensa.adapters.printing import pages
from despensa.adapters.printing.template import SHIPPED, Template
from despensa.domain.card import qr
from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility.paper import PaperError
from despensa.domain.ports.printing import CodeWriter, PageReader
from despensa.domain.receipt_paper import ReceiptPaper

TEMPLATE = SHIPPED / "receipt-paper.typ"
_WORDS_FILE = "receipt-words.json"
_WORDS = frozenset(
    {"name", "direction", "number", "day", "programme", "cycle", "check", "aloud", "code"}
)


class TypstReceiptPrinter:
    """Makes papers of receipts; implements `ReceiptPrinter`."""

    def __init__(
        self, *, writer: CodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """Take the drawer and the reader of codes and, if the office has one, its own template."""
        self._writer = writer
        self._reader = reader
        self._template = Template(
            template, words_file=_WORDS_FILE, words=_WORDS, problem=PaperError
        )

    def render_receipt(self, paper: ReceiptPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file whose code was read back.

        Raises: PaperError for a language without words, or a template that typst cannot set;
            PaperUnreadable when the code does not read back.
        """
        self._template.require([paper.language])
        pdf = self._template.pdf(self._job(paper))
        papers.check_paper(pages.texts_of(pdf, self._reader, PaperError), paper.code)
        return pdf

    def words(self) -> dict[str, dict[str, str]]:
        """
        Return the words of the page by language, each with its own name.

        Raises: PaperError when the file of words beside the template cannot be used.
        """
        return self._template.words()

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
