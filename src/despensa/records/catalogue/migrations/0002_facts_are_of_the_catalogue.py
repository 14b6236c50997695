"""
No fact that the catalogue in force does not hold, whoever writes it.

New rows are looked at together, once a statement. A change is looked at only where it is more than
leaving facts out: what a fact was before its end stays until its retention is over, and then goes.
The lock is shared by all who store facts and taken alone by whoever changes the catalogue
(store.LOCK), so that nothing slips in beside a fact's end.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION catalogue_holds(names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    strange text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7161132844275689333);
    SELECT name INTO strange FROM unnest(names) AS given (name)
    WHERE NOT EXISTS (
        SELECT FROM catalogue_fact fact
        WHERE fact.version = (SELECT max(version) FROM catalogue)
          AND fact.name = given.name AND fact.destroyed_at IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the catalogue in force does not hold the fact %', strange
            USING ERRCODE = 'check_violation', CONSTRAINT = 'facts_are_of_the_catalogue';
    END IF;
END $$;

CREATE FUNCTION new_facts_are_of_the_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    names text[];
BEGIN
    SELECT array_agg(DISTINCT name) INTO names
    FROM new_row CROSS JOIN LATERAL jsonb_object_keys(new_row.facts) AS name;
    IF names IS NOT NULL THEN
        PERFORM catalogue_holds(names);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION changed_facts_are_of_the_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalogue_holds(ARRAY(
        SELECT key FROM jsonb_each(NEW.facts) AS fact (key, value)
        WHERE OLD.facts -> key IS DISTINCT FROM value));
    RETURN NULL;
END $$;
"""
_TRIGGERS = """
CREATE TRIGGER {table}_new_facts AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_row
    FOR EACH STATEMENT EXECUTE FUNCTION new_facts_are_of_the_catalogue();
CREATE TRIGGER {table}_changed_facts AFTER UPDATE OF facts ON {table}
    FOR EACH ROW WHEN (NOT OLD.facts @> NEW.facts)
    EXECUTE FUNCTION changed_facts_are_of_the_catalogue();
"""
BACKWARD = """
DROP TRIGGER household_new_facts ON household;
DROP TRIGGER household_changed_facts ON household;
DROP TRIGGER registrant_new_facts ON registrant;
DROP TRIGGER registrant_changed_facts ON registrant;
DROP FUNCTION new_facts_are_of_the_catalogue;
DROP FUNCTION changed_facts_are_of_the_catalogue;
DROP FUNCTION catalogue_holds;
"""


class Migration(migrations.Migration):
    """The triggers of both tables that hold facts."""

    dependencies: ClassVar = [("catalogue", "0001_initial"), ("registry", "0003_histories")]
    operations: ClassVar = [
        migrations.RunSQL(
            FORWARD + _TRIGGERS.format(table="household") + _TRIGGERS.format(table="registrant"),
            BACKWARD,
        )
    ]
