"""
Appeals of households against their decisions, and who drafted and decided each cycle.

`text` is the only free text about people anywhere: sealed, in no journal, emptied 90 days after the
answer. Source: docs/explanation/design.md, sections 2 and 7; docs/reference/formats.md, section 6.
"""

from django.db import models
from django.db.models import F, Q

from despensa.records.programmes.models import Cycle
from despensa.records.registry.models import Household, Registrant


class Grievance(models.Model):
    """
    One appeal, under the id its client made; without an answer it is open.

    `person` is whose key seals the text; `last_day` until when it could be brought; `child` the id of
    the child cycle that follows from an upheld one, and `proposal` asks two people to open it.
    `digest` is of what was asked, so that the same request is one; it goes with the text.
    `has_waited`: one person runs the workspace, and a day stood for another pair of eyes.
    """

    id = models.UUIDField(primary_key=True)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="grievances", db_index=False)
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="grievances", db_index=False
    )
    person = models.ForeignKey(Registrant, models.PROTECT, null=True, related_name="+")
    ground = models.SmallIntegerField()
    text = models.BinaryField(null=True)
    digest = models.BinaryField()
    taken_down_by = models.UUIDField()
    taken_down_at = models.BigIntegerField()
    last_day = models.DateField()
    answer_until = models.DateField()
    brought_receipt = models.BinaryField()
    answer = models.SmallIntegerField(null=True)
    reason = models.SmallIntegerField(null=True)
    answered_by = models.UUIDField(null=True)
    answered_at = models.BigIntegerField(null=True)
    has_waited = models.BooleanField(default=False)
    answer_receipt = models.BinaryField(null=True)
    child = models.UUIDField(null=True, unique=True)
    proposal = models.UUIDField(null=True, unique=True)

    class Meta:
        db_table = "grievance"
        indexes = (
            models.Index(name="grievance_of_household", fields=("household", "-taken_down_at")),
            models.Index(name="grievance_of_cycle", fields=("cycle",)),
            models.Index(
                name="grievance_open", fields=("answer_until", "id"),
                condition=Q(answer__isnull=True),
            ),
            models.Index(
                name="grievance_with_words", fields=("answered_at",),
                condition=Q(text__isnull=False),
            ),
        )  # fmt: skip
        constraints = (
            models.UniqueConstraint(
                name="grievance_open_once",
                fields=("cycle", "household"),
                condition=Q(answer__isnull=True),
            ),
            models.CheckConstraint(
                name="grievance_ground_known", condition=Q(ground__gte=1, ground__lte=5)
            ),
            models.CheckConstraint(
                name="grievance_words_have_an_owner",
                condition=Q(text__isnull=True) | Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="grievance_answer_is_whole",
                condition=Q(
                    answer__isnull=True, answered_by__isnull=True, answered_at__isnull=True,
                    answer_receipt__isnull=True,
                )
                | Q(
                    answer__isnull=False, answer__in=(1, 2, 3), answered_by__isnull=False,
                    answered_at__isnull=False, answer_receipt__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="grievance_a_no_has_a_reason",
                condition=Q(
                    answer__isnull=False, answer=2, reason__isnull=False, reason__gte=96,
                    reason__lte=111,
                )
                | (Q(answer__isnull=True) | ~Q(answer=2)) & Q(reason__isnull=True),
            ),
            models.CheckConstraint(
                name="grievance_answered_by_another_person",
                condition=Q(answered_by__isnull=True, has_waited=False)
                | Q(answered_by__isnull=False, has_waited=False)
                & ~Q(answered_by=F("taken_down_by"))
                | Q(answered_at__isnull=False, has_waited=True)
                & Q(answered_at__gte=F("taken_down_at") + 86_400),
            ),
            models.CheckConstraint(
                name="grievance_child_of_an_upheld_one",
                condition=Q(child__isnull=False, answer__isnull=False, answer=1)
                | Q(child__isnull=True, proposal__isnull=True)
                & (Q(answer__isnull=True) | ~Q(answer=1)),
            ),
        )  # fmt: skip


class CycleDecider(models.Model):
    """Who drafted (1) or decided (2) a cycle: they answer no appeal against it."""

    pk = models.CompositePrimaryKey("cycle", "staff", "deed")
    # the key begins with the cycle
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="deciders", db_index=False)
    staff = models.UUIDField()
    deed = models.SmallIntegerField()

    class Meta:
        db_table = "cycle_decider"
        constraints = (
            models.CheckConstraint(name="cycle_decider_deed_known", condition=Q(deed__in=(1, 2))),
        )
