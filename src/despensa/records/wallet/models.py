"""
Identity cards in wallets and on paper, offers of them, and the status lists everybody may fetch.

Nothing here says what a card says, and nothing is written when one is shown: the issuer is not
asked. Codes are hashes, gone once they are used. Source: docs/decisions/0033-wallets.md.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.registry.models import Household, Registrant


class StatusList(models.Model):
    """One published list; `used` counts places given to cards, `told` the ends it was signed with."""

    number = models.SmallIntegerField(primary_key=True)
    places = models.IntegerField()
    used = models.IntegerField(default=0)
    told = models.IntegerField(default=0)
    issued_at = models.BigIntegerField(null=True)
    cwt = models.BinaryField(null=True)
    jwt = models.TextField(null=True)  # noqa: DJ001 - not signed yet, which is not an empty text

    class Meta:
        db_table = "status_list"
        constraints = (
            models.CheckConstraint(
                name="status_list_has_room",
                condition=Q(places__gt=0, used__gte=0, used__lte=F("places"), told__gte=0),
            ),
            models.CheckConstraint(
                name="status_list_signed_whole",
                condition=Q(issued_at__isnull=True, cwt__isnull=True, jwt__isnull=True)
                | Q(issued_at__isnull=False, cwt__isnull=False, jwt__isnull=False),
            ),
        )


class StatusDecoy(models.Model):
    """A place of no card that ends by itself one day, so that the ends of cards are not counted."""

    pk = models.CompositePrimaryKey("status_list", "place")
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="+")
    place = models.IntegerField()
    ends_at = models.BigIntegerField()

    class Meta:
        db_table = "status_decoy"


class IdentityBatch(models.Model):
    """Identity cards on paper, printed together; its id is that of the approved proposal."""

    id = models.UUIDField(primary_key=True)
    count = models.SmallIntegerField()
    # as those of `cards.CardBatch`
    state = models.SmallIntegerField(choices=[(1, "Signed"), (2, "Ready"), (3, "Counted")])
    sheet_sha256 = models.BinaryField(null=True)
    issued_on = models.DateField()
    destroy_by = models.DateField()
    print_destroyed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "identity_batch"
        constraints = (
            models.CheckConstraint(
                name="identity_batch_has_cards", condition=Q(count__gt=0, state__in=(1, 2, 3))
            ),
        )


class IdentityCard(models.Model):
    """
    A card in somebody's wallet or on paper; its place in the list is never another card's.

    One on paper was asked for first (`asked_at`), is printed in a batch, and counts from its
    hand-over on.
    """

    class End(models.IntegerChoices):
        """Why a card ended."""

        ASKED = 1
        REPLACED = 2
        ERASED = 3
        SPOILT = 4

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=10, unique=True)
    person = models.ForeignKey(Registrant, models.PROTECT, related_name="+")
    status_list = models.ForeignKey(StatusList, models.PROTECT, related_name="+")
    place = models.IntegerField()
    issued_on = models.DateField()
    expires_on = models.DateField()
    ended_at = models.BigIntegerField(null=True)
    ended_for = models.SmallIntegerField(null=True, choices=End.choices)
    asked_at = models.BigIntegerField(null=True)
    batch = models.ForeignKey(IdentityBatch, models.PROTECT, null=True, related_name="+")
    position = models.SmallIntegerField(null=True)
    handed_over_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "identity_card"
        constraints = (
            models.UniqueConstraint(
                name="identity_card_has_its_place", fields=("status_list", "place")
            ),
            models.UniqueConstraint(
                name="identity_card_one_a_person",
                fields=("person",),
                condition=Q(ended_at__isnull=True, asked_at__isnull=True)
                | Q(ended_at__isnull=True, handed_over_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="identity_card_asked_for_once",
                fields=("person",),
                condition=Q(
                    asked_at__isnull=False, ended_at__isnull=True, handed_over_at__isnull=True
                ),
            ),
            models.UniqueConstraint(
                name="identity_card_has_its_page", fields=("batch", "position")
            ),
            models.CheckConstraint(
                name="identity_card_on_paper_in_order",
                condition=Q(batch__isnull=True, handed_over_at__isnull=True, position__isnull=True)
                | Q(asked_at__isnull=False, batch__isnull=False, position__isnull=False),
            ),
            models.CheckConstraint(name="identity_card_place_counts", condition=Q(place__gte=0)),
            models.CheckConstraint(
                name="identity_card_expires", condition=Q(expires_on__gt=F("issued_on"))
            ),
            models.CheckConstraint(
                name="identity_card_ends_for_a_reason",
                condition=Q(ended_at__isnull=True, ended_for__isnull=True)
                | Q(ended_at__isnull=False, ended_for__isnull=False, ended_for__in=(1, 2, 3, 4)),
            ),
        )


class WalletOffer(models.Model):
    """An offer on its way to a phone; of its codes hashes, and those only until they are used."""

    class State(models.IntegerChoices):
        """As `domain.wallet.offer.State`."""

        SHOWN = 1
        CODE_USED = 2
        TAKEN = 3
        ENDED = 4

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Registrant, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    staff = models.UUIDField()
    state = models.SmallIntegerField(choices=State.choices)
    made_at = models.BigIntegerField()
    until = models.BigIntegerField()
    tries = models.SmallIntegerField(default=0)
    code_hash = models.BinaryField(null=True, unique=True)
    typed_hash = models.BinaryField(null=True)
    token_hash = models.BinaryField(null=True, unique=True)
    # thumbprint of the phone's key, until the token is over
    phone = models.BinaryField(null=True)
    card = models.OneToOneField(IdentityCard, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "wallet_offer"
        constraints = (
            models.UniqueConstraint(
                name="wallet_offer_one_a_person",
                fields=("person",),
                condition=Q(state__in=(1, 2)),
            ),
            models.CheckConstraint(
                name="wallet_offer_tried_seldom", condition=Q(tries__gte=0, tries__lte=5)
            ),
            models.CheckConstraint(
                name="wallet_offer_keeps_what_its_state_needs",
                condition=Q(
                    state=1, code_hash__isnull=False, typed_hash__isnull=False,
                    token_hash__isnull=True, phone__isnull=True, card__isnull=True,
                )
                | Q(
                    state=2, code_hash__isnull=True, typed_hash__isnull=True,
                    token_hash__isnull=False, phone__isnull=True, card__isnull=True,
                )
                | Q(
                    state=3, code_hash__isnull=True, typed_hash__isnull=True,
                    token_hash__isnull=False, phone__isnull=False, card__isnull=False,
                )
                | Q(
                    state=3, code_hash__isnull=True, typed_hash__isnull=True,
                    token_hash__isnull=True, phone__isnull=True, card__isnull=False,
                )
                | Q(
                    state=4, code_hash__isnull=True, typed_hash__isnull=True,
                    token_hash__isnull=True, phone__isnull=True, card__isnull=True,
                ),
            ),
        )  # fmt: skip
