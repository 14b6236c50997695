"""
Who vouches for whom, sealed and for a time; and the answers to enrolments that did not come about.

Which introducer vouched for which person stands only inside `introduction.sealed`, under that
person's key. The introducer's own rows are counts: no table joins them to a person. Of somebody who
was not enrolled nothing is here but the signed paper they took away.
Source: docs/explanation/design.md, sections 2 and 5.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from despensa.records.households.models import Institution
from despensa.records.registry.models import Area, Registrant


class Introducer(models.Model):
    """Somebody who vouches: for how many households at present, and for how many they may."""

    id = models.UUIDField(primary_key=True)
    registrant = models.OneToOneField(Registrant, models.PROTECT, null=True, related_name="+")
    institution = models.OneToOneField(Institution, models.PROTECT, null=True, related_name="+")
    vouched = models.IntegerField()
    allowed = models.IntegerField()

    class Meta:
        db_table = "introducer"
        constraints = (
            models.CheckConstraint(
                name="introducer_is_a_person_or_an_office",
                condition=Q(registrant__isnull=True, institution__isnull=False)
                | Q(registrant__isnull=False, institution__isnull=True),
            ),
            models.CheckConstraint(
                name="introducer_within_the_limit",
                condition=Q(vouched__gte=0, vouched__lte=F("allowed")),
            ),
        )


class IntroducerMonth(models.Model):
    """How many links of an introducer are destroyed on the first of a month."""

    pk = models.CompositePrimaryKey("introducer", "erase_on")
    introducer = models.ForeignKey(
        Introducer, models.PROTECT, related_name="months", db_index=False
    )
    erase_on = models.DateField()
    links = models.IntegerField()

    class Meta:
        db_table = "introducer_month"
        constraints = (
            models.CheckConstraint(
                name="introducer_month_has_links", condition=Q(links__gt=0, erase_on__day=1)
            ),
        )


class Introduction(models.Model):
    """The sealed link of a person who was vouched for; destroyed within twelve months."""

    person = models.OneToOneField(Registrant, models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    erase_on = models.DateField(db_index=True)

    class Meta:
        db_table = "introduction"
        constraints = (
            models.CheckConstraint(
                name="introduction_ends_with_a_month", condition=Q(erase_on__day=1)
            ),
        )


class IntroducerLimit(models.Model):
    """For how many households a person, and an office, may vouch at a time, in an area."""

    area = models.OneToOneField(Area, models.PROTECT, primary_key=True, related_name="+")
    person = models.IntegerField()
    office = models.IntegerField()

    class Meta:
        db_table = "introducer_limit"
        constraints = (
            models.CheckConstraint(
                name="introducer_limit_lets_somebody", condition=Q(person__gt=0, office__gt=0)
            ),
        )


class EnrolmentAnswer(models.Model):
    """A signed paper given to somebody who was not enrolled; it names nobody."""

    class Kind(models.IntegerChoices):
        """The kinds of the receipt's format."""

        REFUSED = 3
        APPOINTMENT = 5

    id = models.UUIDField(primary_key=True)
    kind = models.SmallIntegerField(choices=Kind.choices)
    reason = models.SmallIntegerField(null=True)
    bring = ArrayField(models.SmallIntegerField())
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    staff = models.UUIDField()
    at = models.BigIntegerField()
    until_date = models.DateField()
    receipt = models.BinaryField()

    class Meta:
        db_table = "enrolment_answer"
        constraints = (
            models.CheckConstraint(
                name="enrolment_answer_says_why_or_what",
                condition=Q(
                    kind=3, reason__isnull=False, reason__gte=32, reason__lte=47, bring__len=0
                )
                | Q(kind=5, reason__isnull=True, bring__len__gt=0),
            ),
        )
