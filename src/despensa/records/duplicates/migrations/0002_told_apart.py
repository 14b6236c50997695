"""
Told apart for ever: nothing is decided of a pair after "not the same", whoever writes it.

And whoever is named as the later registration is one of the two.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION duplicate_decision_may_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- two who decide at once take turns here
    PERFORM 1 FROM duplicate_pair WHERE id = NEW.pair_id FOR UPDATE;
    IF EXISTS (SELECT FROM duplicate_decision
               WHERE pair_id = NEW.pair_id AND verdict = 2) THEN
        RAISE EXCEPTION 'duplicate_decision_told_apart: nothing follows "not the same"'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'duplicate_decision_told_apart';
    END IF;
    IF NEW.later_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM duplicate_pair
        WHERE id = NEW.pair_id AND NEW.later_id IN (person_a_id, person_b_id)) THEN
        RAISE EXCEPTION 'duplicate_decision_later_of_the_pair: the later is one of the two'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'duplicate_decision_later_of_the_pair';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER duplicate_decision_may_follow BEFORE INSERT ON duplicate_decision
    FOR EACH ROW EXECUTE FUNCTION duplicate_decision_may_follow();
"""
BACKWARD = """
DROP TRIGGER duplicate_decision_may_follow ON duplicate_decision;
DROP FUNCTION duplicate_decision_may_follow;
"""


class Migration(migrations.Migration):
    """A trigger, because a CHECK does not see the decisions before."""

    dependencies: ClassVar = [("duplicates", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
