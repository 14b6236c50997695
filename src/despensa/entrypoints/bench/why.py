"""How long one household's why takes, with the note that somebody looked."""

import time
from statistics import quantiles
from uuid import UUID

from despensa.domain.ports.keeper import Purpose
from despensa.domain.role import Role
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.jobs.why import explained
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries
from despensa.usecases.open_decision import open_decision

ASKED = 100
_PEOPLE = 5


def why_p95_ms(ground: Ground, cycle_id: UUID) -> float:
    """
    Return the 95th percentile of the milliseconds that one why takes, over `ASKED` households.

    Counted: finding the household in reach, writing the access entry, its decisions, and the
    sentences; several people ask, because one may not open so many records in an hour.
    """
    row = queries.cycle(cycle_id)
    if row is None:
        raise RuntimeError("the cycle just opened is not there")
    staff = [ground.new_staff(Role.REGISTRAR) for _ in range(_PEOPLE)]
    seconds = []
    for at, (household,) in enumerate(_some_households(cycle_id)):
        acting = ground.tools.acting(staff[at % _PEOPLE])
        began = time.monotonic()
        decisions = open_decision(household, purpose=Purpose.SERVE_HOUSEHOLD, acting=acting)
        [decided] = [one for one in decisions if one.cycle == cycle_id]
        explained(decided, row, "en")
        seconds.append(time.monotonic() - began)
    return quantiles(seconds, n=20)[-1] * 1000


def _some_households(cycle_id: UUID) -> list[tuple[UUID]]:
    """Return households from all over the cycle: ids are random, so stretches of them are too."""
    starts = [f"{at * 256 // ASKED:02x}000000-0000-4000-8000-000000000000" for at in range(ASKED)]
    return fetch(
        REGISTRY,
        """SELECT DISTINCT found.household_id
           FROM unnest(%s::uuid[]) AS start (id)
           CROSS JOIN LATERAL (
               SELECT household_id FROM decision
               WHERE cycle_id = %s AND household_id >= start.id
               ORDER BY household_id LIMIT 1) AS found""",
        (starts, cycle_id),
    )
