"""Random registers with gaps, as CSV files like PostgreSQL's COPY and as domain values."""

import csv
import json
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from despensa.domain.eligibility.rule import FactDeclaration, Household, Member, Rule
from despensa.domain.ports.engine import RegistryFiles

INSIDE, OUTSIDE = UUID(int=7), UUID(int=8)
SEX_NUMBERS = {"male": "1", "female": "2", "other": "3"}


@dataclass(frozen=True, slots=True)
class Register:
    """Households by id, and where their files lie."""

    households: dict[UUID, Household]
    files: RegistryFiles


def a_register(rule: Rule, dice: random.Random, size: int, folder: Path) -> Register:
    """Return a random register of `size` households with gaps, written into a folder."""
    households = {
        UUID(int=dice.getrandbits(128)): Household(
            dice.choice([True, True, False, None]),
            _facts(rule, "household", dice),
            tuple(_member(rule, dice) for _ in range(dice.choice([0, 1, 1, 2, 3, 4, 7]))),
        )
        for _ in range(size)
    }
    return Register(households, write_register(households, folder))


def write_register(households: dict[UUID, Household], folder: Path) -> RegistryFiles:
    """Write households as the two CSV files an engine freezes."""
    folder.mkdir(parents=True, exist_ok=True)
    areas = {True: str(INSIDE), False: str(OUTSIDE), None: ""}
    heads = [
        [str(identifier), areas[household.in_area], json.dumps(dict(household.facts))]
        for identifier, household in households.items()
    ]
    members = [
        [
            str(identifier),
            member.born.isoformat() if member.born else "",
            str(member.precision),
            SEX_NUMBERS.get(str(member.facts.get("sex")), ""),
            json.dumps({name: value for name, value in member.facts.items() if name != "sex"}),
        ]
        for identifier, household in households.items()
        for member in household.members
    ]
    paths = folder / "households.csv", folder / "members.csv"
    _write(paths[0], ["household_id", "area", "facts"], heads)
    columns = ["household_id", "birth_month", "birth_precision", "sex", "facts"]
    _write(paths[1], columns, members)
    return RegistryFiles(*map(str, paths))


def _write(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _member(rule: Rule, dice: random.Random) -> Member:
    precision = dice.choice([0, 1, 2, 2, 3])
    born = None
    if precision:
        year = dice.choice([1950, 1966, 1990, 2007, 2008, 2009, 2020, 2021, 2023, 2024, 2025, 2026])
        born = date(year, 1 if precision == 1 else dice.randint(1, 12), 1)
    return Member(born, precision, _facts(rule, "person", dice))


def _facts(rule: Rule, of: str, dice: random.Random) -> dict[str, bool | int | str]:
    return {
        fact.name: _value(fact, dice)
        for fact in rule.facts.values()
        if fact.of == of and dice.random() < 0.75
    }


def _value(fact: FactDeclaration, dice: random.Random) -> bool | int | str:
    if fact.name == "sex":
        return dice.choice(fact.values)
    if dice.random() < 0.05:
        return dice.choice(["", "other_code", -1, 10**13, True])
    if fact.type == "boolean":
        return dice.random() < 0.5
    if fact.type == "code":
        return dice.choice(fact.values)
    return dice.choice([0, 1, 99, 4999, 5000, 9999, 10000, 10001, 25000, -7, 10**12])
