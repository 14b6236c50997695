"""
How two people are compared: the levels of agreement of each kind of fact, best first, in words.

Which pairs of values reach a level is SQL in the adapter, because millions of pairs are compared;
the order, the meaning and the first guess of each level are decided here. `expected` is the share
of pairs of one person at a level before anything was learnt from a list; a list of its own soon
outweighs it. Source: docs/matching.md, "What is compared".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto


class Nature(Enum):
    """Whom a fact belongs to: what people of one household have in common tells them not apart."""

    GIVEN_NAME = auto()
    DOCUMENT = auto()
    PERSONAL = auto()
    BIRTH = auto()
    SHARED = auto()


@dataclass(frozen=True, slots=True)
class Level:
    """
    One degree of agreement.

    Units: `expected` is a probability; a level that weighs rarity counts more where the value that
        agrees is rare.
    """

    name: str
    phrase: str
    expected: float
    weighs_rarity: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact and its levels of agreement, best first; the last one is "different"."""

    name: str
    nature: Nature
    levels: tuple[Level, ...]


def _name_levels(what: str) -> tuple[Level, ...]:
    return (
        Level("same", f"same {what}", 0.80, weighs_rarity=True),
        Level("sound", f"{what} spelt differently, sounds the same", 0.05, weighs_rarity=True),
        Level("slip", f"{what} spelt differently", 0.06),
        Level("contained", f"{what} shortened", 0.03),
        Level("near", f"{what} similar", 0.03),
        Level("part", f"part of the {what} the same", 0.01),
        Level("different", f"other {what}", 0.02),
    )


GIVEN_NAME = Comparison(
    "given_name",
    Nature.GIVEN_NAME,
    (
        Level("same", "same given name", 0.80, weighs_rarity=True),
        Level("exchanged", "given name and surname exchanged", 0.01),
        Level("sound", "given name sounds the same or is a short form", 0.05, weighs_rarity=True),
        *_name_levels("given name")[2:],
    ),
)
# Of a list whose use of names is known: two names that many bear are two names, not one misspelt.
GIVEN_NAME_IN_USE = replace(
    GIVEN_NAME,
    levels=(
        *GIVEN_NAME.levels[:3],
        Level("resembling", "given name another in use that resembles it", 0.01),
        *GIVEN_NAME.levels[3:],
    ),
)
SURNAME = Comparison(
    "surname",
    Nature.SHARED,
    (
        Level("same", "same surname", 0.80, weighs_rarity=True),
        Level("order", "surnames in another order", 0.01),
        *_name_levels("surname")[1:],
    ),
)
BIRTH_DATE = Comparison(
    "birth_date",
    Nature.BIRTH,
    (
        Level("same", "same birth date", 0.84, weighs_rarity=True),
        Level("shorter", "birth date agrees as far as it is known", 0.02),
        Level("exchanged", "day and month of birth exchanged", 0.02),
        Level("slip", "one digit of the birth date differs", 0.06),
        Level("parts", "two parts of the birth date the same", 0.025),
        Level("near", "two digits of the birth date differ", 0.01),
        Level("year", "birth year the same or next to it", 0.01),
        Level("different", "other birth date", 0.015),
    ),
)
AGE = Comparison(
    "age",
    Nature.BIRTH,
    (
        Level("same", "same age", 0.80),
        Level("next", "age differs by a year or two", 0.15),
        Level("different", "other age", 0.05),
    ),
)
SEX = Comparison(
    "sex",
    Nature.PERSONAL,
    (Level("same", "same sex", 0.98), Level("different", "other sex", 0.02)),
)
DOCUMENT = Comparison(
    "document",
    Nature.DOCUMENT,
    (
        Level("same", "same document number", 0.86, weighs_rarity=True),
        Level("slip", "one sign of the document number differs", 0.08),
        Level("near", "document number similar", 0.02),
        Level("different", "other document number", 0.04),
    ),
)
PHONE = Comparison(
    "phone",
    Nature.SHARED,
    (
        Level("same", "same phone", 0.80, weighs_rarity=True),
        Level("slip", "one digit of the phone differs", 0.06),
        Level("different", "other phone", 0.14),
    ),
)
EMAIL = Comparison(
    "email",
    Nature.SHARED,
    (
        Level("same", "same e-mail address", 0.80, weighs_rarity=True),
        Level("near", "e-mail address similar", 0.10),
        Level("different", "other e-mail address", 0.10),
    ),
)
ADDRESS = Comparison(
    "address",
    Nature.SHARED,
    (
        Level("same", "same address", 0.68, weighs_rarity=True),
        Level("near", "address spelt differently", 0.16),
        Level("exchanged", "lines of the address exchanged", 0.01),
        Level("street", "same street", 0.06),
        Level("part", "part of the address the same", 0.03),
        Level("different", "other address", 0.06),
    ),
)
PLACE = Comparison(
    "place",
    Nature.SHARED,
    (
        Level("same", "same place", 0.80, weighs_rarity=True),
        Level("near", "place spelt differently", 0.12),
        Level("part", "part of the place the same", 0.03),
        Level("different", "other place", 0.05),
    ),
)
AREA = Comparison(
    "area",
    Nature.SHARED,
    (
        Level("same", "same area", 0.70, weighs_rarity=True),
        Level("different", "other area", 0.30),
    ),
)
HOUSEHOLD = Comparison(
    "household",
    Nature.SHARED,
    (
        Level("same", "same household", 0.85, weighs_rarity=True),
        Level("different", "other household", 0.15),
    ),
)


def other(name: str, header: str) -> Comparison:
    """Return the comparison of a column whose meaning is not known, named by its header."""
    return Comparison(
        name,
        Nature.SHARED,
        (
            Level("same", f"same {header}", 0.80, weighs_rarity=True),
            Level("near", f"{header} similar", 0.10),
            Level("different", f"other {header}", 0.10),
        ),
    )


def document(name: str, header: str) -> Comparison:
    """Return the comparison of one of several kinds of document."""
    levels = tuple(
        replace(level, phrase=level.phrase.replace("document number", header))
        for level in DOCUMENT.levels
    )
    return Comparison(name, Nature.DOCUMENT, levels)


def reason_of(comparisons: Sequence[Comparison], reached: Sequence[int | None]) -> str:
    """
    Return in words why two rows were judged so; `reached` are level numbers, None for no values.

    >>> reason_of([SURNAME, BIRTH_DATE, PHONE], [3, 0, 0])
    'same birth date, same phone, surname spelt differently'
    >>> reason_of([SURNAME], [None])
    'nothing to compare'
    """
    known = [
        (number, comparison.levels[number].phrase)
        for comparison, number in zip(comparisons, reached, strict=True)
        if number is not None
    ]
    agreed = [phrase for number, phrase in known if number == 0]
    others = [phrase for number, phrase in known if number > 0]
    return ", ".join(agreed + others) or "nothing to compare"
