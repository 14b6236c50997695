"""
Why a pair was found, as numbers: what agreed and how well, never a value.

The numbers are stored sealed and never reused. Source: docs/reference/formats.md, section 16.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

# (fact, level of agreement) -> number; the facts and levels of `comparison`
REASON_CODES: Mapping[tuple[str, str], int] = MappingProxyType(
    {
        ("document", "same"): 1,
        ("document", "slip"): 2,
        ("document", "near"): 3,
        ("document", "different"): 4,
        ("given_name", "same"): 10,
        ("given_name", "exchanged"): 11,
        ("given_name", "sound"): 12,
        ("given_name", "slip"): 13,
        ("given_name", "contained"): 14,
        ("given_name", "near"): 15,
        ("given_name", "part"): 16,
        ("given_name", "different"): 17,
        ("surname", "same"): 20,
        ("surname", "order"): 21,
        ("surname", "sound"): 22,
        ("surname", "slip"): 23,
        ("surname", "contained"): 24,
        ("surname", "near"): 25,
        ("surname", "part"): 26,
        ("surname", "different"): 27,
        ("birth_date", "same"): 30,
        ("birth_date", "shorter"): 31,
        ("birth_date", "exchanged"): 32,
        ("birth_date", "slip"): 33,
        ("birth_date", "parts"): 34,
        ("birth_date", "near"): 35,
        ("birth_date", "year"): 36,
        ("birth_date", "different"): 37,
        ("phone", "same"): 40,
        ("phone", "slip"): 41,
        ("phone", "different"): 42,
        ("sex", "same"): 50,
        ("sex", "different"): 51,
        ("area", "same"): 60,
        ("area", "different"): 61,
        ("household", "same"): 70,
        ("household", "different"): 71,
    }
)
_NAMED = {number: named for named, number in REASON_CODES.items()}


def codes_of(reached: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """
    Return the numbers of what was reached, best first as they are told.

    >>> codes_of([("surname", "sound"), ("document", "same")])
    (1, 22)
    """
    return tuple(sorted(REASON_CODES[one] for one in reached))


def named(code: int) -> tuple[str, str]:
    """
    Return the fact and the level of a number.

    Raises: KeyError for a number that never stood in the list.
    """
    return _NAMED[code]


def speaks_for(code: int) -> bool:
    """
    Return whether a reason speaks for one person rather than against it.

    >>> speaks_for(1), speaks_for(42)
    (True, False)
    """
    fact, level = named(code)
    return level != "different" and (fact, level) != ("household", "same")
