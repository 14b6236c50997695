"""
Providers and payees: an account is sealed under its person's key, a change is a new row.

Source: docs/explanation/design.md, section 8.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.registry.models import Household, Registrant


class Provider(models.Model):
    """A financial service provider, how it is told whom to pay, and what it demands of a person."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=32, unique=True)
    names = models.JSONField()
    rail = models.SmallIntegerField()
    account_kind = models.SmallIntegerField()
    needs_document = models.BooleanField()
    settings = models.JSONField()

    class Meta:
        db_table = "provider"
        constraints = (
            models.CheckConstraint(
                name="provider_rail_known", condition=Q(rail__gte=1, rail__lte=3)
            ),
        )


class Payee(models.Model):
    """Where a person is paid, from an instant on; the latest counts. A change is confirmed by another."""

    id = models.UUIDField(primary_key=True)
    registrant = models.ForeignKey(Registrant, models.PROTECT, related_name="payees")
    provider = models.ForeignKey(Provider, models.PROTECT, db_index=False)
    sealed = models.BinaryField()
    set_at = models.BigIntegerField()
    set_by = models.UUIDField()
    is_change = models.BooleanField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "payee"
        constraints = (
            models.CheckConstraint(
                name="payee_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~Q(confirmed_by=F("set_by")),
            ),
        )


class PaymentTask(models.Model):
    """Why a household's money of a cycle is in no list yet: somebody sees to it."""

    pk = models.CompositePrimaryKey("cycle", "household")
    cycle = models.UUIDField()
    household = models.ForeignKey(Household, models.PROTECT, db_index=False)
    kind = models.SmallIntegerField()
    since = models.BigIntegerField()
    is_open = models.BooleanField()

    class Meta:
        db_table = "payment_task"
        constraints = (
            models.CheckConstraint(
                name="payment_task_kind_known", condition=Q(kind__gte=1, kind__lte=5)
            ),
        )
