"""
The demo's invented municipality, as the text of our own register template.

The same seed and day give the same text. Everything a register can hold is in it: two scripts,
near-duplicates, twins, birth dates known in part, households to be rejected, and two columns that
must be dropped. Phone numbers are from a range reserved for drama.
Source: Ofcom, telephone numbers for use in TV and radio drama (+44 7700 900000 to 900999).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any

import yaml

HOUSEHOLDS = 600
PEOPLE = 2_400
NEAR_DUPLICATES = 18
TWINS = 10
FORBIDDEN_HEADINGS = ("numero_credencial_electoral", "punto_gps")
HEADINGS = (
    "household_number",
    "person_number",
    "full_name",
    "surname_1",
    "surname_2",
    "given_names",
    "birth_date",
    "sex",
    "role",
    "collector",
    "document_type",
    "document_country",
    "document_number",
    FORBIDDEN_HEADINGS[0],
    "phone",
    "address",
    "area_name",
    "area_pcode",
    FORBIDDEN_HEADINGS[1],
    "disability_functional",
    "pregnant_or_nursing",
    "displaced",
    "dwelling_shared",
    "livelihood_lost",
    "income_monthly_minor",
    "language",
    "channel",
)
_SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
_SIZE_WEIGHTS = (8, 14, 18, 22, 16, 11, 7, 4)
_PHONE_STEM = "+447700900"
_PHONES_MAX = 1_000
_ADULT_DAYS = 18 * 366

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Village:
    """One village of the municipality: its area code, its script, its name in three languages."""

    pcode: str
    script: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Municipality:
    """
    The register text and what was planted in it.

    Shape: `near_duplicates` and `twins` are pairs of record ids (household/person); `rejected` are
    the numbers of households that carry a fault; villages are in the order of their codes.
    """

    name: Mapping[str, str]
    villages: tuple[Village, ...]
    csv_text: str
    near_duplicates: tuple[tuple[str, str], ...]
    twins: tuple[tuple[str, str], ...]
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    full: str
    surname_1: str
    surname_2: str
    given: str
    latin: str


@dataclass(slots=True)
class _Draw:
    """What the households drawn so far have used up."""

    rng: Random
    today: date
    country: str
    phones: int = 0
    documents: int = 0
    twins: list[tuple[str, str]] = field(default_factory=list)


def municipality(rng: Random, today: date, *, country: str) -> Municipality:
    """
    Return the invented municipality for this source of randomness, day and workspace country.

    Shape: 600 households with 2,400 people that can be registered, then six that cannot.
    """
    data = _names()
    villages = _villages(data)
    draw = _Draw(rng, today, country)
    sizes = _sizes(rng)
    households = [
        _household(draw, data, str(number), villages[number % len(villages)], size)
        for number, size in enumerate(sizes, start=1)
    ]
    duplicates = _plant_near_duplicates(draw, data, households)
    faulty = _faulty_households(draw, data, villages)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, HEADINGS, lineterminator="\r\n")
    writer.writeheader()
    for household in [*households, *faulty]:
        writer.writerows(household)
    return Municipality(
        name=data["name"],
        villages=villages,
        csv_text=stream.getvalue(),
        near_duplicates=tuple(duplicates),
        twins=tuple(draw.twins),
        rejected=tuple(household[0]["household_number"] for household in faulty),
    )


def _villages(data: Mapping[str, Any]) -> tuple[Village, ...]:
    return tuple(
        Village(one["pcode"], one["script"], {key: one[key] for key in ("en", "es", "ar")})
        for one in data["villages"]
    )


def _sizes(rng: Random) -> list[int]:
    sizes = rng.choices(_SIZES, _SIZE_WEIGHTS, k=HOUSEHOLDS)
    while sum(sizes) != PEOPLE:
        at = rng.randrange(HOUSEHOLDS)
        step = 1 if sum(sizes) < PEOPLE else -1
        sizes[at] = min(max(sizes[at] + step, _SIZES[0]), _SIZES[-1])
    return sizes


def _household(
    draw: _Draw, data: Mapping[str, Any], number: str, village: Village, size: int
) -> list[Record]:
    rng = draw.rng
    of_household = {
        "household_number": number,
        "address": f"{village.names['es']}, {rng.randrange(1, 240)}",
        "area_name": village.names["ar" if village.script == "arabic" else "es"],
        "area_pcode": village.pcode,
        FORBIDDEN_HEADINGS[1]: f"{rng.randrange(100)}.{rng.randrange(10**6):06d}, 0.5",
        "displaced": _maybe(rng, 0.25, 0.03),
        "dwelling_shared": _maybe(rng, 0.15, 0.03),
        "livelihood_lost": _maybe(rng, 0.30, 0.03),
        "income_monthly_minor": str(rng.randrange(0, 90_000, 500)) if rng.random() < 0.9 else "",
        "language": "ar" if village.script == "arabic" else "es",
        "channel": rng.choice(("sms", "call", "letter", "visit", "")),
    }
    head_sex = rng.choice(("female", "male"))
    head = _name(rng, data[village.script], village.script, head_sex, None, None)
    partner_sex = "male" if head_sex == "female" else "female"
    partner = _name(rng, data[village.script], village.script, partner_sex, None, None)
    father, mother = (head, partner) if head_sex == "male" else (partner, head)
    people = [_person(draw, of_household, 1, head, head_sex, (19, 88))]
    if size > 1:
        people.append(_person(draw, of_household, 2, partner, partner_sex, (19, 85)))
    for order in range(3, size + 1):
        sex = rng.choice(("female", "male"))
        child = _name(rng, data[village.script], village.script, sex, father, mother)
        people.append(_person(draw, of_household, order, child, sex, (0, 17)))
    people[0] |= {"role": "head", "collector": "primary"}
    people[0]["phone"] = _phone(draw) if rng.random() < 0.75 else ""
    if size > 1 and rng.random() < 0.6:
        people[1]["collector"] = "alternate"
    if size > 3 and len(draw.twins) < TWINS:
        _make_twins(draw, data[village.script], village.script, people, (father, mother))
    return people


def _name(
    rng: Random,
    stock: Mapping[str, Any],
    script: str,
    sex: str,
    father: _Name | None,
    mother: _Name | None,
) -> _Name:
    if script == "latin":
        given = rng.choice(stock[sex])
        first = father.surname_1 if father else rng.choice(stock["surnames"])
        others = [one for one in stock["surnames"] if one != first]
        second = mother.surname_1 if mother else rng.choice(others)
        return _latin_name(given, first, second)
    given, given_latin = rng.choice(stock[sex])
    if father is not None:
        between = father.given.split(" ")[0]
        latin = f"{given_latin} {father.latin}"
        return _Name(f"{given} {between} {father.surname_1}", father.surname_1, "", given, latin)
    parent, parent_latin = rng.choice(stock["male"])
    surname, surname_latin = rng.choice(stock["surnames"])
    full = f"{given} {parent} {surname}"
    return _Name(full, surname, "", given, f"{given_latin} {parent_latin} {surname_latin}")


def _latin_name(given: str, first: str, second: str) -> _Name:
    full = f"{given} {first} {second}"
    return _Name(full, first, second, given, full)


def _person(
    draw: _Draw,
    of_household: Mapping[str, str],
    order: int,
    name: _Name,
    sex: str,
    ages: tuple[int, int],
) -> Record:
    rng = draw.rng
    born = draw.today - timedelta(days=rng.randrange(ages[0] * 366 + 1, (ages[1] + 1) * 365))
    adult = (draw.today - born).days > _ADULT_DAYS
    bearing_age = sex == "female" and adult and born.year > draw.today.year - 43
    record = dict.fromkeys(HEADINGS, "") | dict(of_household)
    record |= {
        "person_number": str(order),
        "full_name": name.full,
        "surname_1": name.surname_1,
        "surname_2": name.surname_2,
        "given_names": name.given,
        "birth_date": _birth_date(rng, born),
        "sex": sex,
        "role": "member",
        "disability_functional": _maybe(rng, 0.07, 0.02),
        "pregnant_or_nursing": _maybe(rng, 0.12, 0.0) if bearing_age else "",
    }
    if adult and rng.random() < 0.7:
        draw.documents += 1
        record |= {
            "document_type": rng.choice(("national_id", "national_id", "passport")),
            "document_country": draw.country,
            "document_number": f"VP-{draw.documents:06d}",
        }
    if adult and rng.random() < 0.5:
        record[FORBIDDEN_HEADINGS[0]] = f"E{rng.randrange(10**8):08d}"
    return record


def _birth_date(rng: Random, born: date) -> str:
    written = born.isoformat()
    return rng.choices((written, written[:7], written[:4], ""), (78, 9, 9, 4))[0]


def _phone(draw: _Draw) -> str:
    draw.phones += 1
    return f"{_PHONE_STEM}{draw.phones % _PHONES_MAX:03d}"


def _maybe(rng: Random, yes: float, unknown: float) -> str:
    return rng.choices(("yes", "no", ""), (yes, 1 - yes - unknown, unknown))[0]


def _make_twins(
    draw: _Draw,
    stock: Mapping[str, Any],
    script: str,
    people: list[Record],
    parents: tuple[_Name, _Name],
) -> None:
    """Two children born the same day with names one letter apart, who are two people."""
    sex = draw.rng.choice(("female", "male"))
    given = draw.rng.choice(stock[f"twins_{sex}"])
    born = draw.today - timedelta(days=draw.rng.randrange(400, 6_000))
    father, mother = parents
    for record, own in zip(people[-2:], given, strict=True):
        name = (
            _latin_name(own, father.surname_1, mother.surname_1)
            if script == "latin"
            else _Name(f"{own} {father.given} {father.surname_1}", father.surname_1, "", own, "")
        )
        record |= {
            "full_name": name.full,
            "surname_1": name.surname_1,
            "surname_2": name.surname_2,
            "given_names": name.given,
            "sex": sex,
            "birth_date": born.isoformat(),
            "pregnant_or_nursing": "",
        }
    draw.twins.append((_record_id(people[-2]), _record_id(people[-1])))


def _plant_near_duplicates(
    draw: _Draw, data: Mapping[str, Any], households: Sequence[list[Record]]
) -> list[tuple[str, str]]:
    """Heads who were registered twice: in the other script, surnames turned round, no accents."""
    spellings = _spellings(data)
    latin = [one for one in households if one[0]["language"] == "es"]
    arabic = [one for one in households if one[0]["language"] == "ar"]
    third = NEAR_DUPLICATES // 3
    chosen_latin = draw.rng.sample(latin, 4 * third)
    chosen_arabic = draw.rng.sample(arabic, third)
    receiving = chosen_latin[2 * third :] + draw.rng.sample(
        [one for one in latin if one not in chosen_latin], third
    )
    pairs: list[tuple[str, str]] = []
    for at, original in enumerate(chosen_latin[: 2 * third] + chosen_arabic):
        head, other = original[0], receiving[at][0]
        if at < third:
            written = _swapped(head)
        elif at < 2 * third:
            written = _without_accents(head)
        else:
            written = _in_latin(head, spellings)
        other |= written | {"sex": head["sex"], "birth_date": head["birth_date"]}
        other["pregnant_or_nursing"] = head["pregnant_or_nursing"]
        pairs.append((_record_id(head), _record_id(other)))
    return pairs


def _swapped(head: Record) -> Record:
    first, second = head["surname_2"], head["surname_1"]
    full = f"{head['given_names']} {first} {second}"
    return {
        "full_name": full,
        "surname_1": first,
        "surname_2": second,
        "given_names": head["given_names"],
    }


def _without_accents(head: Record) -> Record:
    bare = str.maketrans("áéíóúñüÁÉÍÓÚÑ", "aeiounuAEIOUN")
    if head["full_name"].translate(bare) == head["full_name"]:
        return _swapped(head)
    return {
        key: head[key].translate(bare)
        for key in ("full_name", "surname_1", "surname_2", "given_names")
    }


def _in_latin(head: Record, spellings: Mapping[str, str]) -> Record:
    left = head["full_name"]
    words: list[str] = []
    while left:
        match = max((one for one in spellings if left.startswith(one)), key=len)
        words.append(spellings[match])
        left = left[len(match) :].strip()
    return {
        "full_name": " ".join(words),
        "surname_1": words[-1],
        "surname_2": "",
        "given_names": words[0],
    }


def _spellings(data: Mapping[str, Any]) -> dict[str, str]:
    stock = data["arabic"]
    return dict([*stock["female"], *stock["male"], *stock["surnames"]])


def _faulty_households(
    draw: _Draw, data: Mapping[str, Any], villages: Sequence[Village]
) -> list[list[Record]]:
    faulty = [_household(draw, data, str(HOUSEHOLDS + at), villages[at], 3) for at in range(1, 7)]
    faulty[0][2]["birth_date"] = (draw.today + timedelta(days=400)).isoformat()
    faulty[1][1]["role"] = "head"
    faulty[2][0]["phone"] = "no tiene"
    faulty[3][1]["full_name"] = ""
    faulty[4][0]["full_name"] = "=HYPERLINK(1)"
    for record in faulty[5]:
        record["income_monthly_minor"] = "veinte"
    return faulty


def _record_id(record: Record) -> str:
    return f"{record['household_number']}/{record['person_number']}"


@cache
def _names() -> Mapping[str, Any]:
    path = resources.files("despensa") / "data" / "municipality" / "names-1.yaml"
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
