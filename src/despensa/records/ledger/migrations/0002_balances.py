"""
Balances kept by the database: a statement's transfers are added to the accounts they name.

A transfer that names an unknown account is refused, and an overdraft fails the account's CHECK, so
the whole statement and its transaction with it. Only an opening out of the fund of its own cycle makes
the entitlement accounts it fills, each with what it gets: written once, not first empty and then full. `lock_accounts` locks in one order, because the
application may not update accounts and PostgreSQL asks for that right before it locks rows.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION transfer_moves_balances() RETURNS trigger
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
        ) side GROUP BY id, unit
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
CREATE TRIGGER transfer_moves_balances AFTER INSERT ON transfer
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transfer_moves_balances();

CREATE FUNCTION account_starts_empty() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.balance <> 0 THEN
        RAISE EXCEPTION 'an account starts at 0: only transfers move balances'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_starts_empty BEFORE INSERT ON account
    -- the trigger above fills what it makes, by the transfers it saw
    FOR EACH ROW WHEN (NEW.balance <> 0 AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION account_starts_empty();

CREATE FUNCTION lock_accounts(wanted bytea[])
RETURNS TABLE (id bytea, unit integer, balance bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT account.id, account.unit, account.balance FROM account
    WHERE account.id = ANY (wanted) AND account.balance IS NOT NULL
    ORDER BY account.id, account.unit FOR UPDATE
$$;
REVOKE ALL ON FUNCTION lock_accounts(bytea[]) FROM PUBLIC;

-- a balance that moves stays on its page, where no index has to learn of it
ALTER TABLE account SET (fillfactor = 50);
"""
BACKWARD = """
ALTER TABLE account RESET (fillfactor);
DROP FUNCTION lock_accounts(bytea[]);
DROP TRIGGER account_starts_empty ON account;
DROP FUNCTION account_starts_empty();
DROP TRIGGER transfer_moves_balances ON transfer;
DROP FUNCTION transfer_moves_balances();
"""


class Migration(migrations.Migration):
    """Triggers on transfer and account."""

    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
