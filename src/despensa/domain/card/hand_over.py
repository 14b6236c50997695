"""
The list by which cards are handed over: who gets which, in the order of the printed sheets.

It is a named output of the order of cards: two people agreed to how many names leave the system,
and until when. Decides where each card stands. Source: docs/explanation/design.md, sections 5 and 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from despensa.domain.card.sheet import CARDS_PER_FILE_MAX, Layout

OUTPUT = "card_hand_over_list"
FIELDS = ("full_name",)
# an approval is used within three days, and what is printed lies about for seven
KEPT_DAYS = 10


class ListRefused(ValueError):
    """No list can be printed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One card with whoever gets it. Units: file, page and place count from 1."""

    file: int
    page: int
    place: int
    number: str
    area: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HandOverPage:
    """What a list says besides its lines, in the language of whoever hands over."""

    language: str
    issuer: str
    batch: str
    destroy_by: date


def place_of(position: int, layout: Layout) -> tuple[int, int, int]:
    """
    Return file, page and place, all from 1, of the card at a position from 0 of its batch.

    >>> from despensa.domain.card.sheet import A4_TEN
    >>> place_of(0, A4_TEN), place_of(1_009, A4_TEN), place_of(1_010, A4_TEN)
    ((1, 1, 1), (2, 1, 10), (2, 2, 1))
    """
    file, within = divmod(position, CARDS_PER_FILE_MAX)
    return (file + 1, *layout.place_of(within))


def require_in_order(lines: Sequence[Line]) -> None:
    """Raise ListRefused unless every line stands after the one before, as the cards do."""
    places = [(line.file, line.page, line.place) for line in lines]
    if not places:
        raise ListRefused("No card of this batch is for a household: there is nothing to list.")
    if any(later <= former for former, later in pairwise(places)):
        raise ListRefused("The list is not in the order of the sheets: it was not printed.")
