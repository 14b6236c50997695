"""
Histories of heads and homes: no two heads of a household, no two homes of a person, at any time.

Current rows are kept apart by the unique indexes of 0001. Rows that ended, or that an operation
began, are kept apart by an exclusion over ranges in the order (owner, day); the range type is
made here, because the server has none that needs no extension. A row is born without an end (the
application may not insert one), so no row enters the past behind the back of the indexes. First
rows of an import stay outside until they end: that is when they become history.
Why so: docs/decisions/0015-households-are-histories.md.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q

_DAYS = """
    days_of(uuid_send({owner}) || int4send(from_date - DATE '0001-01-01'),
            uuid_send({owner}) || int4send(coalesce(until_date, DATE '9999-12-31')
                                           - DATE '0001-01-01'))
"""
_KEPT_APART = """
ALTER TABLE membership ADD CONSTRAINT {name}
    EXCLUDE USING gist (({days}) WITH &&)
    WHERE ({role} AND (until_date IS NOT NULL OR begun_by IS NOT NULL));
"""
FORWARD = (
    "CREATE TYPE days_of AS RANGE (subtype = bytea);"
    + _KEPT_APART.format(
        name="membership_one_head_at_any_time",
        days=_DAYS.format(owner="household_id"),
        role="role = 1",
    )
    + _KEPT_APART.format(
        name="membership_one_home_at_any_time",
        days=_DAYS.format(owner="registrant_id"),
        role="role IN (1, 2)",
    )
)
BACKWARD = """
ALTER TABLE membership DROP CONSTRAINT membership_one_home_at_any_time;
ALTER TABLE membership DROP CONSTRAINT membership_one_head_at_any_time;
DROP TYPE days_of;
"""


class Migration(migrations.Migration):
    """Which operation began a row, rows that were never valid, and the two exclusions."""

    dependencies: ClassVar = [("registry", "0002_access_entry")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="membership", name="begun_by", field=models.UUIDField(null=True)
        ),
        migrations.RemoveConstraint(
            model_name="membership", name="membership_ends_after_it_starts"
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                name="membership_does_not_end_before_it_starts",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
