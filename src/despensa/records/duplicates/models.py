"""
Pairs of records that may be of one person, and what was decided of each, one after another.

A pair stays for ever, so that what was told apart is never brought again. Why it was found is sealed
under the key of its first person. Source: docs/explanation/design.md, section 7.11.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.households.models import HouseholdChange
from despensa.records.registry.models import Registrant


class DuplicatePair(models.Model):
    """Two people whose records resemble each other; the smaller id first."""

    id = models.UUIDField(primary_key=True)
    person_a = models.ForeignKey(Registrant, models.PROTECT, related_name="+")
    person_b = models.ForeignKey(Registrant, models.PROTECT, related_name="+")
    strength = models.SmallIntegerField()
    source = models.SmallIntegerField()
    # column 8, link between people; empty once one of the two was erased
    reasons = models.BinaryField()
    found_at = models.BigIntegerField()

    class Meta:
        db_table = "duplicate_pair"
        constraints = (
            models.UniqueConstraint(name="duplicate_pair_once", fields=("person_a", "person_b")),
            models.CheckConstraint(
                name="duplicate_pair_smaller_first", condition=Q(person_a__lt=F("person_b"))
            ),
            models.CheckConstraint(
                name="duplicate_pair_strength_known", condition=Q(strength__in=(1, 2, 3))
            ),
            models.CheckConstraint(
                name="duplicate_pair_source_known", condition=Q(source__in=(1, 2))
            ),
        )


class DuplicateDecision(models.Model):
    """
    What one person decided of a pair, the decisions of a pair numbered from 1.

    "The same" is an operation on households: undone there, the pair is open again. Nothing follows
    "not the same" (0002_told_apart).
    """

    pk = models.CompositePrimaryKey("pair", "number")
    pair = models.ForeignKey(DuplicatePair, models.PROTECT, related_name="decisions")
    number = models.IntegerField()
    verdict = models.SmallIntegerField()
    staff = models.UUIDField()
    at = models.BigIntegerField()
    change = models.OneToOneField(HouseholdChange, models.PROTECT, null=True, related_name="+")
    # the later registration as it was then: whose record gave way, or whose money waits
    later = models.ForeignKey(Registrant, models.PROTECT, null=True, related_name="+")
    money_waits_until = models.DateField(null=True)

    class Meta:
        db_table = "duplicate_decision"
        constraints = (
            models.CheckConstraint(
                name="duplicate_decision_verdict_known", condition=Q(verdict__in=(1, 2, 3))
            ),
            models.CheckConstraint(
                name="duplicate_decision_same_is_an_operation",
                condition=Q(verdict=1, change__isnull=False)
                | Q(verdict__in=(2, 3), change__isnull=True),
            ),
            models.CheckConstraint(
                name="duplicate_decision_money_waits_while_asked",
                condition=Q(verdict=3, money_waits_until__isnull=False)
                | Q(verdict__in=(1, 2), money_waits_until__isnull=True),
            ),
            models.CheckConstraint(
                name="duplicate_decision_later_is_named",
                condition=Q(verdict__in=(1, 3), later__isnull=False)
                | Q(verdict=2, later__isnull=True),
            ),
            models.CheckConstraint(
                name="duplicate_decision_numbered_from_one", condition=Q(number__gte=1)
            ),
        )
