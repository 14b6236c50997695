"""Random registers with gaps, as CSV files like PostgreSQL's COPY and as domain values."""

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import duckdb

from despensa.domain.eligibility.frozen import Reads
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


def invent_frozen(
    connection: duckdb.DuckDBPyConnection, reads: Reads, size: int, seed: int
) -> None:
    """Make the tables `household` and `member` of so many random frozen rows with gaps."""
    own = [_invented(column, reads.household_facts, seed) for column in reads.household_columns]
    connection.execute(
        f"CREATE TABLE household AS SELECT {', '.join(['row_id', *own])} "
        f"FROM (SELECT i::UINTEGER AS row_id, i AS place FROM range({size}) AS every (i))"
    )
    shares = [_invented(column, reads.person_facts, seed) for column in reads.member_columns]
    connection.execute(
        f"CREATE TABLE member AS SELECT {', '.join(['row_id', *shares])} FROM ("
        "SELECT row_id, row_id * 10 + n AS place FROM household, "
        f"LATERAL (SELECT unnest(range([0, 1, 1, 2, 2, 3, 5][(hash(row_id, {seed}) % 7)::INT + 1])) AS n))"
    )


def _invented(column: str, facts: Sequence[FactDeclaration], seed: int) -> str:
    # a run has registers with no gap, few and many, and ages close together and far apart
    gaps, oldest = (0, 4, 25)[seed % 3], (6, 25, 80)[seed // 3 % 3]
    dice = f"hash(place, {seed}, '{column}')"
    known = f"hash(place, {seed}, 'gap of {column}') % 100 >= {gaps}"
    if column.startswith("age"):
        # both ends of one age are known or unknown together, and at most a year apart
        low = f"hash(place, {seed}, '{column.partition('_')[0]}') % {oldest}"
        wide = f"+ {dice} % 2" if column.endswith("_high") else ""
        known = known.replace(column, column.partition("_")[0])
        return f"CASE WHEN {known} THEN ({low} {wide})::USMALLINT END AS {column}"
    if column == "lot":
        return f"({dice} % {1 << 48 if seed % 2 else 3})::BIGINT AS lot"
    fact = next((fact for fact in facts if column == f"fact_{fact.name}"), None)
    if fact is None or fact.type == "boolean":
        value = f"{dice} % 2 = 0"
    elif fact.type == "code":
        value = f"{list(fact.values)}[({dice} % {len(fact.values)})::INT + 1]"
    else:
        value = f"[0, 1, 99, 4999, 5000, 9999, 10000, 10001, 25000, -7, {10**12}][({dice} % 11)::INT + 1]"
    return f"CASE WHEN {known} THEN {value} END AS {column}"
