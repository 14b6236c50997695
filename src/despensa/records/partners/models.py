"""
Partners with their agreements, consents, meters, and the messages partners sent.

No message keeps whom it was about: a number that was asked for is nowhere here, and an answer with
a record lies sealed to a person. Source: docs/explanation/design.md, sections 5 and 9.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from despensa.records.registry.models import Area, Household, Registrant


class Partner(models.Model):
    """Another system that two people let ask; a new key or another scope is a new partner."""

    id = models.UUIDField(primary_key=True)
    sender_id = models.CharField(max_length=63)
    name = models.CharField(max_length=80)
    public_key = models.BinaryField(unique=True)
    area = models.ForeignKey(Area, models.PROTECT)
    purposes = ArrayField(models.SmallIntegerField())
    fields = ArrayField(models.TextField())
    from_date = models.DateField()
    until_date = models.DateField()
    an_hour = models.IntegerField()
    a_day = models.IntegerField()
    # empty: nothing is ever sent out
    callback = models.TextField()
    proposal = models.UUIDField(unique=True)
    revoked_at = models.BigIntegerField(null=True)
    revoked_by = models.UUIDField(null=True)

    class Meta:
        db_table = "partner"
        constraints = (
            models.UniqueConstraint(
                name="partner_one_for_a_sender",
                fields=("sender_id",),
                condition=Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="partner_has_an_end", condition=Q(until_date__gt=F("from_date"))
            ),
            models.CheckConstraint(
                name="partner_asks_seldom",
                condition=Q(an_hour__gt=0, an_hour__lte=30, a_day__gt=0, a_day__lte=100),
            ),
            models.CheckConstraint(
                name="partner_answers_go_out_by_https",
                condition=Q(callback="") | Q(callback__startswith="https://"),
            ),
            models.CheckConstraint(
                name="partner_is_revoked_by_somebody",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        )


class PartnerConsent(models.Model):
    """
    What somebody, being present, let a partner be told about one person or one household.

    `ended_by` NULL at an end is the system: a newer consent, or an erasure.
    """

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="consents")
    person = models.ForeignKey(Registrant, models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    given_by = models.ForeignKey(Registrant, models.PROTECT, related_name="+")
    purpose = models.SmallIntegerField()
    fields = ArrayField(models.TextField())
    from_date = models.DateField()
    until_date = models.DateField()
    staff = models.UUIDField()
    at = models.BigIntegerField()
    receipt = models.BinaryField()
    ended_at = models.BigIntegerField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_receipt = models.BinaryField(null=True)

    class Meta:
        db_table = "partner_consent"
        constraints = (
            models.CheckConstraint(
                name="partner_consent_about_one",
                condition=Q(person__isnull=True, household__isnull=False)
                | Q(person__isnull=False, household__isnull=True),
            ),
            models.CheckConstraint(
                name="partner_consent_purpose_known", condition=Q(purpose__in=(1, 2, 3))
            ),
            models.CheckConstraint(
                name="partner_consent_names_fields", condition=Q(fields__len__gt=0)
            ),
            models.CheckConstraint(
                name="partner_consent_has_an_end", condition=Q(until_date__gt=F("from_date"))
            ),
            models.CheckConstraint(
                name="partner_consent_ends_with_its_time",
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="partner_consent_one_a_person",
                fields=("partner", "person", "purpose"),
                condition=Q(ended_at__isnull=True, person__isnull=False),
            ),
            models.UniqueConstraint(
                name="partner_consent_one_a_household",
                fields=("partner", "household", "purpose"),
                condition=Q(ended_at__isnull=True, household__isnull=False),
            ),
        )


class PartnerMessage(models.Model):
    """
    One message of a partner and what it was answered.

    `answer` is the answer as it is kept, sealed to the person `owner` where it holds a record.
    """

    class Kind(models.IntegerChoices):
        """What was asked."""

        SEARCH = 1
        SUBSCRIBE = 2
        UNSUBSCRIBE = 3
        STATUS = 4

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    message = models.TextField()
    digest = models.BinaryField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    # Member or Group; empty where nobody is asked about
    about = models.TextField()
    transaction = models.TextField()
    reference = models.TextField()
    received_at = models.BigIntegerField()
    consent = models.ForeignKey(PartnerConsent, models.PROTECT, null=True, related_name="+")
    owner = models.UUIDField(null=True)
    answer = models.BinaryField(null=True)
    answered_at = models.BigIntegerField(null=True)
    due_at = models.BigIntegerField(null=True)
    tries = models.SmallIntegerField(default=0)
    sent_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "partner_message"
        constraints = (
            models.UniqueConstraint(name="partner_message_once", fields=("partner", "message")),
            models.CheckConstraint(
                name="partner_message_kind_known", condition=Q(kind__in=(1, 2, 3, 4))
            ),
            models.CheckConstraint(
                name="partner_message_record_is_sealed",
                condition=Q(consent__isnull=True, owner__isnull=True)
                | Q(consent__isnull=False, owner__isnull=False),
            ),
        )
        indexes = (
            models.Index(name="partner_message_transaction", fields=("partner", "transaction")),
            models.Index(
                name="partner_message_due", fields=("due_at",), condition=Q(due_at__isnull=False)
            ),
        )


class PartnerMeter(models.Model):
    """
    How often a partner asked in an hour or on a day; the constraint is the limit.

    `period` is the hour or the day since 1970.
    """

    class Kind(models.IntegerChoices):
        """What is counted."""

        SEARCHES_AN_HOUR = 1
        SEARCHES_A_DAY = 2
        MESSAGES_AN_HOUR = 3

    pk = models.CompositePrimaryKey("partner_id", "kind", "period")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    kind = models.SmallIntegerField(choices=Kind.choices)
    period = models.BigIntegerField()
    used = models.IntegerField()
    allowed = models.IntegerField()

    class Meta:
        db_table = "partner_meter"
        constraints = (
            models.CheckConstraint(
                name="partner_meter_holds", condition=Q(used__gt=0, used__lte=F("allowed"))
            ),
            models.CheckConstraint(
                name="partner_meter_limit_is_low",
                condition=Q(kind=1, allowed__lte=30)
                | Q(kind=2, allowed__lte=100)
                | Q(kind=3, allowed__lte=300),
            ),
        )
