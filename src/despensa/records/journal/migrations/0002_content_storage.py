"""Sealed rows do not compress: PostgreSQL need not try."""

from typing import ClassVar

from django.db import migrations

FORWARD = "ALTER TABLE journal_content ALTER COLUMN bytes SET STORAGE EXTERNAL;"
BACKWARD = "ALTER TABLE journal_content ALTER COLUMN bytes SET STORAGE EXTENDED;"


class Migration(migrations.Migration):
    """Storage of one column."""

    dependencies: ClassVar = [("journal", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
