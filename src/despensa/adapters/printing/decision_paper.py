"""
Prints the paper of a decision with typst and reads its code back from the finished pages.

The look lies in `data/print/decision-paper.typ`, which an office may edit; the rules of the code's
size and of readiness lie in `domain/eligibility/paper.py`.
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1); docs/explanation/design.md section 7.2.
"""

from pathlib import Path
from typing import Any

from despensa.adapters.printing import pages
from despensa.adapters.printing.template import SHIPPED, Template
from despensa.domain.card import qr
from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility.paper import DecisionPaper, PaperError
from despensa.domain.eligibility.rule import OUTCOMES
from despensa.domain.ports.printing import CodeWriter, PageReader

TEMPLATE = SHIPPED / "decision-paper.typ"
_WORDS_FILE = "decision-words.json"
_WORDS = frozenset(
    {"name", "direction", "title", "cycle", "handed_out", "outcomes", "because", "besides", "law"}
    | {"appeal", "free", "check", "parts", "holds", "rule", "rule_hash", "root", "code"}
    | {"page", "of"}
)


class TypstPaperPrinter:
    """Makes papers of decisions; implements `PaperPrinter`."""

    def __init__(
        self, *, writer: CodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """Take the drawer and the reader of codes and, if the office has one, its own template."""
        self._writer = writer
        self._reader = reader
        self._template = Template(
            template, words_file=_WORDS_FILE, words=_WORDS, problem=PaperError
        )

    def render_paper(self, paper: DecisionPaper) -> bytes:
        """
        Return the paper as a PDF/A-2b and PDF/UA-1 file whose codes were read back.

        Raises: PaperError for a language without words, or a template that typst cannot set;
            PaperUnreadable when the codes do not read back.
        """
        self._template.require([paper.language])
        pdf = self._template.pdf(self._job(paper))
        papers.check_paper(pages.texts_of(pdf, self._reader, PaperError), *paper.codes)
        return pdf

    def languages(self) -> dict[str, str]:
        """
        Return the languages a paper can be printed in: code and own name.

        Raises: PaperError when the file of words beside the template cannot be used.
        """
        return self._template.languages()

    def _job(self, paper: DecisionPaper) -> dict[str, Any]:
        said = paper.explanation
        side = max(papers.code_side(code) for code in paper.codes)
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
            "codes": [
                {
                    "modules": qr.plan_code(code, side_mm=side).modules,
                    "picture": self._writer.code_svg(code, side_mm=side),
                }
                for code in paper.codes
            ],
        }
