"""Households that come after a cycle was frozen."""

import uuid
from datetime import timedelta

from despensa.records.bulk import execute
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries


def households_of(books, outcome):
    """Return the households of an outcome in the cycle of the books, by id."""
    return [row[0] for row in queries.decided_households(books.cycle) if row[2] == outcome]


def joins(books, household, *, months=12):
    """Somebody joins a household in the books, as young as this."""
    person, today = uuid.uuid4(), books.tools.today()
    born = (today - timedelta(days=30 * months)).replace(day=1)
    execute(
        REGISTRY,
        "INSERT INTO registrant (id, birth_month, birth_precision, facts) VALUES (%s, %s, 2, '{}')",
        (person, born),
    )
    execute(
        REGISTRY,
        """INSERT INTO membership (id, household_id, registrant_id, role, from_date)
           VALUES (%s, %s, %s, 2, %s)""",
        (uuid.uuid4(), household, person, today),
    )
    return person


def registers(books):
    """Return a household with a small child that the cycle did not know: it has a right."""
    household = uuid.uuid4()
    execute(
        REGISTRY,
        """INSERT INTO household (id, area_id, facts, registered_on)
           SELECT %s, area_id, '{}', %s FROM household LIMIT 1""",
        (household, books.tools.today()),
    )
    joins(books, household)
    return household
