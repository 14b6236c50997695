"""
Taking an import back: what two people agree on, and what stands in the way.

Until a cycle that counts its households opens, an import can be undone: what it added is taken back,
what it updated becomes what it was. The log keeps both leaves.
Source: docs/explanation/design.md, section 5, Proposals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from despensa.domain.payload import ID_LENGTH, Reader
from despensa.domain.proposal import Proposal, Reason

ACTION = "undo_import"
REASONS = (
    Reason.WRONG_FILE,
    Reason.WRONG_COLUMNS,
    Reason.WRONG_PLACE,
    Reason.SOURCE_WITHDREW,
    Reason.ENTERED_BY_MISTAKE,
)


class Obstacle(StrEnum):
    """Why an import is not undone; doors translate it."""

    NO_SUCH_IMPORT = "no_such_import"
    NOT_TAKEN_IN = "not_taken_in"
    UNDONE_BEFORE = "undone_before"
    CYCLE_OPENED = "cycle_opened"
    CARDS_MADE = "cards_made"
    CHANGED_LATER = "changed_later"
    CORRECTED_LATER = "corrected_later"
    COLLECTS_ELSEWHERE = "collects_elsewhere"
    REASON_DOES_NOT_FIT = "reason_does_not_fit"


SENTENCES: Mapping[Obstacle, str] = {
    Obstacle.NO_SUCH_IMPORT: "There is no import with this id.",
    Obstacle.NOT_TAKEN_IN: "This file was not taken in: there is nothing to undo.",
    Obstacle.UNDONE_BEFORE: "This import was undone before: nothing was changed.",
    Obstacle.CYCLE_OPENED: (
        "The cycle {name} has opened and counted {count} households of this file: correct them one "
        "by one instead."
    ),
    Obstacle.CARDS_MADE: (
        "{count} cards were made for households of this file, first for {name}: correct the "
        "households one by one instead."
    ),
    Obstacle.CHANGED_LATER: (
        "{count} households of this file were changed later, first {name}: undo those changes "
        "first, or correct the households one by one."
    ),
    Obstacle.CORRECTED_LATER: (
        "Records of {count} people or households of this file were corrected later: correct the "
        "others one by one instead."
    ),
    Obstacle.COLLECTS_ELSEWHERE: (
        "{count} people of this file have a role in other households, first in {name}: withdraw "
        "them there first."
    ),
    Obstacle.REASON_DOES_NOT_FIT: "This reason is not on the list for undoing an import.",
}


class UndoRefused(ValueError):
    """The import is not undone; `obstacle` and `values` let a door say it in its language."""

    def __init__(self, obstacle: Obstacle, *, count: int = 0, name: str = "") -> None:
        """Refuse with a code and what its sentence names."""
        self.obstacle = obstacle
        self.values: Mapping[str, object] = {"count": count, "name": name}
        super().__init__(SENTENCES[obstacle].format(**self.values))


@dataclass(frozen=True, slots=True)
class UndoTotals:
    """What an undo takes back: households and people that came new, households that were updated."""

    households: int
    people: int
    updated_households: int

    def named(self) -> tuple[tuple[str, int], ...]:
        """Return them as a proposal holds them."""
        return (
            ("households", self.households),
            ("people", self.people),
            ("updated_households", self.updated_households),
        )


def import_of(proposal: Proposal) -> UUID:
    """
    Return the import a proposal wants undone.

    Raises: MalformedPayload when the parameters are not the action's.
    """
    reader = Reader("proposal", {9: list(proposal.parameters)})
    (register_import,) = reader.array(9, length=1)
    if proposal.reason not in REASONS:
        reader.refuse(9, "go with a reason to undo an import")
    return UUID(bytes=reader.as_octets(9, register_import, ID_LENGTH))
