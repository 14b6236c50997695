"""What a recovery found goes with the recovery when that is withdrawn, and with nothing else."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TRIGGER rows_go_with_a_withdrawn_cycle AFTER DELETE ON recovery_line
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rows_go_with_a_withdrawn_cycle();
"""
BACKWARD = "DROP TRIGGER rows_go_with_a_withdrawn_cycle ON recovery_line"


class Migration(migrations.Migration):
    """The rule of the programmes' tables holds here as well."""

    dependencies: ClassVar = [
        ("children", "0001_initial"),
        ("programmes", "0003_withdrawn"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
