"""
One card is for one household: what a card was bound to never changes.

A card without household, printed as stock, may be bound once.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION card_keeps_its_household() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'card_one_household: a card is bound once'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_one_household';
END $$;
CREATE TRIGGER card_one_household BEFORE UPDATE OF household_id ON card FOR EACH ROW
    WHEN (OLD.household_id IS NOT NULL AND NEW.household_id IS DISTINCT FROM OLD.household_id)
    EXECUTE FUNCTION card_keeps_its_household();
"""
BACKWARD = """
DROP TRIGGER card_one_household ON card;
DROP FUNCTION card_keeps_its_household;
"""


class Migration(migrations.Migration):
    """A trigger, because a CHECK does not see what was there before."""

    dependencies: ClassVar = [("cards", "0002_room")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
