"""
`bench data`: how fast a seeded register is written.

The limit is the same number of people written bare: one table without keys or constraints, one
connection, one statement. Source: docs/reference/benchmarks.md.
"""

import time

import psycopg

from despensa.entrypoints.bench import people
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures
from despensa.entrypoints.cli.problems import Refused

_TABLE = "bench_bare_person"


class NotEmpty(Refused):
    """The workspace holds people already."""


def bench_data(ground: Ground, count: int, *, seed: int) -> Figures:
    """
    Return the figures of inventing so many people with their households, facts and cards.

    Raises: NotEmpty.
    """
    there = people.people_there(ground)
    if there:
        raise NotEmpty(
            f"{ground.tools.workspace.folder} holds {there:,} people already. Give another folder "
            "to measure again; bench decide uses this one as it is."
        )
    began = time.monotonic()
    people.fill_register(ground, count, seed=seed)
    seconds = time.monotonic() - began
    return Figures("data", "people", count, seconds, _limit_seconds(ground, count))


def _limit_seconds(ground: Ground, count: int) -> float:
    ground.tell("measuring the limit: one bare table")
    with psycopg.connect(ground.endpoints.registry_owner) as connection:
        connection.execute(
            f"CREATE TABLE {_TABLE} (id uuid, birth_month date, birth_precision smallint, "
            "sex smallint, facts jsonb)"
        )
        began = time.monotonic()
        connection.execute(
            f"""INSERT INTO {_TABLE}
                SELECT md5('p' || p)::uuid, DATE '2026-01-01' - (p %% 30000)::int, 3, 1 + p %% 2,
                       jsonb_build_object('disability_functional', p %% 31 = 0,
                                          'pregnant_or_nursing', p %% 15 = 0)
                FROM generate_series(1, %s::bigint) AS p""",  # noqa: S608  (our own constants)
            (count,),
        )
        seconds = time.monotonic() - began
        connection.rollback()
    return seconds
