"""
The port through which a draft rule is counted over the register of today.

Decides nothing; it says what a counter promises. Source: docs/decisions/0022-previews-of-drafts.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from despensa.domain.eligibility.preview import Counted
from despensa.domain.eligibility.rule import Rule


@dataclass(frozen=True, slots=True)
class PreviewOrder:
    """
    What to count.

    Shape: `earlier` are the rules whose numbers were told before, oldest first; `last`, the last
        published version, is one of them where there is one. `areas` are those of the programme,
        None for everywhere; `groups` is (area16, place) of the areas that figures are told by.
    Holds: `near` is how many households a draft must differ by to have numbers of its own.
    """

    draft: Rule
    last: Rule | None
    earlier: tuple[Rule, ...]
    on: date
    near: int
    areas: Sequence[bytes] | None
    groups: Sequence[tuple[bytes, int]]


class PreviewEngine(Protocol):
    """
    Counts a draft without a loop over the register and without keeping anything of it.

    Promises: the numbers are those of the first of `earlier` that decides fewer than `near`
    households otherwise than the draft does, and of the draft where there is none: two drafts that
    both are near to it get equal numbers. No file is written but what a private folder holds while
    the call lasts.
    """

    def preview(self, order: PreviewOrder) -> tuple[Counted, bool]:
        """
        Return exact numbers, and whether they are the draft's own.

        Raises: NotInForce when the draft has a parameter without a value on the day; EngineError.
        """
        ...
