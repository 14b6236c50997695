"""A payment moves forward by what is reported of it, and nothing else of it ever changes."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION payment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- waiting 1, held 2, sent 3, unknown 4, paid 5, failed 6, returned 7
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        (1, 2), (2, 3), (2, 5), (2, 6), (3, 4), (3, 5), (3, 6), (4, 5), (4, 6), (5, 7), (6, 5),
        (7, 5)) THEN
        RAISE EXCEPTION 'a payment does not move from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_moves BEFORE UPDATE ON payment
    FOR EACH ROW EXECUTE FUNCTION payment_moves();
"""
BACKWARD = """
DROP TRIGGER payment_moves ON payment;
DROP FUNCTION payment_moves();
"""


class Migration(migrations.Migration):
    """A trigger on payment."""

    dependencies: ClassVar = [("payments", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
