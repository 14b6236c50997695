"""
The words for pairs that may be one person: how sure, why, and what was decided.

Codes come from `domain.matching.reason_codes`; a code without a word here is a mistake (KeyError).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.duplicate import Strength, Verdict
from despensa.domain.matching.reason_codes import speaks_for
from despensa.entrypoints.office.states import State, Word

STRENGTHS: Mapping[Strength, State] = MappingProxyType(
    {
        Strength.NEARLY_SURE: State("stopped", pgettext_lazy("pair", "nearly sure")),
        Strength.LIKELY: State("waiting", pgettext_lazy("pair", "likely")),
        Strength.POSSIBLE: State("information", pgettext_lazy("pair", "possible")),
    }
)
VERDICTS: Mapping[Verdict | None, State] = MappingProxyType(
    {
        None: State("waiting", pgettext_lazy("pair", "to be decided")),
        Verdict.ASKED: State("waiting", pgettext_lazy("pair", "the household was asked")),
        Verdict.NOT_SAME: State("information", pgettext_lazy("pair", "two people")),
        Verdict.SAME: State("done", pgettext_lazy("pair", "one person")),
    }
)
SAME = State("done", pgettext_lazy("comparison", "the same"))
OTHER = State("stopped", pgettext_lazy("comparison", "differs"))
SIMILAR = State("waiting", pgettext_lazy("comparison", "similar"))
UNKNOWN = State("information", pgettext_lazy("comparison", "not known of both"))

REASONS: Mapping[int, Word] = MappingProxyType(
    {
        1: gettext_lazy("The same document number."),
        2: gettext_lazy("One sign of the document number differs."),
        3: gettext_lazy("The document numbers are similar."),
        4: gettext_lazy("Another document number."),
        10: gettext_lazy("The same given name."),
        11: gettext_lazy("Given name and surname are exchanged."),
        12: gettext_lazy("The given name sounds the same or is a short form of the other."),
        13: gettext_lazy("The given name is spelt differently."),
        14: gettext_lazy("The given name is shortened."),
        15: gettext_lazy("The given names are similar."),
        16: gettext_lazy("A part of the given name is the same."),
        17: gettext_lazy("Another given name."),
        20: gettext_lazy("The same surname."),
        21: gettext_lazy("The surnames stand in another order."),
        22: gettext_lazy("The surname is spelt differently but sounds the same."),
        23: gettext_lazy("The surname is spelt differently."),
        24: gettext_lazy("One of two surnames is left out."),
        25: gettext_lazy("The surnames are similar."),
        26: gettext_lazy("One of the surnames is the same."),
        27: gettext_lazy("Another surname."),
        30: gettext_lazy("The same birth date."),
        31: gettext_lazy("The birth date agrees as far as it is known."),
        32: gettext_lazy("Day and month of birth are exchanged."),
        33: gettext_lazy("One digit of the birth date differs."),
        34: gettext_lazy("Two parts of the birth date are the same."),
        35: gettext_lazy("Two digits of the birth date differ."),
        36: gettext_lazy("The birth year is the same, or next to it."),
        37: gettext_lazy("Another birth date."),
        40: gettext_lazy("The same phone."),
        41: gettext_lazy("One digit of the phone differs."),
        42: gettext_lazy("Another phone."),
        50: gettext_lazy("The same sex."),
        51: gettext_lazy("Another sex."),
        60: gettext_lazy("They live in the same place."),
        61: gettext_lazy("They live in different places."),
        70: gettext_lazy("They live in one household."),
        71: gettext_lazy("They live in two households."),
    }
)


def told(reasons: Sequence[int]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Return what speaks for one person, and what against, as sentences."""
    return (
        tuple(REASONS[code] for code in reasons if speaks_for(code)),
        tuple(REASONS[code] for code in reasons if not speaks_for(code)),
    )
