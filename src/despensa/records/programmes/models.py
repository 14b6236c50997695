"""
Programmes, published rules, cycles, decisions and the totals the ledger reports.

Source: docs/explanation/design.md, section 7.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from despensa.records.registry.models import Area, Household


class Unit(models.Model):
    """What is counted: a good or a currency's minor unit; the number is in leases and events."""

    number = models.IntegerField(primary_key=True)
    code = models.CharField(max_length=32, unique=True)
    names = models.JSONField()

    class Meta:
        db_table = "unit"


class Programme(models.Model):
    """A scheme of assistance."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=64, unique=True)
    names = models.JSONField()
    area = models.ForeignKey(Area, models.PROTECT)

    class Meta:
        db_table = "programme"


class ProgrammeEnd(models.Model):
    """The day on which a programme ended: no rule or cycle of it begins any more."""

    programme = models.OneToOneField(Programme, models.PROTECT, primary_key=True)
    ended_on = models.DateField()
    staff = models.UUIDField()

    class Meta:
        db_table = "programme_end"


class Rule(models.Model):
    """A published rule: immutable, and a public leaf of the log."""

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rules")
    version = models.IntegerField()
    text = models.TextField()
    hash = models.BinaryField(unique=True)
    proposal = models.UUIDField(unique=True)
    published_at = models.BigIntegerField()

    class Meta:
        db_table = "rule"
        constraints = (
            models.UniqueConstraint(name="rule_version_once", fields=("programme", "version")),
        )


class RulePreview(models.Model):
    """
    A draft that somebody had counted; the text is erased after 180 days, the journal has the hash.

    `number` counts the previews of a person on a day, and its constraint is the limit. `is_own`:
    the numbers told were the draft's own, so that later drafts near to it get them too.
    """

    id = models.UUIDField(primary_key=True)
    staff = models.UUIDField()
    day = models.DateField()
    number = models.SmallIntegerField()
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="previews")
    rule_hash = models.BinaryField()
    text = models.TextField()
    is_own = models.BooleanField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "rule_preview"
        constraints = (
            models.CheckConstraint(
                name="rule_preview_fifty_a_day", condition=Q(number__gte=1, number__lte=50)
            ),
            models.UniqueConstraint(
                name="rule_preview_number_once", fields=("staff", "day", "number")
            ),
        )


class Cycle(models.Model):
    """One distribution round of a programme."""

    class State(models.IntegerChoices):
        """A cycle moves forward only, or is withdrawn before it opens and stays that."""

        WITHDRAWN = 0
        DRAFT = 1
        DECIDED = 2
        OPENING = 3
        OPEN = 4
        CLOSED = 5
        SETTLED = 6
        FADING = 7
        FADED = 8

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="cycles")
    rule = models.ForeignKey(Rule, models.PROTECT)
    root_cycle = models.UUIDField()
    code = models.CharField(max_length=64)
    state = models.SmallIntegerField(choices=State.choices)
    reference_date = models.DateField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    closed_on = models.DateField(null=True)
    dispute_days = models.SmallIntegerField(default=90)
    epoch = models.IntegerField(null=True)
    frozen_root = models.BinaryField(null=True)
    totals = models.JSONField(default=dict)

    class Meta:
        db_table = "cycle"
        constraints = (
            models.UniqueConstraint(
                name="cycle_code_once", fields=("programme", "code"), condition=Q(state__gt=0)
            ),
            models.CheckConstraint(
                name="cycle_open_has_epoch", condition=Q(state__lt=4) | Q(epoch__isnull=False)
            ),
            models.CheckConstraint(
                name="cycle_closed_has_day", condition=Q(state__lt=5) | Q(closed_on__isnull=False)
            ),
            models.CheckConstraint(
                name="cycle_dispute_days", condition=Q(dispute_days__gte=30, dispute_days__lte=365)
            ),
        )


class Decision(models.Model):
    """The outcome of the rule for one household in one cycle."""

    class Outcome(models.IntegerChoices):
        """Unknown facts stay unknown."""

        ENTITLED = 1
        NOT_ENTITLED = 2
        NEEDS_INFORMATION = 3

    pk = models.CompositePrimaryKey("cycle", "household")
    # the key begins with the cycle
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="decisions", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="decisions")
    outcome = models.SmallIntegerField(choices=Outcome.choices)
    clauses = ArrayField(models.TextField())
    frozen_row = models.IntegerField()

    class Meta:
        db_table = "decision"
        constraints = (
            models.CheckConstraint(
                name="decision_outcome_known", condition=Q(outcome__in=(1, 2, 3))
            ),
        )


class BenefitLine(models.Model):
    """What a decided household gets. Its key makes a second benefit of one root cycle impossible."""

    pk = models.CompositePrimaryKey("root_cycle", "household", "line")
    root_cycle = models.UUIDField()
    # household and cycle together refer to the decision (migrations/0002), and through it to both
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="benefit_lines", db_constraint=False
    )
    line = models.TextField()
    cycle = models.ForeignKey(
        Cycle, models.PROTECT, related_name="benefit_lines", db_constraint=False
    )
    # units are few and never deleted: nothing looks lines up by them
    unit = models.ForeignKey(Unit, models.PROTECT, db_column="unit", db_index=False)
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "benefit_line"
        constraints = (
            models.CheckConstraint(name="benefit_line_gives", condition=Q(quantity__gt=0)),
        )


class CycleTotal(models.Model):
    """What the ledger reported of a cycle: counts per point and day, never people."""

    pk = models.CompositePrimaryKey("cycle", "point", "day", "name")
    cycle = models.ForeignKey(Cycle, models.PROTECT)
    point = models.UUIDField()
    point_names = models.JSONField()
    day = models.DateField()
    name = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "cycle_total"
