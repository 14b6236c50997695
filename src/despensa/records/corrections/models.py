"""
Requests to correct a record with each field before and after, and spellings learnt from them.

Values lie sealed under the person's key, facts inside first under the key of their fact. A learnt
spelling knows two words and nobody.
Source: docs/explanation/design.md, section 5; docs/reference/formats.md, sections 6 and 7.
"""

from django.db import models
from django.db.models import Q

from despensa.records.registry.models import Household, Registrant

_FIELDS = tuple(range(1, 10))


class Correction(models.Model):
    """One request, under the id its client made; what was undone stays here, and the undo."""

    class State(models.IntegerChoices):
        """What became of it."""

        WAITING = 1
        DONE = 2
        REFUSED = 3

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Registrant, models.PROTECT, related_name="corrections")
    household = models.ForeignKey(Household, models.PROTECT, related_name="corrections")
    channel = models.SmallIntegerField()
    reason = models.SmallIntegerField()
    staff = models.UUIDField()
    at = models.BigIntegerField()
    answer_until = models.DateField()
    digest = models.BinaryField()
    needs_two = models.BooleanField()
    proposal = models.UUIDField(null=True, unique=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    state = models.SmallIntegerField(choices=State.choices)
    decided_at = models.BigIntegerField(null=True)
    decided_by = models.UUIDField(null=True)
    refused_for = models.SmallIntegerField(null=True)
    asked_receipt = models.BinaryField()
    answer_receipt = models.BinaryField(null=True)

    class Meta:
        db_table = "correction"
        indexes = (
            models.Index(name="correction_of_household", fields=("household", "-at", "-id")),
            models.Index(
                name="correction_waiting", fields=("answer_until", "id"), condition=Q(state=1)
            ),
        )
        constraints = (
            models.CheckConstraint(name="correction_state_known", condition=Q(state__in=(1, 2, 3))),
            models.CheckConstraint(
                name="correction_channel_known", condition=Q(channel__in=(1, 2, 3, 4, 5))
            ),
            models.CheckConstraint(
                name="correction_reason_known", condition=Q(reason__gte=1, reason__lte=7)
            ),
            models.CheckConstraint(
                name="correction_answer_is_whole",
                condition=Q(
                    state=1, decided_at__isnull=True, decided_by__isnull=True,
                    answer_receipt__isnull=True,
                )
                | Q(
                    state__in=(2, 3), decided_at__isnull=False, decided_by__isnull=False,
                    answer_receipt__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="correction_refused_for_a_reason",
                condition=Q(
                    state=3, refused_for__isnull=False, refused_for__gte=80, refused_for__lte=95
                )
                | ~Q(state=3) & Q(refused_for__isnull=True),
            ),
            models.CheckConstraint(
                name="correction_of_two_has_a_proposal",
                condition=Q(needs_two=False) | Q(proposal__isnull=False),
            ),
            models.CheckConstraint(
                name="correction_undo_names_one",
                condition=Q(reason=7, undoes__isnull=False) | ~Q(reason=7) & Q(undoes__isnull=True),
            ),
            models.UniqueConstraint(
                name="correction_undone_once", fields=("undoes",), condition=Q(state__in=(1, 2))
            ),
        )  # fmt: skip


class CorrectionChange(models.Model):
    """One field of a correction: [before, after] sealed; `key` is a fact's name or a row's id."""

    id = models.UUIDField(primary_key=True)
    correction = models.ForeignKey(Correction, models.PROTECT, related_name="changes")
    field = models.SmallIntegerField()
    key = models.CharField(max_length=64)
    sealed = models.BinaryField()

    class Meta:
        db_table = "correction_change"
        constraints = (
            models.UniqueConstraint(
                name="correction_change_a_field_once", fields=("correction", "field", "key")
            ),
            models.CheckConstraint(
                name="correction_change_field_known", condition=Q(field__in=_FIELDS)
            ),
        )


class SpellingVariant(models.Model):
    """
    Two words that stood for the same name: keyed hashes of both, the other one sealed.

    `learnt_on` is the day of its first witness; nothing says who bore either.
    """

    pk = models.CompositePrimaryKey("word", "other")
    word = models.BigIntegerField()
    other = models.BigIntegerField()
    sealed = models.BinaryField()
    witnesses = models.IntegerField()
    learnt_on = models.DateField(db_index=True)

    class Meta:
        db_table = "spelling_variant"
        constraints = (
            models.CheckConstraint(
                name="spelling_variant_counts_witnesses", condition=Q(witnesses__gte=0)
            ),
        )
