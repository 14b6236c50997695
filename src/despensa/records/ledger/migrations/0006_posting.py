"""
What the database itself holds of posting: one lock order, and holds that their transfers cover.

Batches of several clients name the same accounts in any order; the balances are moved in the order
of the accounts, so that two batches wait for each other and never for ever. A hold is written with
the transfer that made it, and ended by the one that moves exactly its amount on.
"""

from typing import ClassVar

from django.db import migrations

_MOVES = """
CREATE OR REPLACE FUNCTION transfer_moves_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- one plan for 500 rows and for a million: each account by its key, whatever was planned first
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE missing bigint; funds bytea[];
BEGIN
    -- opening (2) out of the fund (2) of the cycle that is opened
    funds := ARRAY(
        SELECT account.id || int4send(account.unit) || uuid_send(account.cycle)
        FROM (SELECT DISTINCT debit, unit FROM new_rows WHERE cause = 2) opening
        JOIN account ON account.id = opening.debit AND account.unit = opening.unit
        WHERE account.kind = 2 AND account.cycle IS NOT NULL);
    IF cardinality(funds) > 0 THEN
        INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
        SELECT credit, unit, 3, cause_id, sum(amount)::bigint, true FROM new_rows
        WHERE cause = 2 AND debit || int4send(unit) || uuid_send(cause_id) = ANY (funds)
        GROUP BY credit, unit, cause_id ORDER BY credit, unit
        ON CONFLICT (id, unit) DO UPDATE SET balance = account.balance + excluded.balance
        WHERE account.balance IS NOT NULL;
    END IF;
    WITH moved AS MATERIALIZED (
        SELECT id, unit, sum(amount)::bigint AS amount FROM (
            SELECT credit AS id, unit, amount FROM new_rows
            WHERE cause <> 2
                  OR debit || int4send(unit) || uuid_send(cause_id) <> ALL (funds)
            UNION ALL SELECT debit, unit, -amount FROM new_rows
        ) side GROUP BY id, unit{order}
    ), kept AS (
        UPDATE account SET balance = account.balance + moved.amount FROM moved
        WHERE account.id = moved.id AND account.unit = moved.unit
          AND account.balance IS NOT NULL
        RETURNING account.id, account.unit
    )
    SELECT count(*) INTO missing
    FROM (SELECT id, unit FROM moved EXCEPT SELECT id, unit FROM kept) other
    WHERE NOT EXISTS (
        SELECT 1 FROM account WHERE account.id = other.id AND account.unit = other.unit);
    IF missing > 0 THEN
        RAISE EXCEPTION 'transfer names % unknown account(s)', missing
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
"""
FORWARD = (
    _MOVES.replace("{order}", " ORDER BY id, unit")
    + """
CREATE FUNCTION hold_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows LEFT JOIN transfer ON transfer.id = new_rows.id
               WHERE transfer.id IS NULL OR transfer.cause <> 10
                  OR transfer.debit <> new_rows.debit OR transfer.credit <> new_rows.held
                  OR transfer.unit <> new_rows.unit OR transfer.amount <> new_rows.amount) THEN
        RAISE EXCEPTION 'a hold without its transfer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_is_covered';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hold_is_covered AFTER INSERT ON hold REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION hold_is_covered();

CREATE FUNCTION hold_end_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows JOIN hold ON hold.id = new_rows.hold_id
               LEFT JOIN transfer ON transfer.id = new_rows.transfer
               WHERE transfer.id IS NULL OR transfer.debit <> hold.held
                  OR transfer.unit <> hold.unit OR transfer.amount <> hold.amount
                  OR transfer.credit <> CASE WHEN new_rows.is_posted THEN hold.credit
                                             ELSE hold.debit END) THEN
        RAISE EXCEPTION 'an ended hold without the transfer that ends it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_end_is_covered';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hold_end_is_covered AFTER INSERT ON hold_end REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION hold_end_is_covered();

CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON hold
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
"""
)
BACKWARD = """
DROP TRIGGER rows_go_when_their_cycle_fades ON hold;
DROP TRIGGER hold_end_is_covered ON hold_end;
DROP FUNCTION hold_end_is_covered();
DROP TRIGGER hold_is_covered ON hold;
DROP FUNCTION hold_is_covered();
""" + _MOVES.replace("{order}", "")


class Migration(migrations.Migration):
    """Triggers on transfer, hold and hold_end."""

    dependencies: ClassVar = [("ledger", "0005_money")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
