"""
Balances kept by the database: a statement's transfers are added to the accounts they name.

A transfer that names an unknown account is refused, and an overdraft fails the account's CHECK, so
the whole statement and its transaction with it. `lock_accounts` locks in one order, because the
application may not update accounts and PostgreSQL asks for that right before it locks rows.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION transfer_moves_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- one plan for 500 rows and for a million: each account by its key, whatever was planned first
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE missing bigint;
BEGIN
    WITH moved AS MATERIALIZED (
        SELECT id, unit, sum(amount)::bigint AS amount FROM (
            SELECT credit AS id, unit, amount FROM new_rows
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
    FOR EACH ROW WHEN (NEW.balance IS NOT NULL) EXECUTE FUNCTION account_starts_empty();

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
