"""
Prints the paper copy of the keys with typst and reads its codes back from the finished pages.

The look lies in `data/print/key-sheet.typ`, which an office may edit.
Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1).
"""

from pathlib import Path

from despensa.adapters.printing import pages
from despensa.adapters.printing.template import SHIPPED, Template
from despensa.domain import key_sheet
from despensa.domain.eligibility.paper import PaperError
from despensa.domain.key_sheet import KeySheet
from despensa.domain.ports.printing import PageReader, TextCodeWriter

TEMPLATE = SHIPPED / "key-sheet.typ"
_WORDS_FILE = "key-sheet-words.json"
_WORDS = frozenset(
    {"name", "direction", "title", "made", "workspace", "custodians", "alone", "keep", "never"}
    | {"back", "steps", "codes", "text", "sum", "code", "page", "of"}
)


class TypstKeySheetPrinter:
    """Makes the sheets that custodians keep."""

    def __init__(
        self, *, writer: TextCodeWriter, reader: PageReader, template: Path = TEMPLATE
    ) -> None:
        """Take the drawer and the reader of codes and, if the office has one, its own template."""
        self._writer, self._reader = writer, reader
        self._template = Template(
            template, words_file=_WORDS_FILE, words=_WORDS, problem=PaperError
        )

    def languages(self) -> dict[str, str]:
        """Return the languages it can be printed in: code and own name. Raises: PaperError."""
        return self._template.languages()

    def render_sheet(self, sheet: KeySheet) -> bytes:
        """
        Return the sheet as a PDF/A-2b and PDF/UA-1 file whose codes were read back.

        Raises: PaperError for a language without words, or a template that typst cannot set;
            SheetUnreadable when the codes are not the file.
        """
        self._template.require([sheet.language])
        parts = key_sheet.parts_of(sheet.text)
        pdf = self._template.pdf(
            {
                "language": sheet.language,
                "issuer": sheet.issuer,
                "workspace": sheet.workspace,
                "made_on": sheet.made_on,
                "custodians": [list(one) for one in sheet.custodians],
                "sha256": sheet.sha256,
                "text": sheet.text,
                "codes": [self._writer.link_svg(part) for part in parts],
            }
        )
        read = pages.texts_of(pdf, self._reader, PaperError)
        # a page is read in any order: the parts are known by what they hold
        ordered = sorted(read, key=lambda part: parts.index(part) if part in parts else -1)
        key_sheet.check_sheet(ordered, sheet)
        return pdf
