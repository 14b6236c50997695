"""
A printed card of nobody, bound to a household on the spot.

Decides whether a card may be bound, and the one reason that is told when it may not.
Source: docs/explanation/design.md, section 6, States.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CardTrouble(StrEnum):
    """Why a card cannot be bound, in order of precedence."""

    WRONG_NUMBER = "wrong_number"
    NOT_GENUINE = "not_genuine"
    UNKNOWN = "unknown"
    SPOILT = "spoilt"
    BOUND = "bound"
    NOT_CHECKED = "not_checked"
    EXPIRED = "expired"
    NOT_THEIRS = "not_theirs"


class CardRefused(PermissionError):
    """The card was not bound; the household was not written either, where it came with it."""

    def __init__(self, trouble: CardTrouble) -> None:
        """Hold which trouble it is."""
        super().__init__(SENTENCES[trouble])
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class StockCard:
    """
    What the register knows of a card that is held out to be bound.

    `is_dead` stands for spoilt, replaced and ended cards; `is_checked` says that the sheet it was
    printed on was read back.
    """

    is_dead: bool
    is_bound: bool
    is_checked: bool
    expires_on: date


def trouble_with(card: StockCard | None, *, today: date) -> CardTrouble | None:
    """Return why a card may not be bound, or None when it may."""
    if card is None:
        return CardTrouble.UNKNOWN
    if card.is_dead:
        return CardTrouble.SPOILT
    if card.is_bound:
        return CardTrouble.BOUND
    if not card.is_checked:
        return CardTrouble.NOT_CHECKED
    if card.expires_on < today:
        return CardTrouble.EXPIRED
    return None


SENTENCES = {
    CardTrouble.WRONG_NUMBER: (
        "This is no card number: type the ten characters as in C7Q4-88KD-2, or scan the code."
    ),
    CardTrouble.NOT_GENUINE: (
        "This code was not made by this office, or it was changed: keep the card apart and take "
        "another one."
    ),
    CardTrouble.UNKNOWN: (
        "No card with this number was printed here: look at the number again, or take another card."
    ),
    CardTrouble.SPOILT: (
        "This card is spoilt or no longer counts: destroy it and take another one. A new card is "
        "free."
    ),
    CardTrouble.BOUND: (
        "This card belongs to a household already: one card is for one household. Take another one."
    ),
    CardTrouble.NOT_CHECKED: (
        "The sheet of this card was not read back yet: take a card of a sheet that is ready."
    ),
    CardTrouble.EXPIRED: "This card is past its date: take one of a newer batch.",
    CardTrouble.NOT_THEIRS: (
        "This is no card of the household that still counts: look at the number on its page."
    ),
}
