"""
Accounts and transfers: double entry over integer units.

Balances of accounts with a limit are kept by the database itself: a trigger on `transfer` adds
each statement's sums, so that no application can store a balance its transfers do not make.
Source: docs/explanation/design.md, section 8; records/ledger/migrations.
"""

from django.db import models
from django.db.models import F, Q

from despensa.domain.ledger.account import AccountKind


class Account(models.Model):
    """One account of one unit; `balance` is NULL where it is summed from transfers."""

    pk = models.CompositePrimaryKey("id", "unit")
    id = models.BinaryField()
    unit = models.IntegerField()
    kind = models.SmallIntegerField(
        choices=[(kind.value, kind.name.replace("_", " ").title()) for kind in AccountKind]
    )
    cycle = models.UUIDField(null=True)
    balance = models.BigIntegerField(null=True)
    no_overdraft = models.BooleanField()

    class Meta:
        db_table = "account"
        constraints = (
            models.CheckConstraint(
                name="account_is_not_overdrawn",
                condition=Q(no_overdraft=False) | Q(balance__isnull=False, balance__gte=0),
            ),
            models.CheckConstraint(
                name="account_with_a_limit_keeps_a_balance",
                condition=Q(kind__in=(2, 3, 4, 12), balance__isnull=False, no_overdraft=True)
                | Q(balance__isnull=True, no_overdraft=False) & ~Q(kind__in=(2, 3, 4, 12)),
            ),
        )


class Transfer(models.Model):
    """One debit and one credit of the same amount; immutable until fade."""

    class Cause(models.IntegerChoices):
        """Why a transfer was made; numbers are never reused."""

        BUDGET = 1
        OPENING = 2
        REDEMPTION = 3
        EXCESS = 4
        CARRY_OVER = 5
        SWEEP = 6
        SWEEP_BACK = 7
        CLOSING = 8
        CARRIED_ON = 9
        HOLD = 10
        HOLD_POSTED = 11
        HOLD_VOIDED = 12
        PAYMENT = 13
        PAYMENT_RETURNED = 14
        STOCK = 20

    id = models.UUIDField(primary_key=True)
    debit = models.BinaryField()
    credit = models.BinaryField()
    unit = models.IntegerField()
    amount = models.BigIntegerField()
    cause = models.SmallIntegerField(choices=Cause.choices)
    cause_id = models.UUIDField()

    class Meta:
        db_table = "transfer"
        constraints = (
            models.CheckConstraint(name="transfer_moves_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="transfer_between_two_accounts", condition=~Q(debit=F("credit"))
            ),
        )


class CycleBooks(models.Model):
    """
    How far the books of a cycle have come; one step at a time, by a trigger (migrations/0004).

    `chunks` is into how many parts its accounts are swept, decided once.
    """

    class State(models.IntegerChoices):
        """Only an open cycle gives leases; only one that fades may lose rows."""

        OPEN = 1
        CLOSED = 2
        SWEPT = 3
        FADING = 4
        FADED = 5

    cycle = models.UUIDField(primary_key=True)
    state = models.SmallIntegerField(choices=State.choices)
    chunks = models.SmallIntegerField(default=1)

    class Meta:
        db_table = "cycle_books"
        constraints = (
            models.CheckConstraint(
                name="cycle_books_chunks", condition=Q(chunks__gte=1, chunks__lte=256)
            ),
        )


class Swept(models.Model):
    """What the sweep took from an account and a late honest event may still have back."""

    pk = models.CompositePrimaryKey("account", "unit")
    account = models.BinaryField()
    unit = models.IntegerField()
    cycle = models.UUIDField()
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "swept"
        constraints = (
            models.CheckConstraint(name="swept_comes_back_once", condition=Q(quantity__gte=0)),
        )


class ClosingSum(models.Model):
    """
    What is left of the deliveries of a faded cycle: a sum per point, day, unit and book.

    Its transfer has the same id. `book` is the kind of the account that gave: fund, loss,
    emergency.
    """

    id = models.UUIDField(primary_key=True)
    cycle = models.UUIDField()
    point = models.UUIDField(null=True)
    day = models.DateField(null=True)
    unit = models.IntegerField()
    book = models.SmallIntegerField()
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "closing_sum"
        constraints = (
            models.CheckConstraint(
                name="closing_sum_of_a_book", condition=Q(book__in=(2, 9, 10), quantity__gt=0)
            ),
        )


class CarryOver(models.Model):
    """
    One account's quantity on its way to another; what a phone holds waits until it is freed.

    `id` is derived by the keeper for this cycle: it is nobody's operation number.
    """

    id = models.UUIDField(primary_key=True)
    cycle = models.UUIDField()
    debit = models.BinaryField()
    credit = models.BinaryField()
    is_everything = models.BooleanField()
    is_settled = models.BooleanField()

    class Meta:
        db_table = "carry_over"
        indexes = (
            models.Index(
                name="carry_over_waiting", fields=("cycle",), condition=Q(is_settled=False)
            ),
        )


class CarryOverLine(models.Model):
    """How much of a unit is wanted (NULL: all there is and comes) and how much was moved."""

    pk = models.CompositePrimaryKey("carry", "unit")
    carry = models.ForeignKey(CarryOver, models.PROTECT, related_name="lines", db_index=False)
    unit = models.IntegerField()
    wanted = models.BigIntegerField(null=True)
    moved = models.BigIntegerField(default=0)

    class Meta:
        db_table = "carry_over_line"
        constraints = (
            models.CheckConstraint(
                name="carry_over_line_moves_no_more_than_wanted",
                condition=Q(moved__gte=0) & (Q(wanted__isnull=True) | Q(wanted__gte=F("moved"))),
            ),
        )


class Hold(models.Model):
    """
    An amount that left its account and waits: its transfer has the same id, and it ends once.

    `credit` is where it goes when it is posted; voided, it goes back to `debit`.
    """

    id = models.UUIDField(primary_key=True)
    cycle = models.UUIDField(null=True)
    held = models.BinaryField()
    debit = models.BinaryField()
    credit = models.BinaryField()
    unit = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "hold"
        constraints = (
            models.CheckConstraint(name="hold_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="hold_between_two_accounts", condition=~Q(debit=F("credit"))
            ),
        )
        indexes = (models.Index(name="hold_of_a_cycle", fields=("cycle",)),)


class HoldEnd(models.Model):
    """How a hold ended; its key lets it end once."""

    hold = models.OneToOneField(Hold, models.PROTECT, primary_key=True)
    transfer = models.UUIDField(unique=True)
    is_posted = models.BooleanField()

    class Meta:
        db_table = "hold_end"


class ProgrammeAccount(models.Model):
    """The chart of a programme: which of its accounts is which. Cycles' accounts are not here."""

    pk = models.CompositePrimaryKey("account", "unit")
    account = models.BinaryField()
    unit = models.IntegerField()
    programme = models.UUIDField()
    kind = models.SmallIntegerField()

    class Meta:
        db_table = "programme_account"
        constraints = (
            models.UniqueConstraint(
                name="programme_account_once", fields=("programme", "kind", "unit")
            ),
        )


class TrialBalance(models.Model):
    """That a day's trial balance was sealed in the log, and over how many transfers."""

    day = models.DateField(primary_key=True)
    at = models.BigIntegerField()
    transfers = models.BigIntegerField()
    is_balanced = models.BooleanField()

    class Meta:
        db_table = "trial_balance"
