"""
Service points, their sessions, the phones and what each phone may hand over.

Source: docs/explanation/design.md, section 7.6; docs/reference/formats.md, section 3.
"""

from django.db import models
from django.db.models import F, Q


class ServicePoint(models.Model):
    """A place of redemption."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=32, unique=True)
    names = models.JSONField()
    area = models.UUIDField()

    class Meta:
        db_table = "service_point"


class Session(models.Model):
    """A point's published hours of distribution for one cycle."""

    id = models.UUIDField(primary_key=True)
    point = models.ForeignKey(ServicePoint, models.PROTECT, related_name="sessions")
    programme = models.UUIDField()
    cycle = models.UUIDField()
    day = models.DateField()
    opens_at = models.BigIntegerField()
    closes_at = models.BigIntegerField()

    class Meta:
        db_table = "session"
        constraints = (
            models.CheckConstraint(
                name="session_closes_after_it_opens", condition=Q(closes_at__gt=F("opens_at"))
            ),
        )


class Device(models.Model):
    """
    A phone: its public keys, its certificate and whether it is trusted.

    `heard_at` is when it last wrote to the server; `unsent` how many events it then said it keeps.
    """

    class State(models.IntegerChoices):
        """A suspended phone's later claims are set aside."""

        ACTIVE = 1
        SUSPENDED = 2
        REVOKED = 3

    id = models.UUIDField(primary_key=True)
    public_key = models.BinaryField(unique=True)
    sealing_key = models.BinaryField()
    certificate = models.BinaryField()
    area = models.UUIDField()
    state = models.SmallIntegerField(choices=State.choices)
    expires_at = models.BigIntegerField()
    next_seq = models.BigIntegerField(default=1)
    last_hash = models.BinaryField()
    operators = models.JSONField(default=list)
    heard_at = models.BigIntegerField(null=True)
    unsent = models.IntegerField(null=True)

    class Meta:
        db_table = "device"
        constraints = (
            models.CheckConstraint(
                name="device_keeps_what_it_says",
                condition=Q(unsent__isnull=True) | Q(unsent__gte=0),
            ),
        )


class DeviceOffer(models.Model):
    """
    A code shown in the office that enrols one phone within ten minutes; its hash alone is kept.

    `operators` are [staff id, name] of who will work with the phone.
    """

    code_hash = models.BinaryField(primary_key=True)
    area = models.UUIDField()
    operators = models.JSONField()
    offered_by = models.UUIDField()
    expires_at = models.BigIntegerField()
    device = models.OneToOneField(Device, models.PROTECT, null=True, related_name="offer")

    class Meta:
        db_table = "device_offer"


class Lease(models.Model):
    """
    What one phone may hand over in one session.

    `sealed` is the list itself, which only its phone opens, until it ends; `table_number` is 0
    where it holds the whole session.
    """

    class State(models.IntegerChoices):
        """Only a prepared lease binds quantities."""

        PREPARED = 1
        RETURNED = 2
        EXPIRED = 3
        BROKEN = 4

    id = models.UUIDField(primary_key=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="leases")
    session = models.ForeignKey(Session, models.PROTECT, related_name="leases")
    expires_at = models.BigIntegerField()
    state = models.SmallIntegerField(choices=State.choices)
    digest = models.BinaryField()
    sealed = models.BinaryField(null=True)
    table_number = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        db_table = "lease"
        constraints = (
            models.UniqueConstraint(
                name="lease_one_a_device_and_session",
                fields=("device", "session"),
                condition=Q(state=1),
            ),
        )


class LeaseRow(models.Model):
    """
    A quantity of one account and unit that only this lease may hand over while active.

    A row that was taken over from another phone names the lease it came from and how much of it was
    not there any more (`spent`, part of `claimed`); `is_freed` where that lease had been written off.
    What a lease released counts as claimed.
    """

    pk = models.CompositePrimaryKey("lease", "account", "unit")
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rows")
    account = models.BinaryField()
    unit = models.IntegerField()
    quantity = models.BigIntegerField()
    claimed = models.BigIntegerField(default=0)
    active = models.BooleanField()
    spent = models.BigIntegerField(db_default=0)
    origin = models.UUIDField(null=True)
    is_freed = models.BooleanField(db_default=False)

    class Meta:
        db_table = "lease_row"
        constraints = (
            models.CheckConstraint(
                name="lease_row_gives", condition=Q(quantity__gt=0, claimed__gte=0)
            ),
            models.CheckConstraint(
                name="lease_row_spent_within_claimed",
                condition=Q(spent__gte=0, claimed__gte=F("spent")),
            ),
            models.CheckConstraint(
                name="lease_row_comes_from_another_lease",
                condition=Q(origin__isnull=True) | ~Q(origin=F("lease")),
            ),
            models.UniqueConstraint(
                name="lease_row_one_phone_an_account",
                fields=("account", "unit"),
                condition=Q(active=True),
            ),
        )


class TakeOver(models.Model):
    """
    A phone's signed release of rows to another phone's list, by its hash: it counts once.

    It comes in by either phone, whichever is heard first.
    """

    release = models.BinaryField(primary_key=True)
    origin = models.ForeignKey(Lease, models.PROTECT, related_name="released")
    taker = models.ForeignKey(Lease, models.PROTECT, related_name="taken_over")

    class Meta:
        db_table = "take_over"
        constraints = (
            models.CheckConstraint(
                name="take_over_is_between_two_lists", condition=~Q(origin=F("taker"))
            ),
        )


class Slip(models.Model):
    """
    A signed replacement of a card on a list that a phone holds; the same one is given again.

    It names no household. `old_tag` and `tag` are of the replaced and of the new card.
    """

    id = models.UUIDField(primary_key=True)
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="slips")
    cycle = models.UUIDField()
    old_tag = models.BinaryField()
    tag = models.BinaryField()
    content = models.BinaryField()

    class Meta:
        db_table = "slip"
        constraints = (
            # a card is replaced once, by one card: two slips would list two cards for one right
            models.UniqueConstraint(name="slip_one_an_old_card", fields=("lease", "old_tag")),
            models.UniqueConstraint(name="slip_one_a_new_card", fields=("lease", "tag")),
            models.CheckConstraint(name="slip_is_about_two_cards", condition=~Q(old_tag=F("tag"))),
        )
