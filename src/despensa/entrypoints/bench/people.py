"""
A seeded register written by SQL: households, people, dated memberships, facts, cards and links.

Every value is a hash of the seed and a running number, so that the same seed invents the same
people. Names, documents and phones stay empty: sealing them is the import's work, not measured
here. Source: docs/reference/benchmarks.md.
"""

# Every statement is put together from this module's own constants; values are parameters.
# ruff: noqa: S608

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from despensa.adapters.keeper.links import LinkFile
from despensa.domain import epoch as epochs
from despensa.domain import identifier
from despensa.domain.card.tag import SECRET_LENGTH, Link
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Progress
from despensa.entrypoints.jobs import collector
from despensa.records.bulk import copy_rows, execute, fetch, widen_memory
from despensa.records.databases import REGISTRY

# eight households of these sizes in turn: three people each on average
SIZES = (2, 4, 3, 1, 5, 2, 6, 1)
# months between the step of the invented cards' links and today: as after last month's cycle
CARD_STEPS = 1
_BLOCK = sum(SIZES)
_HOUSEHOLD_AT = [index for index, size in enumerate(SIZES) for _ in range(size)]
_HEADS = [place for place in range(_BLOCK) if _HOUSEHOLD_AT[place] != _HOUSEHOLD_AT[place - 1]]
_PEOPLE_AT_ONCE = 1_600 * _BLOCK
_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Register:
    """How much was invented."""

    people: int
    households: int


def people_there(ground: Ground) -> int:
    """Return how many people the workspace holds already."""
    del ground
    [(count,)] = fetch(REGISTRY, "SELECT count(*) FROM registrant")
    return int(count)


def household_of(person: int) -> int:
    """
    Return the number of the household a person lives in, both counted from 0.

    >>> [household_of(person) for person in (0, 1, 2, 23, 24)]
    [0, 0, 1, 7, 8]
    """
    return person // _BLOCK * len(SIZES) + _HOUSEHOLD_AT[person % _BLOCK]


@collector.paused()
def fill_register(ground: Ground, people: int, *, seed: int) -> Register:
    """Return what was invented for an empty workspace: so many people with all that is theirs."""
    households = household_of(people - 1) + 1
    progress = Progress("inventing people", people, ground.tell)
    done, lock = 0, threading.Lock()

    def write(start: int) -> None:
        nonlocal done
        count = min(_PEOPLE_AT_ONCE, people - start)
        _write_people(start, count, seed=seed, today=ground.tools.today())
        with lock:
            done += count
            progress.at(done)

    with ThreadPoolExecutor(_WORKERS, initializer=_own_connection) as pool:
        written = pool.map(write, range(0, people, _PEOPLE_AT_ONCE))
        numbers = _link_cards(ground, households, seed=seed)
        list(written)
        pool.submit(_close_own).result()
    began = time.monotonic()
    _write_cards(ground, numbers, seed=seed)
    ground.tell(f"{households:,} cards handed over in {time.monotonic() - began:.1f} s")
    analyse(ground)
    return Register(people, households)


def _own_connection() -> None:
    from django.db import connections

    connections[REGISTRY].ensure_connection()


def _close_own() -> None:
    from django.db import connections

    connections.close_all()


def _write_people(start: int, count: int, *, seed: int, today: date) -> None:
    """Write people from a running number on, with their households: whole blocks of both."""
    from django.db import transaction

    values = {
        "seed": seed,
        "salt": f"{seed}/",
        "first": start,
        "last": start + count - 1,
        "first_home": household_of(start),
        "last_home": household_of(start + count - 1),
        "block": _BLOCK,
        "homes": len(SIZES),
        "places": [*_HOUSEHOLD_AT],
        "heads": [*_HEADS],
        "today": today,
        "month": today.replace(day=1),
    }
    with transaction.atomic(using=REGISTRY):
        widen_memory(REGISTRY)
        for statement in _STATEMENTS:
            execute(REGISTRY, statement, values)


def _id(what: str, number: str) -> str:
    return f"md5(%(salt)s::text || '{what}' || ({number}))::uuid"


_HOME = "p / %(block)s * %(homes)s + (%(places)s::int[])[p %% %(block)s + 1]"
_HASH = "hashint8extended({}, %(seed)s)"
_BITS = _HASH + " AS bits"

# sorted by a key: an index takes neighbours faster than strangers
_STATEMENTS = (
    f"""INSERT INTO household (id, area_id, facts, registered_on)
        SELECT {_id("household", "h")}, places.ids[1 + (bits & 1023) %% cardinality(places.ids)],
               jsonb_build_object(
                   'displaced', bits >> 10 & 7 = 0, 'dwelling_shared', bits >> 13 & 7 = 0,
                   'income_monthly_minor', (bits >> 16 & 4095) * 100,
                   'livelihood_lost', bits >> 28 & 7 = 0),
               %(today)s::date - (bits >> 31 & 511)::int
        FROM (SELECT h, {_BITS.format("h")}
              FROM generate_series(%(first_home)s::bigint, %(last_home)s::bigint) AS h) AS home,
             (SELECT array_agg(id ORDER BY pcode) AS ids FROM area WHERE level = 1) AS places
        ORDER BY 1""",
    f"""INSERT INTO registrant (id, birth_month, birth_precision, sex, facts)
        SELECT {_id("person", "p")},
               CASE WHEN bits & 63 > 0 THEN (%(month)s::date - make_interval(
                   months => (bits >> 6 & 1023)::int %% 960))::date END,
               CASE WHEN bits & 63 = 0 THEN 0 WHEN bits & 63 < 8 THEN 1 WHEN bits & 63 < 12 THEN 2
                    ELSE 3 END,
               1 + (bits >> 16 & 1),
               CASE WHEN bits >> 17 & 15 = 0 THEN '{{}}'::jsonb ELSE jsonb_build_object(
                   'disability_functional', bits >> 21 & 31 = 0,
                   'pregnant_or_nursing', bits >> 16 & 1 = 1 AND bits >> 26 & 15 = 0) END
        FROM (SELECT p, {_BITS.format("p + 1000000000000")}
              FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS p) AS person
        ORDER BY 1""",
    f"""INSERT INTO membership (id, household_id, registrant_id, role, from_date)
        SELECT {_id("member", "p")}, {_id("household", "home")}, {_id("person", "p")},
               CASE WHEN p %% %(block)s = ANY (%(heads)s::int[]) THEN 1 ELSE 2 END,
               %(today)s::date - 400 - ({_HASH.format("p + 2000000000000")} & 1023)::int
        FROM (SELECT p, {_HOME} AS home
              FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS p) AS person
        ORDER BY 3""",
    # one in 64 has left, never a head; a membership is born open and ends later
    f"""UPDATE membership SET until_date = %(today)s::date - 30
        WHERE role = 2 AND registrant_id = ANY (ARRAY(
            SELECT {_id("person", "p")}
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS p
            WHERE {_HASH.format("p + 2000000000000")} >> 10 & 63 = 0))""",
    # one in eight may fetch for the neighbours
    f"""INSERT INTO membership (id, household_id, registrant_id, role, from_date)
        SELECT {_id("neighbour", "p")}, {_id("household", "home")}, {_id("person", "p")}, 4,
               %(today)s::date - 2000
        FROM (SELECT p, %(first_home)s + ({_HOME} - %(first_home)s + 1)
                        %% (%(last_home)s - %(first_home)s + 1) AS home
              FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS p
              WHERE hashint8extended(p, %(seed)s + 1) & 7 = 0) AS person""",
)


def _link_cards(ground: Ground, households: int, *, seed: int) -> tuple[str, ...]:
    """Return the number of one card for every household; the keeper has its link."""
    tools = ground.tools
    # invented cards must be the same in every run: this is no secret
    dice = random.Random(seed)  # noqa: S311
    numbers = identifier.card_numbers(dice.randbytes, households)
    secrets = dice.randbytes(SECRET_LENGTH * households)
    epoch = max(0, epochs.epoch_of(tools.today()) - CARD_STEPS)
    links = {
        number: Link(epoch, secrets[at * SECRET_LENGTH : (at + 1) * SECRET_LENGTH])
        for at, number in enumerate(numbers)
    }
    folder = tools.workspace.keys / "keeper" / "links"
    LinkFile(folder, workspace=tools.workspace.workspace_id.bytes, random=dice.randbytes).store(
        links
    )
    return numbers


def _write_cards(ground: Ground, numbers: tuple[str, ...], *, seed: int) -> None:
    """Hand one card to every household."""
    from django.db import transaction

    today = ground.tools.today()
    batch = ground.new_id()
    with transaction.atomic(using=REGISTRY):
        execute(
            REGISTRY,
            """INSERT INTO card_batch (id, proposal, cycle, count, state, issued_on, destroy_by)
               VALUES (%s, %s, NULL, %s, 3, %s, %s)""",
            (batch, ground.new_id(), len(numbers), today, today + timedelta(days=7)),
        )
        copy_rows(
            REGISTRY,
            "card",
            (
                "number", "household_id", "batch_id", "position", "state", "epoch", "issued_on",
                "expires_on", "kid",
            ),
            _card_rows(numbers, batch, today, seed),
        )  # fmt: skip
        # a card begins as printed
        execute(REGISTRY, "UPDATE card SET state = 2 WHERE batch_id = %s", (batch,))


def _card_rows(
    numbers: tuple[str, ...], batch: UUID, today: date, seed: int
) -> Iterator[tuple[object, ...]]:
    import hashlib

    until = date(today.year + 5, 12, 31)
    epoch = max(0, epochs.epoch_of(today) - CARD_STEPS)
    for at, number in enumerate(numbers):
        # as PostgreSQL's md5(...)::uuid in the statements above
        household = hashlib.md5(f"{seed}/household{at}".encode(), usedforsecurity=False)
        yield number, household.hexdigest(), batch, at, 1, epoch, today, until, bytes(8)


def analyse(ground: Ground) -> None:
    """Let the planner know what was written."""
    import psycopg

    with psycopg.connect(ground.endpoints.registry_owner, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
