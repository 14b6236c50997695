"""
The forms in which people of the register are compared, made from what the keeper opened.

A form is worked out once for each different value of a name and remembered: names repeat.
Source: docs/matching.md, "In the register".
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from despensa.domain.matching import values
from despensa.domain.matching.parting import part

COLUMNS = (
    "given", "given_sound", "surname", "surname_sound", "birth", "sex", "document", "phone",
    "phone_2",
)  # fmt: skip
# of several documents the one that most people have is compared
_KINDS = ("national_id", "passport", "unhcr_id")
_SEXES = {1: "M", 2: "F"}
_YEAR, _MONTH = 1, 2
_REMEMBERED = 1 << 17
_PHONE_LENGTH, _PHONE_LENGTH_MIN = 9, 6

NameForm = tuple[str, str, str, str]


def written_apart(surname_1: str | None, surname_2: str | None, given: Sequence[str]) -> NameForm:
    """
    Return given names and surnames with their sounds, of a name written in parts.

    >>> written_apart("Muñoz", "de la Cruz", ["José"])
    ('JOSE', 'AS', 'MUNOZ CRUZ', 'MNS KRS')
    """
    surnames = " ".join(filter(None, (surname_1, surname_2)))
    called, _ = _worded(" ".join(given))
    return (called, " ".join(map(_given_sound, called.split())), *_worded(surnames))


def written_whole(full_name: str, shares: Mapping[str, float]) -> NameForm:
    """
    Return the same of a name written as one, parted by how the register uses its words.

    >>> written_whole("Rosa Quispe", {"ROSA": 0.9, "QUISPE": 0.1})[::2]
    ('ROSA', 'QUISPE')
    """
    given, surnames = part(values.name_words(full_name), shares)
    return (
        " ".join(given),
        " ".join(map(_given_sound, given)),
        " ".join(surnames),
        " ".join(map(_sound, surnames)),
    )


@lru_cache(4_096)
def month_text(days: int) -> str:
    """
    Return the month of a day counted from 2000-01-01 as YYYYMM.

    >>> month_text(0), month_text(-31)
    ('200001', '199912')
    """
    day = date(2000, 1, 1) + timedelta(days=days)
    return f"{day.year:04d}{day.month:02d}"


def birth_text(month: str, precision: int, day: int | None) -> str:
    """
    Return a birth date as far as it is known.

    >>> birth_text("198405", 3, 7), birth_text("198405", 2, None), birth_text("198405", 1, None)
    ('19840507', '198405', '1984')
    """
    if precision == _YEAR:
        return month[:4]
    return month if precision == _MONTH or day is None else f"{month}{day:02d}"


def sex_text(sex: int | None) -> str | None:
    """Return the letter of a sex, None where it is not known or neither."""
    return None if sex is None else _SEXES.get(sex)


def document_of(documents: Sequence[tuple[str, str, str]]) -> str | None:
    """
    Return the number that is compared, of (kind, country, number) each.

    >>> document_of([("passport", "ESP", "x-1"), ("national_id", "ESP", "12 34")])
    '1234'
    """
    if not documents:
        return None
    best = documents[0]
    if len(documents) > 1:
        best = min(documents, key=lambda one: _KINDS.index(one[0]) if one[0] in _KINDS else 9)
    return values.number_text(best[2]) or None


def phone_text(phone: str) -> str | None:
    """
    Return the last nine digits of an E.164 number.

    >>> phone_text("+34693393106")
    '693393106'
    """
    digits = phone[1:]
    return digits[-_PHONE_LENGTH:] if len(digits) >= _PHONE_LENGTH_MIN else None


@lru_cache(_REMEMBERED)
def _worded(text: str) -> tuple[str, str]:
    folded = values.name_words(text)
    return " ".join(folded), " ".join(map(_sound, folded))


_sound = lru_cache(_REMEMBERED)(values.sound)
_given_sound = lru_cache(_REMEMBERED)(values.given_sound)
