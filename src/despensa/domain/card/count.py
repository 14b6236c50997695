"""
Counting a printed batch: every card is there, or it is named as spoilt.

Decides whether a count closes a batch. Once it is counted its print files are destroyed, and a
spoilt card is never printed again: its household is in the next order.
Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class CountTrouble(StrEnum):
    """What is wrong with a count."""

    TWICE = "twice"
    NOT_PRINTED = "not_printed"
    NOT_ALL = "not_all"
    NOT_READ_BACK = "not_read_back"
    AT_SHOP = "at_shop"


class CountRefused(ValueError):
    """The count does not close the batch; `said` are the number or the counts it is about."""

    def __init__(self, trouble: CountTrouble, **said: str) -> None:
        """Hold what is wrong, and with what."""
        super().__init__(SENTENCES[trouble] % said)
        self.trouble, self.said = trouble, said


SENTENCES = {
    CountTrouble.TWICE: "%(number)s is named twice among the spoilt cards: name it once.",
    CountTrouble.NOT_PRINTED: (
        "%(number)s is no card of this batch that lies printed: look at its number again."
    ),
    CountTrouble.NOT_ALL: (
        "%(made)s cards were made, but %(good)s good and %(spoilt)s spoilt ones make another "
        "number: count again. A card that is missing counts as spoilt."
    ),
    CountTrouble.NOT_READ_BACK: (
        "This batch was not read back: nothing may be printed from it, so there is nothing to count."
    ),
    CountTrouble.AT_SHOP: (
        "This batch is at a print shop: give the file the shop sends back, and it is counted with it."
    ),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What a batch holds: how many cards were made, and which numbers still lie as printed."""

    made: int
    printed: Collection[str]


def require_whole(batch: Counted, good: int, spoilt: Sequence[str]) -> None:
    """
    Raise CountRefused unless good and spoilt cards are all cards of the batch.

    `spoilt` are card numbers, each once.
    """
    twice = sorted({number for number in spoilt if spoilt.count(number) > 1})
    if twice:
        raise CountRefused(CountTrouble.TWICE, number=twice[0])
    strange = [number for number in spoilt if number not in batch.printed]
    if strange:
        raise CountRefused(CountTrouble.NOT_PRINTED, number=strange[0])
    if good + len(spoilt) != batch.made:
        raise CountRefused(
            CountTrouble.NOT_ALL, made=str(batch.made), good=str(good), spoilt=str(len(spoilt))
        )
