"""Sealed evidence does not compress: PostgreSQL need not try."""

from typing import ClassVar

from django.db import migrations

FORWARD = "ALTER TABLE evidence_batch ALTER COLUMN sealed SET STORAGE EXTERNAL;"
BACKWARD = "ALTER TABLE evidence_batch ALTER COLUMN sealed SET STORAGE EXTENDED;"


class Migration(migrations.Migration):
    """Storage of one column."""

    dependencies: ClassVar = [("redemption", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
