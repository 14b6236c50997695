"""
Goods at the points: items, what a parcel holds, and entries that are never changed.

What an entry moves stands in `transfer`, with the entry as its cause; hand-overs are summed from
redemptions, which tell of no household here. Source: docs/explanation/design.md, section 8.
"""

from django.db import models
from django.db.models import F, Q

from despensa.domain.ledger.stock import EntryKind, LossReason


class StockItem(models.Model):
    """Goods that only parcels hold; units of benefits are items by their own number."""

    number = models.IntegerField(primary_key=True)
    code = models.CharField(max_length=32, unique=True)

    class Meta:
        db_table = "stock_item"
        constraints = (
            models.CheckConstraint(
                name="stock_item_beside_the_units", condition=Q(number__gte=1_000_000)
            ),
        )


class StockContent(models.Model):
    """What one parcel of a unit holds: of the versions of its list the newest counts."""

    pk = models.CompositePrimaryKey("unit", "version", "item")
    unit = models.IntegerField()
    version = models.IntegerField()
    item = models.ForeignKey(StockItem, models.PROTECT, db_column="item")
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "stock_content"
        constraints = (
            models.CheckConstraint(
                name="stock_content_holds", condition=Q(quantity__gt=0, version__gt=0)
            ),
        )


class StockEntry(models.Model):
    """One act with goods at a point; what was wrong is reversed once, by another entry."""

    id = models.UUIDField(primary_key=True)
    point = models.ForeignKey("service_points.ServicePoint", models.PROTECT, related_name="+")
    day = models.DateField()
    kind = models.SmallIntegerField(choices=[(kind.value, kind.name.title()) for kind in EntryKind])
    lot = models.CharField(max_length=60, default="")
    expires_on = models.DateField(null=True)
    donor = models.CharField(max_length=60, default="")
    waybill = models.CharField(max_length=60, default="")
    reason = models.SmallIntegerField(
        null=True, choices=[(reason.value, reason.name.title()) for reason in LossReason]
    )
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    written_at = models.BigIntegerField()
    staff = models.UUIDField(null=True)

    class Meta:
        db_table = "stock_entry"
        indexes = (models.Index(fields=["point", "day"], name="stock_entry_of_a_day"),)
        constraints = (
            models.CheckConstraint(
                name="stock_entry_has_a_reason",
                condition=Q(kind=3, reason__isnull=False) | ~Q(kind=3) & Q(reason__isnull=True),
            ),
            models.CheckConstraint(
                name="stock_entry_reverses",
                condition=Q(kind=7, reverses__isnull=False) | ~Q(kind=7) & Q(reverses__isnull=True),
            ),
            models.CheckConstraint(
                name="stock_entry_delivers",
                condition=Q(kind=1) | Q(donor="", expires_on__isnull=True, lot=""),
            ),
            models.CheckConstraint(
                name="stock_entry_waybill", condition=Q(kind__in=(1, 4)) | Q(waybill="")
            ),
            models.CheckConstraint(
                name="stock_entry_is_not_its_own_reversal", condition=~Q(id=F("reverses"))
            ),
        )


class StockLine(models.Model):
    """So many of an item in an entry; `is_made` marks what came out of an opened parcel."""

    pk = models.CompositePrimaryKey("entry", "item", "is_made")
    entry = models.ForeignKey(StockEntry, models.PROTECT, related_name="lines")
    item = models.IntegerField()
    is_made = models.BooleanField()
    quantity = models.BigIntegerField()

    class Meta:
        db_table = "stock_line"
        constraints = (
            # a count may find nothing
            models.CheckConstraint(name="stock_line_is_so_many", condition=Q(quantity__gte=0)),
        )
