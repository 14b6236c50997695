"""
An order of identity cards on paper as a proposal carries it: whose cards, and how they are printed.

Decides what may be ordered. Each card stands in the order with whom it is for, so that the keeper signs
for nobody whom two people did not agree to. Source: docs/how-to/print-identity-cards.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from despensa.domain.card.sheet import (
    CARDS_PER_FILE_MAX,
    HELP_LENGTH_MAX,
    LANGUAGES_PER_CARD_MAX,
    LAYOUTS,
    Layout,
)
from despensa.domain.card_order import OrderRefused
from despensa.domain.proposal import ApprovalInvalid, Proposal

ACTION = "issue_identity_cards"
OUTPUT = "identity_cards"
FIELDS = ("full_name", "birth_date", "sex")
# an approval is used within three days, and what is printed lies about for seven
KEPT_DAYS = 10
CARD_DAYS = 3 * 365
# a file of pages
CARDS_MAX = CARDS_PER_FILE_MAX
_DAY_ZERO = date(1970, 1, 1).toordinal()


class PaperFault(Enum):
    """Why nothing is asked for or printed."""

    NO_HOUSEHOLD = "no_household"
    NOBODY = "nobody"


class PaperRefused(ValueError):
    """Nothing was asked for or printed, for the reason in `fault`."""

    def __init__(self, fault: PaperFault) -> None:
        """Keep the fault."""
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class IdentityOrder:
    """Identity cards of people who asked for them: (card, person) in the order of the sheets."""

    expires_on: date
    layout: Layout
    languages: tuple[str, ...]
    help_line: str
    cards: tuple[tuple[UUID, UUID], ...]

    def parameters(self) -> tuple[object, ...]:
        """Return the order as the parameters of its proposal."""
        return (
            self.expires_on.toordinal() - _DAY_ZERO,
            self.layout.number,
            list(self.languages),
            self.help_line,
            [[card.bytes, person.bytes] for card, person in self.cards],
        )


def require_orderable(order: IdentityOrder, *, words: Sequence[str]) -> None:
    """
    Raise OrderRefused when nobody should be asked to approve the order.

    `words` are the languages a card has words in.
    """
    if not order.cards:
        raise OrderRefused("cards", "Nobody here waits for an identity card on paper.")
    if len(order.cards) > CARDS_MAX:
        raise OrderRefused("cards", f"Order at most {CARDS_MAX:,} identity cards at a time.")
    chosen = order.languages
    if not 1 <= len(chosen) <= LANGUAGES_PER_CARD_MAX or len(set(chosen)) != len(chosen):
        raise OrderRefused("languages", "A card has one or two languages.")
    if not set(chosen) <= set(words):
        raise OrderRefused("languages", f"Choose from {', '.join(words)}.")
    if not 0 < len(order.help_line) <= HELP_LENGTH_MAX:
        raise OrderRefused(
            "help_line",
            f"Write the number people call for help, at most {HELP_LENGTH_MAX} letters.",
        )


def identity_order_of(proposal: Proposal) -> IdentityOrder:
    """
    Return the order a proposal is about.

    Raises: ApprovalInvalid when it is none.
    """
    try:
        expires, layout, languages, help_line, cards = proposal.parameters
        return IdentityOrder(
            date.fromordinal(_DAY_ZERO + expires),
            LAYOUTS[layout],
            tuple(languages),
            help_line,
            tuple((UUID(bytes=card), UUID(bytes=person)) for card, person in cards),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise ApprovalInvalid("The proposal is no order of identity cards.") from error
