"""
Prints the paper of a decision with typst and reads its code back from the finished pages.

The look lies in `data/print/decision-paper.typ`, which an office may edit; the rules of the code's
size and of readiness lie in `domain/eligibility/paper.py`.
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/explanation/design.md section 7.2.
"""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

from despensa.adapters.printing import pages
from despensa.domain.card import qr
from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility.paper import DecisionPaper, PaperError
from despensa.domain.eligibility.rule import OUTCOMES
from despensa.domain.ports.printing import CodeWriter, PageReader

_DATA = Path(__file__).parents[2] / "data"
TEMPLATE = _DATA / "print" / "decision-paper.typ"
_WORDS_FILE = "decision-words.json"
_WORDS = frozenset(
    {"name", "direction", "title", "cycle", "handed_out", "outcomes", "because", "besides", "law"}
    | {"appeal", "free", "check", "holds", "rule", "rule_hash", "root", "code", "page", "of"}
)
_STANDARDS: "list[typst.PDFStandard]" = ["a-2b", "ua-1"]
# the same decision gives the same bytes, whenever it is printed
_STAMP = datetime.combine(date(2026, 1, 1), time(), UTC)


class TypstPaperPrinter:
    """Makes papers of decisions; implements `PaperPrinter`."""

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

    def render_paper(self, paper: DecisionPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file whose code was read back.

        Raises: PaperError for a language without words, a slip too long for a code, or a template
            that typst cannot set; PaperUnreadable when the code does not read back.
        """
        if paper.language not in self.languages():
            raise PaperError(
                f"the paper has no words in {paper.language!r} yet: choose from"
                f" {', '.join(self.languages())} or add them to {_WORDS_FILE}"
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

    def languages(self) -> dict[str, str]:
        """
        Return the languages a paper can be printed in: code and own name.

        Raises: PaperError when the file of words beside the template cannot be used.
        """
        path = self._template.parent / _WORDS_FILE
        try:
            words = json.loads(path.read_text(encoding="utf-8"))
            incomplete = [code for code, word in words.items() if word.keys() != _WORDS]
        except (OSError, ValueError, AttributeError) as error:
            raise PaperError(f"{path.name} beside the paper's template cannot be read") from error
        if incomplete:
            raise PaperError(
                f"{path.name}: {incomplete[0]!r} has not exactly the words {sorted(_WORDS)}"
            )
        return {code: str(word["name"]) for code, word in words.items()}

    def _job(self, paper: DecisionPaper) -> dict[str, Any]:
        said = paper.explanation
        side = papers.code_side(paper.code)
        frozen_on, opens_on, closes_on, appeal_until = paper.days
        return {
            "language": paper.language,
            "said_in": said.language,
            "issuer": paper.issuer,
            "programme": paper.programme,
            "cycle": paper.cycle,
            "outcome": OUTCOMES[said.outcome],
            "sentence": said.sentence,
            "because": [reason.sentence for reason in said.because],
            "besides": [reason.sentence for reason in said.besides],
            "law": sorted({basis for _, _, basis in said.legal_bases}),
            "goods": [list(line) for line in paper.goods],
            "frozen_on": frozen_on,
            "opens_on": opens_on,
            "closes_on": closes_on,
            "appeal_until": appeal_until,
            "rule": paper.rule,
            "rule_hash": paper.rule_hash.hex(),
            "root": paper.root.hex(),
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
