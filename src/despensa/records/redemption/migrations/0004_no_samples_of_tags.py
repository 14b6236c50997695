"""
The planner keeps no samples of tags: they would outlive the fade of their cycle in pg_statistic.

A tag is looked up by a unique key, which tells the planner enough. Accounts keep their samples: the
secret that led from a household to its account is destroyed, and no sample pairs one with anything.
"""

from typing import ClassVar

from django.db import migrations

_COLUMNS = (("tag", "tag"), ("inbox_event", "tag"), ("slip", "tag"), ("slip", "old_tag"))
FORWARD = ";\n".join(
    f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0" for table, column in _COLUMNS
)
BACKWARD = ";\n".join(
    f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS -1" for table, column in _COLUMNS
)


class Migration(migrations.Migration):
    """No samples of what leads to whoever holds a card."""

    dependencies: ClassVar = [
        ("redemption", "0003_tag_covers"),
        ("service_points", "0001_initial"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
