"""
Child cycles and their households, what a purpose gave in a month, recurring schedules.

The child itself is a row of `cycle` with its root in `root_cycle`. Source:
docs/explanation/design.md, section 7.10; docs/decisions/0024-child-cycles.md.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.programmes.models import Cycle, Programme, Unit
from despensa.records.registry.models import Household


class ChildCycle(models.Model):
    """What a child cycle is for; `line` follows the unit in its benefit lines, empty for late."""

    class Kind(models.IntegerChoices):
        """Numbers are never reused."""

        LATE = 1
        FOLLOW_UP = 2
        TOP_UP = 3
        RECOVERY = 4
        APPEAL = 5

    cycle = models.OneToOneField(Cycle, models.PROTECT, primary_key=True, related_name="child")
    root = models.ForeignKey(Cycle, models.PROTECT, related_name="children")
    kind = models.SmallIntegerField(choices=Kind.choices)
    number = models.IntegerField()
    line = models.TextField()
    # False: everybody whom the root and its children decided
    is_chosen = models.BooleanField()
    drafted_at = models.BigIntegerField()
    # drafted by the daily round, to be opened under the approval of its root
    is_within_share = models.BooleanField()
    # of a recovery, once two people agreed: nothing is asked back, or it is
    is_waived = models.BooleanField(null=True)

    class Meta:
        db_table = "child_cycle"
        constraints = (
            models.UniqueConstraint(name="child_number_once", fields=("root", "kind", "number")),
            models.CheckConstraint(name="child_kind_known", condition=Q(kind__in=(1, 2, 3, 4, 5))),
            models.CheckConstraint(name="child_is_not_its_root", condition=~Q(cycle=F("root"))),
            models.CheckConstraint(
                name="child_line_says_its_kind",
                condition=Q(kind=1, line="")
                | Q(kind=2, line__startswith="follow-up")
                | Q(kind=3, line__startswith="top-up")
                | Q(kind=4, line__startswith="recovery")
                | Q(kind=5, line__startswith="appeal"),
            ),
            models.CheckConstraint(
                name="child_within_share_is_late", condition=Q(is_within_share=False) | Q(kind=1)
            ),
            models.CheckConstraint(
                name="child_waived_is_a_recovery", condition=Q(is_waived__isnull=True) | Q(kind=4)
            ),
        )


class ChildHousehold(models.Model):
    """A household that a child cycle is for, where it is not for everybody."""

    pk = models.CompositePrimaryKey("cycle", "household")
    cycle = models.ForeignKey(ChildCycle, models.PROTECT, related_name="households", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "child_household"


class LateShare(models.Model):
    """What the approval of an opened root leaves for late entrants, in percent of each unit."""

    cycle = models.OneToOneField(Cycle, models.PROTECT, primary_key=True, related_name="late_share")
    proposal = models.UUIDField()
    percent = models.SmallIntegerField()

    class Meta:
        db_table = "late_share"
        constraints = (
            models.CheckConstraint(
                name="late_share_is_small", condition=Q(percent__gte=1, percent__lte=10)
            ),
        )


class RecoveryLine(models.Model):
    """What a household got beyond its right. Its key makes a second claim of it impossible."""

    pk = models.CompositePrimaryKey("root_cycle", "household", "line")
    root_cycle = models.UUIDField()
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    line = models.TextField()
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="recovery_lines")
    unit = models.ForeignKey(Unit, models.PROTECT, db_column="unit", db_index=False)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "recovery_line"
        constraints = (
            models.CheckConstraint(name="recovery_line_is_something", condition=Q(quantity__gt=0)),
        )


class PurposeClaim(models.Model):
    """
    That a household gets something for a purpose in a month, and from which cycle or programme.

    Its key makes a second benefit of the purpose in the month impossible. `month` counts from
    2026-01; `owner` is the root cycle, or the programme where its rule lets its own cycles repeat.
    """

    pk = models.CompositePrimaryKey("household", "purpose", "month")
    # one row for every household of every opened cycle: no reference is checked for each
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    purpose = models.TextField()
    month = models.IntegerField()
    owner = models.UUIDField()

    class Meta:
        db_table = "purpose_claim"


class CycleSchedule(models.Model):
    """A programme's published schedule: a cycle every month from one day until another."""

    programme = models.OneToOneField(
        Programme, models.PROTECT, primary_key=True, related_name="schedule"
    )
    day = models.SmallIntegerField()
    days_open = models.SmallIntegerField()
    days_ahead = models.SmallIntegerField()
    from_date = models.DateField()
    until_date = models.DateField()
    staff = models.UUIDField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "cycle_schedule"
        constraints = (
            models.CheckConstraint(
                name="cycle_schedule_day_is_one", condition=Q(day__gte=1, day__lte=31)
            ),
            models.CheckConstraint(
                name="cycle_schedule_lengths",
                condition=Q(days_open__gte=1, days_open__lte=31)
                & Q(days_ahead__gte=0, days_ahead__lte=28),
            ),
            models.CheckConstraint(
                name="cycle_schedule_ends_after_it_begins",
                condition=Q(until_date__gte=F("from_date")),
            ),
        )
