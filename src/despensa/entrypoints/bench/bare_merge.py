"""
The limit of merging: the same rows by COPY into a staging table and a bare INSERT ... SELECT.

No lease, no question, no evidence, no leaf: three tables with their keys, one balance a row, batches,
workers and durability as in `usecases.merge_events`. The tables lie in a schema of their own, which the
owner role makes and drops.
"""

# Every statement is put together from this module's own constants; values are parameters.
# ruff: noqa: S608

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median

import psycopg

from despensa.entrypoints.bench.ground import Ground

SCHEMA = "bench_limit"
PASSES = 3
_TABLES = f"""
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;
CREATE SCHEMA {SCHEMA};
CREATE TABLE {SCHEMA}.redemption (id uuid PRIMARY KEY, account bytea, unit int, quantity bigint,
                                  point uuid, day date);
CREATE TABLE {SCHEMA}.transfer (id uuid PRIMARY KEY, debit bytea, credit bytea, unit int,
                                amount bigint, cause_id uuid);
CREATE TABLE {SCHEMA}.account (id bytea, unit int, balance bigint, PRIMARY KEY (id, unit));
"""
_STAGED = """CREATE TEMPORARY TABLE staged (event uuid, account bytea, unit int, quantity bigint, point uuid,
                               day date, data bytea) ON COMMIT DELETE ROWS"""
_ROWS = """
SELECT redemption.id, redemption.account, redemption.unit, redemption.quantity, redemption.point,
       redemption.day, evidence.sealed
FROM evidence_batch batch
CROSS JOIN LATERAL unnest(batch.events, batch.sealed) AS evidence (event, sealed)
JOIN redemption ON redemption.id = evidence.event
ORDER BY batch.id LIMIT %s
"""
_COLUMNS = ["uuid", "bytea", "int4", "int8", "uuid", "date", "bytea"]
_MERGE = f"""
WITH redeemed AS (
    INSERT INTO {SCHEMA}.redemption SELECT event, account, unit, quantity, point, day FROM staged
), moved AS (
    INSERT INTO {SCHEMA}.transfer
    SELECT gen_random_uuid(), account, uuid_send(point), unit, quantity, event FROM staged
)
UPDATE {SCHEMA}.account SET balance = balance - moved.quantity
FROM (SELECT account, unit, sum(quantity)::bigint AS quantity FROM staged GROUP BY account, unit)
     AS moved
WHERE id = moved.account AND account.unit = moved.unit
"""


def limit_seconds(ground: Ground, rows: int, *, batch: int, workers: int) -> float:
    """
    Return the seconds that a bare merge of so many redemptions takes, by so many workers.

    It is done three times and the middle one counts: one pass is short and swings with the machine.
    """
    address = ground.endpoints.ledger_owner
    with psycopg.connect(address) as connection:
        found = connection.execute(_ROWS, (rows,), binary=True).fetchall()
    return median(_pass_seconds(address, found, batch, workers) for _ in range(PASSES))


def _pass_seconds(address: str, found: list[tuple[object, ...]], batch: int, workers: int) -> float:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_TABLES)
        connection.execute(
            f"INSERT INTO {SCHEMA}.account SELECT DISTINCT account, unit, 1000000 "
            "FROM redemption WHERE account IS NOT NULL"
        )
        connection.execute(f"ANALYZE {SCHEMA}.account")
        try:
            with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
                at_work = [stack.enter_context(psycopg.connect(address)) for _ in range(workers)]
                for worker in at_work:
                    worker.execute("SET synchronous_commit = off")
                    worker.execute(_STAGED)
                    worker.commit()
                began = time.monotonic()
                shares = [found[number::workers] for number in range(workers)]
                list(pool.map(_merge, at_work, shares, [batch] * workers))
                return time.monotonic() - began
        finally:
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def _merge(
    connection: "psycopg.Connection[tuple[object, ...]]",
    rows: list[tuple[object, ...]],
    batch: int,
) -> None:
    for start in range(0, len(rows), batch):
        with connection.cursor() as cursor:
            with cursor.copy("COPY staged FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(_COLUMNS)
                for row in rows[start : start + batch]:
                    copy.write_row(row)
            cursor.execute(_MERGE, prepare=True)
        connection.commit()
