"""
A register file of invented people in our own template, written row by row.

The same seed writes the same bytes; some names are written in Arabic and Cyrillic letters.
Source: docs/reference/benchmarks.md.
"""

import csv
import random
from pathlib import Path

AREAS = 240
# eight households of these sizes in turn: four people each on average
SIZES = (2, 4, 6, 3, 5, 4, 1, 7)
# whose calling code and documents the rows have
HOME = "ES"
_CALLING = "+34 6"
_HEADINGS = (
    "household_number", "person_number", "full_name", "surname_1", "given_names", "birth_date",
    "sex", "role", "document_type", "document_country", "document_number", "phone", "address",
    "area_pcode", "disability_functional", "pregnant_or_nursing", "displaced", "dwelling_shared",
    "livelihood_lost", "income_monthly_minor",
)  # fmt: skip
_BEGINNINGS = (
    ("Ka", "Ro", "Mi", "Se", "Lu", "Ta", "An", "Be", "Do", "Fe", "Gu", "Ha"),
    ("كا", "رو", "مي", "سي", "لو", "تا", "ان", "بي", "دو", "في", "جو", "ها"),
    ("Ка", "Ро", "Ми", "Се", "Лу", "Та", "Ан", "Бе", "До", "Фе", "Гу", "Ха"),
)
_ENDS = (
    ("ra", "na", "lo", "mé", "ti", "vel", "son", "quez", "dor", "ñas", "lim", "bay", "che", "rin"),
    ("را", "نا", "لو", "مي", "تي", "فل", "سن", "كز", "دور", "ناس", "ليم", "باي", "شي", "رين"),
    ("ра", "на", "ло", "ме", "ти", "вел", "сон", "кез", "дор", "няс", "лим", "бай", "че", "рин"),
)
# of sixteen households, how many write in Latin, Arabic and Cyrillic letters
_SCRIPTS = (0,) * 14 + (1, 2)


def write_invented(path: Path, people: int, *, seed: int, twice: int = 0, mark: str = "B") -> None:
    """
    Write a CSV with so many people in households of four on average.

    One in `twice` (0: nobody) is written again, in a household of their own and with a slip in the
    surname; they come last and count among the people. `mark` begins the households' numbers: files of
    one register need one each.
    """
    again = people // twice if twice else 0
    dice = random.Random(seed)  # noqa: S311  (invented people, not keys)
    with path.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file)
        written.writerow(_HEADINGS)
        household = person = 0
        copied: list[tuple[object, ...]] = []
        while person < people - again:
            size = min(SIZES[household % len(SIZES)], people - again - person)
            rows = _household(f"{mark}{household}", size, dice)
            written.writerows(rows)
            if twice and len(copied) < again:
                copied.append(_damaged(rows[-1], f"T{mark}{len(copied)}", dice))
            household, person = household + 1, person + size
        written.writerows(copied)


def _household(number: str, size: int, dice: random.Random) -> list[tuple[object, ...]]:
    script = dice.choice(_SCRIPTS)
    surname = f"{invented_word(script, dice)} {invented_word(script, dice)}"
    shared = (f"{dice.randrange(1, 200)} Invented Street", f"XX{dice.randrange(AREAS):04d}")
    home = (*(_yes(dice, 8) for _ in range(3)), dice.randrange(4096) * 100)
    rows: list[tuple[object, ...]] = []
    for place in range(size):
        given, sex = invented_word(script, dice), dice.choice(("female", "male"))
        day = (
            f"{dice.randrange(1940, 2026)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
        )
        document = ("", "", "")
        if dice.randrange(2):
            document = ("national_id", "ESP", f"{dice.randrange(10**8):08d}")
        phone = "" if place else f"{_CALLING}{dice.randrange(10**8):08d}"
        rows.append(
            (
                number, place + 1, f"{given} {surname}", surname, given, day, sex,
                "member" if place else "head", *document, phone, *shared, _yes(dice, 31),
                _yes(dice, 16) if sex == "female" else "no", *home,
            )
        )  # fmt: skip
    return rows


def _damaged(row: tuple[object, ...], number: str, dice: random.Random) -> tuple[object, ...]:
    """Return a person once more: alone, without a document, one letter of the surname other."""
    written = dict(zip(_HEADINGS, row, strict=True))
    given, surname = str(written["given_names"]), str(written["surname_1"])
    at = dice.randrange(1, len(surname))
    slipped = surname[:at] + dice.choice("aeiou") + surname[at + 1 :]
    written |= {
        "household_number": number,
        "person_number": 1,
        "role": "head",
        "surname_1": slipped,
        "full_name": f"{given} {slipped}",
        "document_type": "",
        "document_country": "",
        "document_number": "",
    }
    return tuple(written.values())


def invented_word(script: int, dice: random.Random) -> str:
    """Return a word like a name: script 0 is Latin, 1 Arabic, 2 Cyrillic."""
    ends = _ENDS[script]
    return dice.choice(_BEGINNINGS[script]) + dice.choice(ends) + dice.choice(ends)


def _yes(dice: random.Random, one_in: int) -> str:
    return "no" if dice.randrange(one_in) else "yes"
