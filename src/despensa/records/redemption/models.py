"""
Tags, the inbox of signed events, redemptions, refusals and their sealed evidence.

A redemption row holds account, unit, quantity, point and day; device and sequence are kept apart
for idempotence, so that rows do not tell which phone wrote them.
Source: docs/explanation/design.md, sections 6 and 7.8; docs/reference/formats.md, sections 2 and 4.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from despensa.domain.redemption.verdict import Verdict

_VERDICTS = [(verdict.value, verdict.name.replace("_", " ").title()) for verdict in Verdict]


class Tag(models.Model):
    """The per-cycle pseudonym of a card, and the account it finds."""

    class Status(models.IntegerChoices):
        """A card without entitlement has a status and no account."""

        ENTITLED = 1
        NOT_ENTITLED = 2
        NEEDS_INFORMATION = 3
        DEAD = 4

    tag = models.BinaryField(primary_key=True)
    cycle = models.UUIDField()
    account = models.BinaryField(null=True)
    step = models.IntegerField()
    status = models.SmallIntegerField(choices=Status.choices)

    class Meta:
        db_table = "tag"
        constraints = (
            models.CheckConstraint(
                name="tag_account_only_with_a_right",
                condition=Q(account__isnull=True, status__in=(2, 3, 4))
                | Q(account__isnull=False, status__in=(1, 3)),
            ),
        )


class DeviceEvent(models.Model):
    """
    A device's event by sequence: the same hash is a replay, another hash is a fork.

    `session` says with which cycle the row fades; `position` is the one it has in the inbox, by
    which the chunk of its merge is found again.
    """

    pk = models.CompositePrimaryKey("device", "seq")
    device = models.UUIDField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    session = models.UUIDField(null=True)
    position = models.BigIntegerField(default=0)

    class Meta:
        db_table = "device_event"


class InboxBatch(models.Model):
    """
    A batch that was accepted; its answer is repeated byte for byte.

    `seq` is its last event's: the batch fades with that.
    """

    digest = models.BinaryField(primary_key=True)
    device = models.UUIDField()
    seq = models.BigIntegerField()
    answer = models.BinaryField()

    class Meta:
        db_table = "inbox_batch"


class InboxEvent(models.Model):
    """
    A verified event that waits to be merged, with what merging asks of it as columns.

    Parsing happens once, when the event is accepted, so that merging is set-based.
    """

    position = models.BigAutoField(primary_key=True)
    device = models.UUIDField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    event = models.UUIDField()
    kind = models.SmallIntegerField()
    session = models.UUIDField(null=True)
    lease = models.UUIDField(null=True)
    tag = models.BinaryField(null=True)
    units = ArrayField(models.IntegerField())
    quantities = ArrayField(models.BigIntegerField())
    reason = models.SmallIntegerField(null=True)
    commitment = models.BinaryField(null=True)
    supervised = models.BooleanField()
    # NULL where the event is about no card: an empty number would be a number
    card_number = models.CharField(max_length=10, null=True)  # noqa: DJ001
    data = models.BinaryField()

    class Meta:
        db_table = "inbox_event"


class Redemption(models.Model):
    """Use of an entitlement at a point; one row per unit."""

    pk = models.CompositePrimaryKey("id", "unit")
    id = models.UUIDField()
    account = models.BinaryField(null=True)
    unit = models.IntegerField()
    quantity = models.BigIntegerField()
    point = models.UUIDField(null=True)
    day = models.DateField(null=True)
    excess = models.BooleanField()

    class Meta:
        db_table = "redemption"
        constraints = (
            models.CheckConstraint(name="redemption_gives", condition=Q(quantity__gt=0)),
        )


class Refusal(models.Model):
    """A scan that ended refused, with its commitment; the nonce is on the holder's receipt only."""

    id = models.UUIDField(primary_key=True)
    reason = models.SmallIntegerField()
    point = models.UUIDField(null=True)
    day = models.DateField(null=True)
    commitment = models.BinaryField(null=True)

    class Meta:
        db_table = "refusal"


class AbortedScan(models.Model):
    """A scan that ended without a verdict."""

    id = models.UUIDField(primary_key=True)
    reason = models.SmallIntegerField()
    point = models.UUIDField(null=True)
    day = models.DateField(null=True)

    class Meta:
        db_table = "aborted_scan"


class EvidenceBatch(models.Model):
    """
    One merge batch's signed events, each sealed to the cycle's key under its own id.

    Event n of `events` is entry n of `sealed`; together in one row, because evidence is written
    for every delivery and opened for almost none. `entry` is the journal's under which they were
    merged: its content holds their hashes and fades with them. `lane`, `first` and `last` are the
    merge's lane and the span of its events' positions in the inbox.
    """

    id = models.UUIDField(primary_key=True)
    cycle = models.UUIDField(null=True)
    entry = models.UUIDField(null=True)
    sealed_key = models.BinaryField()
    events = ArrayField(models.UUIDField())
    sealed = ArrayField(models.BinaryField())
    lane = models.SmallIntegerField(default=0)
    first = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "evidence_batch"
        indexes = (models.Index(fields=["lane", "last"], name="evidence_batch_span"),)


class Fork(models.Model):
    """An event set aside: another version of one we hold, or of a suspended phone."""

    id = models.UUIDField(primary_key=True)
    device = models.UUIDField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()
    event = models.BinaryField()
    session = models.UUIDField(null=True)

    class Meta:
        db_table = "fork"


class DeliveryCase(models.Model):
    """
    An open question about a delivery that no lease row covers.

    `device` is the phone that wrote it: of no other redemption is that told outside the evidence.
    `blamed` is the phone whose doing it is, where that is another one than the one that delivered.
    """

    id = models.UUIDField(primary_key=True)
    redemption = models.UUIDField()
    device = models.UUIDField()
    cause = models.TextField()
    blamed = models.UUIDField(null=True)
    opened_at = models.BigIntegerField()

    class Meta:
        db_table = "delivery_case"


class CaseWord(models.Model):
    """
    What one person says of a case, once: a delivery's, or that of a phone whose journal forked.

    `subject` is the id of the delivery_case or of the phone.
    """

    pk = models.CompositePrimaryKey("subject", "staff")
    subject = models.UUIDField()
    staff = models.UUIDField()
    verdict = models.SmallIntegerField(choices=_VERDICTS)
    said_at = models.BigIntegerField()

    class Meta:
        db_table = "case_word"


class CaseEnd(models.Model):
    """A case is closed: two different people said the same of it."""

    subject = models.UUIDField(primary_key=True)
    verdict = models.SmallIntegerField(choices=_VERDICTS)
    first = models.UUIDField()
    second = models.UUIDField()
    ended_at = models.BigIntegerField()

    class Meta:
        db_table = "case_end"
        constraints = (
            models.CheckConstraint(
                name="case_end_by_two_people", condition=~models.Q(first=models.F("second"))
            ),
        )
