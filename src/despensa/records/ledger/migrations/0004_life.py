"""
What the database itself holds of a cycle's life: no list of a closed one, rows go only when it fades.

A cycle's books move one step at a time. Preparing a list shares the cycle's row, so that closing it
waits for the list and no list comes after. Transfers that are deleted give their amounts back, so that
balances stay what their transfers make.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION cycle_books_move_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NEW.state <> OLD.state + 1 THEN
        RAISE EXCEPTION 'the books of a cycle move one step at a time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_books_move_forward';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cycle_books_move_forward BEFORE UPDATE ON cycle_books
    FOR EACH ROW EXECUTE FUNCTION cycle_books_move_forward();

CREATE FUNCTION only_an_open_cycle(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found smallint;
BEGIN
    SELECT state INTO found FROM cycle_books WHERE cycle = wanted FOR SHARE;
    IF found > 1 THEN
        RAISE EXCEPTION 'this cycle is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_an_open_cycle';
    END IF;
END $$;
CREATE FUNCTION session_of_an_open_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM only_an_open_cycle(NEW.cycle);
    RETURN NEW;
END $$;
CREATE FUNCTION lease_of_an_open_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM only_an_open_cycle((SELECT cycle FROM session WHERE session.id = NEW.session_id));
    RETURN NEW;
END $$;
CREATE TRIGGER session_of_an_open_cycle BEFORE INSERT ON session
    FOR EACH ROW EXECUTE FUNCTION session_of_an_open_cycle();
CREATE TRIGGER lease_of_an_open_cycle BEFORE INSERT ON lease
    FOR EACH ROW EXECUTE FUNCTION lease_of_an_open_cycle();

CREATE FUNCTION rows_go_when_their_cycle_fades() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT cycle FROM old_rows) AS gone
               LEFT JOIN cycle_books books USING (cycle)
               WHERE gone.cycle IS NOT NULL AND coalesce(books.state, 0) < 4) THEN
        RAISE EXCEPTION '% of a cycle that does not fade', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rows_go_when_their_cycle_fades';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON account
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON tag
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON evidence_batch
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON swept
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON slip
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();
CREATE TRIGGER rows_go_when_their_cycle_fades AFTER DELETE ON carry_over
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_when_their_cycle_fades();

CREATE FUNCTION content_goes_when_its_events_fade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows WHERE NOT EXISTS (
                   SELECT FROM evidence_batch batch JOIN cycle_books books USING (cycle)
                   WHERE batch.entry = old_rows.entry AND books.state >= 4)) THEN
        RAISE EXCEPTION 'journal content that tells of no event of a cycle that fades'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'content_goes_when_its_events_fade';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER content_goes_when_its_events_fade AFTER DELETE ON journal_content
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION content_goes_when_its_events_fade();

CREATE FUNCTION transfer_gives_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows JOIN account ON account.id = old_rows.debit
                                                AND account.unit = old_rows.unit
               LEFT JOIN cycle_books books ON books.cycle = account.cycle
               WHERE coalesce(books.state, 0) < 4) THEN
        RAISE EXCEPTION 'transfer of a cycle that does not fade'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rows_go_when_their_cycle_fades';
    END IF;
    UPDATE account SET balance = account.balance + gone.amount FROM (
        SELECT id, unit, sum(amount)::bigint AS amount FROM (
            SELECT debit AS id, unit, amount FROM old_rows
            UNION ALL SELECT credit, unit, -amount FROM old_rows
        ) side GROUP BY id, unit HAVING sum(amount) <> 0
    ) gone
    WHERE account.id = gone.id AND account.unit = gone.unit AND account.balance IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER transfer_gives_back AFTER DELETE ON transfer
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transfer_gives_back();
"""
BACKWARD = """
DROP TRIGGER transfer_gives_back ON transfer;
DROP FUNCTION transfer_gives_back();
DROP TRIGGER content_goes_when_its_events_fade ON journal_content;
DROP FUNCTION content_goes_when_its_events_fade();
DROP TRIGGER rows_go_when_their_cycle_fades ON carry_over;
DROP TRIGGER rows_go_when_their_cycle_fades ON slip;
DROP TRIGGER rows_go_when_their_cycle_fades ON swept;
DROP TRIGGER rows_go_when_their_cycle_fades ON evidence_batch;
DROP TRIGGER rows_go_when_their_cycle_fades ON tag;
DROP TRIGGER rows_go_when_their_cycle_fades ON account;
DROP FUNCTION rows_go_when_their_cycle_fades();
DROP TRIGGER lease_of_an_open_cycle ON lease;
DROP TRIGGER session_of_an_open_cycle ON session;
DROP FUNCTION lease_of_an_open_cycle();
DROP FUNCTION session_of_an_open_cycle();
DROP FUNCTION only_an_open_cycle(uuid);
DROP TRIGGER cycle_books_move_forward ON cycle_books;
DROP FUNCTION cycle_books_move_forward();
"""


class Migration(migrations.Migration):
    """Triggers of a cycle's life."""

    dependencies: ClassVar = [
        ("ledger", "0003_carry_over"),
        ("ledger_journal", "0002_content_storage"),
        ("redemption", "0003_tag_covers"),
        ("service_points", "0002_room"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
