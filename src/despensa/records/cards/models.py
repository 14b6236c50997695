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
