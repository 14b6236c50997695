"""
Proposals and approvals: the two-person rule as rows and constraints.

Source: docs/reference/formats.md, section 9.
"""

from django.db import models
from django.db.models import F, Q


class Proposal(models.Model):
    """What is proposed; `canonical` is exactly what was hashed."""

    class State(models.IntegerChoices):
        """A proposal is decided once."""

        WAITING = 1
        APPROVED = 2
        REFUSED = 3
        DONE = 4

    id = models.UUIDField(primary_key=True)
    action = models.TextField()
    canonical = models.BinaryField()
    hash = models.BinaryField(unique=True)
    creator = models.UUIDField()
    # where it acts, as its content says: NULL is every programme, or the whole workspace
    programme = models.UUIDField(null=True)
    area = models.UUIDField(null=True)
    state = models.SmallIntegerField(choices=State.choices)
    created_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    # by whom it was closed undone; NULL in `refused_by` and not in `refused_at`: its time was over
    refused_by = models.UUIDField(null=True)
    refused_at = models.BigIntegerField(null=True)
    refusal_reason = models.TextField(db_default="")

    class Meta:
        db_table = "proposal"
        constraints = (
            models.CheckConstraint(
                name="proposal_refused_says_when",
                condition=Q(state=3, refused_at__isnull=False)
                | ~Q(state=3)
                & Q(refused_at__isnull=True, refused_by__isnull=True, refusal_reason=""),
            ),
            models.UniqueConstraint(name="proposal_with_creator", fields=("id", "creator")),
        )


class Approval(models.Model):
    """The second person's agreement, signed by the authority key."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, primary_key=True)
    creator = models.UUIDField()
    approver = models.UUIDField()
    kind = models.SmallIntegerField()
    approved_at = models.BigIntegerField()
    signed = models.BinaryField()

    class Meta:
        db_table = "approval"
        constraints = (
            models.CheckConstraint(
                name="approval_by_another_person",
                condition=~Q(creator=F("approver")) | Q(kind=3),
            ),
            models.CheckConstraint(name="approval_kind_known", condition=Q(kind__in=(1, 2, 3))),
        )
