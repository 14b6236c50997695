"""
Operations on households and what each touched; institutions that collect; what was carried over.

Memberships themselves are in `registry`. No table here knows an account.
Source: docs/decisions/0015-households-are-histories.md.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.programmes.models import Cycle, Programme
from despensa.records.registry.models import Area, Household


class Institution(models.Model):
    """A named office that may collect for many households, or vouch for them."""

    class Kind(models.IntegerChoices):
        """What it is; numbers are never reused."""

        SHELTER = 1
        ORPHANAGE = 2
        HOSPITAL = 3
        SCHOOL = 4
        COMMUNITY_KITCHEN = 5
        PUBLIC_OFFICE = 6
        AID_ORGANISATION = 7

    id = models.UUIDField(primary_key=True)
    kind = models.SmallIntegerField(choices=Kind.choices)
    names = models.JSONField()
    office = models.JSONField()
    area = models.ForeignKey(Area, models.PROTECT)

    class Meta:
        db_table = "institution"
        constraints = (
            models.CheckConstraint(
                name="institution_kind_known", condition=Q(kind__in=(1, 2, 3, 4, 5, 6, 7))
            ),
        )


class CollectorLimit(models.Model):
    """For how many households a person, or an institution, may collect in a programme."""

    programme = models.OneToOneField(Programme, models.PROTECT, primary_key=True)
    person = models.IntegerField()
    institution = models.IntegerField()
    # domain.lease.CollectorCheckKind: whether a name is asked for at the point
    confirmed_by = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "collector_limit"
        constraints = (
            models.CheckConstraint(
                name="collector_limit_check_offered", condition=Q(confirmed_by__in=(0, 2))
            ),
            models.CheckConstraint(
                name="collector_limit_lets_somebody", condition=Q(person__gt=0, institution__gt=0)
            ),
        )


class HouseholdChange(models.Model):
    """One operation, under the id its client made; what was undone stays here, and the undo."""

    id = models.UUIDField(primary_key=True)
    kind = models.SmallIntegerField()
    reason = models.SmallIntegerField()
    day = models.DateField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="changes")
    staff = models.UUIDField()
    at = models.BigIntegerField()
    digest = models.BinaryField()
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        db_table = "household_change"
        constraints = (
            models.CheckConstraint(
                name="household_change_kind_known",
                condition=Q(kind__gte=1, kind__lte=13) | Q(kind=20),
            ),
            models.CheckConstraint(
                name="household_change_undo_names_one",
                condition=Q(kind=11, undoes__isnull=False) | ~Q(kind=11) & Q(undoes__isnull=True),
            ),
        )


class HouseholdChangePart(models.Model):
    """A household an operation touched, and its version right after."""

    pk = models.CompositePrimaryKey("change", "household")
    change = models.ForeignKey(
        HouseholdChange, models.PROTECT, related_name="parts", db_index=False
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="change_parts", db_index=False
    )
    version = models.IntegerField()
    area_before = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    area_after = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    before_since = models.DateField(null=True)

    class Meta:
        db_table = "household_change_part"
        constraints = (
            # also the index of a household's timeline
            models.UniqueConstraint(
                name="household_change_part_one_after_another", fields=("household", "version")
            ),
        )


class HouseholdChangeLine(models.Model):
    """A role that an operation began, ended, took back or let go on."""

    class Effect(models.IntegerChoices):
        """What it did to the row; numbers are never reused."""

        BEGUN = 1
        ENDED = 2
        VOIDED = 3
        REOPENED = 4

    pk = models.CompositePrimaryKey("change", "role_row")
    change = models.ForeignKey(
        HouseholdChange, models.PROTECT, related_name="lines", db_index=False
    )
    role_row = models.UUIDField()
    is_institution = models.BooleanField()
    effect = models.SmallIntegerField(choices=Effect.choices)

    class Meta:
        db_table = "household_change_line"


class HouseholdStanding(models.Model):
    """How often a household was changed, and whether somebody lives in it; none: never changed."""

    household = models.OneToOneField(Household, models.PROTECT, primary_key=True)
    version = models.IntegerField()
    area_since = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        db_table = "household_standing"


class InstitutionDuty(models.Model):
    """An institution's office collects for a household, from one day until another."""

    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="institution_duties")
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="duties")
    role = models.SmallIntegerField()
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    begun_by = models.UUIDField()

    class Meta:
        db_table = "institution_duty"
        constraints = (
            models.CheckConstraint(
                name="institution_duty_only_collects", condition=Q(role__in=(3, 4))
            ),
            models.CheckConstraint(
                name="institution_duty_does_not_end_before_it_starts",
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
            ),
        )


class Erasure(models.Model):
    """
    A person of whom nothing is left but an empty row, and the receipt that says so.

    Records that had given way to the person's have a row each, of the same proposal.
    """

    person = models.UUIDField(primary_key=True)
    proposal = models.UUIDField(db_index=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="erasures")
    at = models.BigIntegerField()
    receipt = models.BinaryField()

    class Meta:
        db_table = "erasure"


class CarryOrder(models.Model):
    """Which part of what one household may still get in a cycle goes to another."""

    pk = models.CompositePrimaryKey("change", "cycle")
    change = models.ForeignKey(
        HouseholdChange, models.PROTECT, related_name="carries", db_index=False
    )
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="carries")
    source = models.ForeignKey(Household, models.PROTECT, related_name="+")
    target = models.ForeignKey(Household, models.PROTECT, related_name="+")
    numerator = models.IntegerField()
    denominator = models.IntegerField()

    class Meta:
        db_table = "carry_order"
        constraints = (
            models.CheckConstraint(
                name="carry_order_is_a_share",
                condition=Q(numerator__gt=0, denominator__gte=F("numerator")),
            ),
        )


class Carried(models.Model):
    """What the ledger reported as carried over: a quantity, never an account."""

    pk = models.CompositePrimaryKey("message", "change", "unit")
    message = models.UUIDField()
    change = models.ForeignKey(HouseholdChange, models.PROTECT, related_name="carried")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="carried")
    unit = models.IntegerField()
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "carried"
        constraints = (
            models.CheckConstraint(name="carried_is_something", condition=Q(quantity__gt=0)),
        )
