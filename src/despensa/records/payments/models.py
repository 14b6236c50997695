"""
Disbursements, their payments, and statements with a status for every line.

No row says whom a payment is for: the reference is keyed, the account a pseudonym. Nothing of a
statement is ever changed. Source: docs/explanation/design.md, section 8.
"""

from django.db import models
from django.db.models import Q


class Disbursement(models.Model):
    """One list of payments of one cycle, unit and provider; its id is that of its proposal."""

    id = models.UUIDField(primary_key=True)
    programme = models.UUIDField()
    cycle = models.UUIDField()
    unit = models.IntegerField()
    currency = models.CharField(max_length=3)
    provider = models.UUIDField()
    file_hash = models.BinaryField()
    count = models.IntegerField()
    total = models.BigIntegerField()
    drafted_at = models.BigIntegerField()
    taken_at = models.BigIntegerField(null=True)
    destroyed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "disbursement"
        constraints = (
            models.CheckConstraint(name="disbursement_pays", condition=Q(count__gt=0, total__gt=0)),
        )


class Payment(models.Model):
    """
    One payment; how far it is follows from its transfers and lines, and moves by a trigger's rules.

    One that waits for approval may stand in several lists; only one of them is ever carried out.
    """

    pk = models.CompositePrimaryKey("disbursement", "reference")
    disbursement = models.ForeignKey(Disbursement, models.PROTECT, db_index=False)
    reference = models.CharField(max_length=35)
    account = models.BinaryField()
    unit = models.IntegerField()
    amount = models.BigIntegerField()
    state = models.SmallIntegerField()
    changed_at = models.BigIntegerField()

    class Meta:
        db_table = "payment"
        constraints = (
            models.CheckConstraint(name="payment_of_something", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="payment_state_known", condition=Q(state__gte=1, state__lte=7)
            ),
            models.UniqueConstraint(
                name="payment_reference_once", fields=("reference",), condition=Q(state__gt=1)
            ),
            models.UniqueConstraint(
                name="payment_one_open_an_account",
                fields=("account", "unit"),
                condition=Q(state__in=(2, 3, 4)),
            ),
        )


class Statement(models.Model):
    """One file that came back, by its hash: the same file is taken once."""

    hash = models.BinaryField(primary_key=True)
    kind = models.SmallIntegerField()
    name = models.CharField(max_length=120)
    staff = models.UUIDField(null=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "statement"


class StatementLine(models.Model):
    """One line of a statement, what it turned out to be and what it did."""

    pk = models.CompositePrimaryKey("statement", "number")
    statement = models.ForeignKey(Statement, models.PROTECT, db_index=False)
    number = models.IntegerField()
    reference = models.CharField(max_length=35)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    outcome = models.SmallIntegerField(null=True)
    status = models.SmallIntegerField()
    effect = models.SmallIntegerField()
    note = models.CharField(max_length=200)

    class Meta:
        db_table = "statement_line"
        indexes = (models.Index(name="statement_line_of_payment", fields=("reference",)),)
