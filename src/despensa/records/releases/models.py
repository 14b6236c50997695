"""
What leaves the system by proposal: auditors' packages and reports of agreements.

Each is numbered, has a recipient and a day by which the workspace's own copy is destroyed.
Source: docs/explanation/design.md, sections 5, 7.5 and 9.
"""

from django.db import models
from django.db.models import Q

from despensa.records.programmes.models import Cycle


class Release(models.Model):
    """
    One release; its id is that of the proposal two people agreed to.

    A package is a sealed file beside the databases, a report its totals here (`content`).
    `checkpoint` is the log's as the making began: made again, a package proves under the same one.
    """

    class Kind(models.IntegerChoices):
        """What leaves."""

        PACKAGE = 1
        REPORT = 2

    class State(models.IntegerChoices):
        """A release moves forward only."""

        BEGUN = 1
        READY = 2
        DESTROYED = 3

    id = models.UUIDField(primary_key=True)
    number = models.IntegerField(unique=True)
    kind = models.SmallIntegerField(choices=Kind.choices)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="releases")
    recipient = models.CharField(max_length=120)
    recipient_key = models.BinaryField(null=True)
    reason = models.SmallIntegerField()
    destroy_by = models.DateField()
    state = models.SmallIntegerField(choices=State.choices)
    checkpoint = models.TextField()
    sha256 = models.BinaryField(null=True)
    length = models.BigIntegerField(null=True)
    content = models.JSONField(null=True)
    begun_at = models.BigIntegerField()
    made_at = models.BigIntegerField(null=True)
    destroyed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "release"
        constraints = (
            models.CheckConstraint(name="release_number_from_one", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="release_kind_known",
                condition=Q(kind=1, recipient_key__isnull=False, content__isnull=True)
                | Q(kind=2, recipient_key__isnull=True),
            ),
            models.CheckConstraint(
                name="release_made_is_hashed",
                condition=Q(
                    state=1, made_at__isnull=True, sha256__isnull=True, length__isnull=True,
                    content__isnull=True,
                )
                | Q(made_at__isnull=False, sha256__isnull=False, length__isnull=False),
            ),
            models.CheckConstraint(
                name="release_destroyed_is_gone",
                condition=Q(state=3, destroyed_at__isnull=False, content__isnull=True)
                | Q(state__in=(1, 2), destroyed_at__isnull=True),
            ),
        )  # fmt: skip


class ReleaseFetch(models.Model):
    """Somebody took a copy of a release out of the workspace."""

    id = models.UUIDField(primary_key=True)
    release = models.ForeignKey(Release, models.PROTECT, related_name="fetches")
    staff = models.UUIDField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "release_fetch"
