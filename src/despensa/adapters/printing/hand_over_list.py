"""
Prints the list by which cards are handed over, in the order of the printed sheets.

The look lies in `data/print/hand-over-list.typ`, which an office may edit.
Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Sequence
from pathlib import Path

from despensa.adapters.printing.template import SHIPPED, Template
from despensa.domain.card.hand_over import HandOverPage, Line, ListRefused, require_in_order
from despensa.domain.identifier import display_card_number

TEMPLATE = SHIPPED / "hand-over-list.typ"
_WORDS_FILE = "hand-over-words.json"
_WORDS = frozenset(
    {"name", "direction", "title", "file", "sheet", "place", "card", "holder", "area", "done"}
    | {"note", "destroy", "page", "of"}
)


class TypstListPrinter:
    """Makes lists of names for handing cards over; implements `ListPrinter`."""

    def __init__(self, *, template: Path = TEMPLATE) -> None:
        """Take, if the office has one, its own template."""
        self._template = Template(
            template, words_file=_WORDS_FILE, words=_WORDS, problem=ListRefused
        )

    def render_list(self, lines: Sequence[Line], page: HandOverPage) -> bytes:
        """
        Return the list as a PDF/A-2b and PDF/UA-1 file.

        Raises: ListRefused for no lines, lines out of order, or a language without words.
        """
        require_in_order(lines)
        self._template.require([page.language])
        return self._template.pdf(
            {
                "language": page.language,
                "issuer": page.issuer,
                "batch": page.batch,
                "destroy_by": page.destroy_by.isoformat(),
                "lines": [
                    {
                        "file": line.file,
                        "sheet": line.page,
                        "place": line.place,
                        "card": display_card_number(line.number),
                        "holder": line.name,
                        "area": line.area,
                    }
                    for line in lines
                ],
            }
        )

    def languages(self) -> dict[str, str]:
        """Return the languages a list can be printed in: code and own name."""
        return self._template.languages()
