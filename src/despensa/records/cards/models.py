"""
Cards and the batches they are printed in. Link keys are the keeper's and never here.

Source: docs/explanation/design.md, section 6.
"""

from django.db import models
from django.db.models import Q

from despensa.records.registry.models import Household


class CardBatch(models.Model):
    """Cards signed under one approved proposal and printed together."""

    class State(models.IntegerChoices):
        """A sheet is ready only when every code was read back from it."""

        SIGNED = 1
        READY = 2
        COUNTED = 3

    id = models.UUIDField(primary_key=True)
    proposal = models.UUIDField(unique=True)
    cycle = models.UUIDField(null=True)
    count = models.IntegerField()
    state = models.SmallIntegerField(choices=State.choices)
    sheet_sha256 = models.BinaryField(null=True)
    issued_on = models.DateField()
    destroy_by = models.DateField()
    print_destroyed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "card_batch"
        constraints = (
            models.CheckConstraint(name="card_batch_has_cards", condition=Q(count__gt=0)),
        )


class Card(models.Model):
    """A card's number and where it is in its life. A printed card without household is stock."""

    class State(models.IntegerChoices):
        """A card buys nothing before its hand-over is scanned."""

        PRINTED = 1
        HANDED_OVER = 2
        ACTIVE = 3
        REPLACED = 4
        DEAD = 5

    number = models.CharField(max_length=10, primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="cards")
    # the place in the batch has an index that begins with the batch
    batch = models.ForeignKey(CardBatch, models.PROTECT, related_name="cards", db_index=False)
    position = models.IntegerField()
    state = models.SmallIntegerField(choices=State.choices)
    epoch = models.IntegerField()
    issued_on = models.DateField()
    expires_on = models.DateField()
    kid = models.BinaryField()

    class Meta:
        db_table = "card"
        constraints = (
            models.CheckConstraint(name="card_state_known", condition=Q(state__in=(1, 2, 3, 4, 5))),
            models.CheckConstraint(
                name="card_has_a_household_once_handed_over",
                condition=Q(state__in=(1, 5)) | Q(household__isnull=False),
            ),
            models.UniqueConstraint(name="card_place_in_batch", fields=("batch", "position")),
        )


class ShopPackage(models.Model):
    """
    A batch that a print shop prints, and what its return said; `hashes` are in sheet order.

    Nothing of it is handed over before the return was held against what was issued.
    """

    batch = models.OneToOneField(CardBatch, models.PROTECT, primary_key=True, related_name="+")
    proposal = models.UUIDField(unique=True)
    shop = models.CharField(max_length=60)
    recipient = models.CharField(max_length=80)
    hashes = models.BinaryField()
    package_sha256 = models.BinaryField()
    sent_at = models.BigIntegerField()
    returned_at = models.BigIntegerField(null=True)
    return_sha256 = models.BinaryField(null=True)
    printed = models.IntegerField(null=True)
    missing = models.IntegerField(null=True)
    doubled = models.IntegerField(null=True)
    foreign_lines = models.IntegerField(null=True)

    class Meta:
        db_table = "shop_package"
        constraints = (
            models.CheckConstraint(
                name="shop_package_returned_whole",
                condition=Q(
                    returned_at__isnull=True, return_sha256__isnull=True, printed__isnull=True,
                    missing__isnull=True, doubled__isnull=True, foreign_lines__isnull=True,
                )
                | Q(
                    returned_at__isnull=False, return_sha256__isnull=False,
                    printed__isnull=False, printed__gte=0, missing__isnull=False, missing__gte=0,
                    doubled__isnull=False, doubled__gte=0,
                    foreign_lines__isnull=False, foreign_lines__gte=0,
                ),
            ),
        )  # fmt: skip
