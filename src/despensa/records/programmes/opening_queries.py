"""
What an opening reads of a decided cycle: goods and cards of a whole register, packed by the server.

One text of bytes for thousands of rows instead of a row each: a register has millions. The same
as `queries.decided_households` says (tested). Shape: see `domain.ledger.opening_rows`.
"""

from uuid import UUID

from django.db import connections

from despensa.domain.ledger.opening_rows import GOODS
from despensa.records.bulk import fetch, widen_memory
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries

_ROWS_A_BLOCK = 32_768
_ENTITLED = 1
# the planner takes a cycle decided a moment ago for empty, and would look each household up
_PLAN = "SET LOCAL enable_nestloop = off; SET LOCAL max_parallel_workers_per_gather = 0"
_GOODS = """
    SELECT string_agg(uuid_send(household_id) || int4send(unit) || int8send(quantity), ''::bytea)
    FROM (SELECT household_id, unit, quantity, row_number() OVER () / %s AS block
          FROM benefit_line WHERE cycle_id = %s AND household_id <> ALL(%s::uuid[])) line
    GROUP BY block
"""
_CARDS = """
    SELECT string_agg(convert_to(number, 'UTF8') || uuid_send(household) || int2send(outcome)
                      || int2send(gives), ''::bytea ORDER BY place)
    FROM (SELECT card.number, card.household_id AS household,
                 coalesce(moved.outcome, decision.outcome) AS outcome,
                 coalesce(moved.gives, line.household_id IS NOT NULL)::int::smallint AS gives,
                 row_number() OVER (ORDER BY card.number COLLATE "C") AS place
          FROM card
          LEFT JOIN decision
               ON decision.cycle_id = %s AND decision.household_id = card.household_id
          LEFT JOIN (SELECT DISTINCT household_id FROM benefit_line WHERE cycle_id = %s) line
               ON line.household_id = card.household_id
          LEFT JOIN unnest(%s::uuid[], %s::smallint[], %s::boolean[])
                    AS moved (household, outcome, gives) ON moved.household = card.household_id
          WHERE card.state IN (2, 3) AND card.household_id IS NOT NULL
            AND (decision.household_id IS NOT NULL OR moved.household IS NOT NULL)) one
    GROUP BY place / %s ORDER BY min(place)
"""


def opening_rows(cycle_id: UUID) -> tuple[list[bytes], bytes]:
    """
    Return the goods of a decided cycle in blocks, and the usable cards of its households by number.

    Goods are what was decided and what was carried over from or to other households since. Both
    show one moment of the register.
    """
    connection = connections[REGISTRY]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            carried = queries.carried_goods(cycle_id)
            outcomes = queries.outcomes_of(cycle_id, list(carried))
            widen_memory(REGISTRY)
            cursor.execute(_PLAN)
            goods = _texts(_GOODS, (_ROWS_A_BLOCK, cycle_id, list(carried)))
            # a household nobody decided is there for what it got from others, or not at all
            moved = [home for home, lines in carried.items() if home in outcomes or lines]
            cards = _texts(
                _CARDS,
                (
                    cycle_id,
                    cycle_id,
                    moved,
                    [outcomes.get(home, _ENTITLED) for home in moved],
                    [bool(carried[home]) for home in moved],
                    _ROWS_A_BLOCK,
                ),
            )
        finally:
            cursor.execute("COMMIT")
    extra = b"".join(
        GOODS.pack(home.bytes, unit, quantity)
        for home, lines in carried.items()
        for unit, quantity in lines
    )
    return [*goods, *([extra] if extra else [])], b"".join(cards)


def _texts(statement: str, parameters: tuple[object, ...]) -> list[bytes]:
    return [bytes(text) for (text,) in fetch(REGISTRY, statement, parameters)]
