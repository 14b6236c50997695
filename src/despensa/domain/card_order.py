"""
An order of cards as a proposal carries it: for whom, how many, how they are printed.

Decides what may be ordered and how the order stands in the parameters of `issue_cards`, so that who
approves agrees to what is printed. Source: docs/reference/formats.md, section 9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from despensa.domain.card.sheet import HELP_LENGTH_MAX, LANGUAGES_PER_CARD_MAX, LAYOUTS, Layout
from despensa.domain.proposal import ApprovalInvalid, Proposal

STOCK_MAX = 100_000
YEARS_MAX = 10
_DAY_ZERO = date(1970, 1, 1).toordinal()
_SECONDS_A_DAY = 86_400


class OrderRefused(ValueError):
    """The order cannot be proposed: `field` says where to mend it."""

    def __init__(self, field: str, sentence: str) -> None:
        """Hold the field, named as in `CardOrder`."""
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class CardOrder:
    """
    Cards for the households of a cycle that have none, and cards of nobody for the stock.

    Units: `epoch` months since 2026-01. `languages` in the order in which they stand on the card.
    """

    cycle: UUID | None
    stock: int
    epoch: int
    expires_on: date
    layout: Layout
    languages: tuple[str, ...]
    help_line: str

    def parameters(self) -> tuple[object, ...]:
        """Return the order as the parameters of its proposal."""
        return (
            None if self.cycle is None else self.cycle.bytes,
            self.stock,
            self.epoch,
            self.expires_on.toordinal() - _DAY_ZERO,
            self.layout.number,
            list(self.languages),
            self.help_line,
        )


def batch_of(proposal: UUID) -> UUID:
    """Return the batch an order becomes: always the same, so that a killed one goes on."""
    return uuid5(proposal, "despensa/card-batch/1")


def seconds_at(day: date) -> int:
    """Return 00:00 UTC of a day, as a card says when it expires. Units: seconds since 1970."""
    return (day.toordinal() - _DAY_ZERO) * _SECONDS_A_DAY


def require_orderable(order: CardOrder, *, cards: int, today: date, words: Sequence[str]) -> None:
    """
    Raise OrderRefused when nobody should be asked to approve the order.

    `cards` counts all cards of it, `words` are the languages a card has words in.
    """
    if not 0 <= order.stock <= STOCK_MAX:
        raise OrderRefused("stock", f"The stock is a whole number from 0 to {STOCK_MAX:,}.")
    if not cards:
        raise OrderRefused("stock", "Every household of this cycle has a card: order some stock.")
    if not today < order.expires_on <= date(today.year + YEARS_MAX, 12, 31):
        raise OrderRefused("years", f"A card is valid for 1 to {YEARS_MAX} years.")
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


def order_of(proposal: Proposal, layouts: Mapping[int, Layout] = LAYOUTS) -> CardOrder:
    """
    Return the order a proposal is about.

    Raises: ApprovalInvalid when it is none.
    """
    try:
        cycle, stock, epoch, expires, layout, languages, help_line = proposal.parameters
        return CardOrder(
            None if cycle is None else UUID(bytes=cycle),
            stock,
            epoch,
            date.fromordinal(_DAY_ZERO + expires),
            layouts[layout],
            tuple(languages),
            help_line,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise ApprovalInvalid("The proposal is no order of cards: order them again.") from error
