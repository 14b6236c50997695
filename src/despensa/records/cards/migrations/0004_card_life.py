"""
A card's life goes one way: printed, handed over, active; replaced or dead at the end.

Nothing goes back, and nothing is left out: a card begins as printed, counts only once its hand-over
was scanned, and is handed over only from a batch that was read back and lies at no print shop.
Which steps there are stands in the triggers' conditions, so that the opening of a cycle, which
changes every card, calls no function. A batch goes from signed to ready to counted.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION card_life_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'card_life: no card goes this way'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_life';
END $$;
CREATE TRIGGER card_begins_printed BEFORE INSERT ON card FOR EACH ROW
    WHEN (NEW.state <> 1) EXECUTE FUNCTION card_life_refused();
CREATE TRIGGER card_life BEFORE UPDATE OF state ON card FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NOT (
        (OLD.state = 1 AND NEW.state IN (2, 4, 5))
        OR (OLD.state = 2 AND NEW.state IN (3, 4, 5))
        OR (OLD.state = 3 AND NEW.state IN (4, 5))))
    EXECUTE FUNCTION card_life_refused();
CREATE FUNCTION card_hand_over_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM card_batch WHERE id = NEW.batch_id AND state IN (2, 3))
       AND NOT EXISTS (SELECT 1 FROM shop_package
                       WHERE batch_id = NEW.batch_id AND returned_at IS NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'card_batch_checked: the batch was not read back, or lies at a print shop'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_batch_checked';
END $$;
CREATE TRIGGER card_batch_checked BEFORE UPDATE OF state ON card FOR EACH ROW
    WHEN (OLD.state = 1 AND NEW.state = 2) EXECUTE FUNCTION card_hand_over_checked();
CREATE TRIGGER card_batch_life BEFORE UPDATE OF state ON card_batch FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state <> OLD.state + 1)
    EXECUTE FUNCTION card_life_refused();
"""
BACKWARD = """
DROP TRIGGER card_batch_life ON card_batch;
DROP TRIGGER card_batch_checked ON card;
DROP TRIGGER card_life ON card;
DROP TRIGGER card_begins_printed ON card;
DROP FUNCTION card_hand_over_checked;
DROP FUNCTION card_life_refused;
"""


class Migration(migrations.Migration):
    """Triggers, because a CHECK does not see what was there before."""

    dependencies: ClassVar = [("cards", "0003_one_household")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
