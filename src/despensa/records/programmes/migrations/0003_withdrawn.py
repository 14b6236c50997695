"""
What the database itself holds of a withdrawn cycle: only one that never began to open, and for ever.

What a cycle decided and gives goes with it alone: the rows of any other are deleted by nobody, so that
the key which refuses a second benefit is released only together with the benefit itself.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION cycle_withdrawn_unopened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 0 AND NEW.state <> 0 OR NEW.state = 0 AND OLD.state > 2 THEN
        RAISE EXCEPTION 'a cycle is withdrawn before it opens, and stays that'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cycle_withdrawn_unopened';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cycle_withdrawn_unopened BEFORE UPDATE OF state ON cycle
    FOR EACH ROW EXECUTE FUNCTION cycle_withdrawn_unopened();

CREATE FUNCTION rows_go_with_a_withdrawn_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT cycle_id FROM old_rows) AS gone
               JOIN cycle ON cycle.id = gone.cycle_id WHERE cycle.state > 0) THEN
        RAISE EXCEPTION '% of a cycle that is not withdrawn', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rows_go_with_a_withdrawn_cycle';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rows_go_with_a_withdrawn_cycle AFTER DELETE ON decision
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_with_a_withdrawn_cycle();
CREATE TRIGGER rows_go_with_a_withdrawn_cycle AFTER DELETE ON benefit_line
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_with_a_withdrawn_cycle();
"""
BACKWARD = """
DROP TRIGGER rows_go_with_a_withdrawn_cycle ON benefit_line;
DROP TRIGGER rows_go_with_a_withdrawn_cycle ON decision;
DROP FUNCTION rows_go_with_a_withdrawn_cycle();
DROP TRIGGER cycle_withdrawn_unopened ON cycle;
DROP FUNCTION cycle_withdrawn_unopened();
"""


class Migration(migrations.Migration):
    """A cycle is withdrawn before it opens, and what it decided goes with nothing else."""

    dependencies: ClassVar = [("programmes", "0002_written_whole")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
