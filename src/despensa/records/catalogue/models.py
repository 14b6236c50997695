"""
Published versions of the catalogue of facts, and which facts of them were destroyed.

That a household or a registrant takes no fact but one of the version in force is a trigger
(migrations/0002). Source: docs/explanation/design.md, section 2.
"""

from django.db import models
from django.db.models import Q


class Catalogue(models.Model):
    """One published version, as its file was read; immutable, and a public leaf of the log."""

    version = models.IntegerField(primary_key=True)
    text = models.TextField()
    hash = models.BinaryField(unique=True)
    # NULL is the version a workspace was founded with
    proposal = models.UUIDField(null=True, unique=True)
    published_at = models.BigIntegerField()

    class Meta:
        db_table = "catalogue"
        constraints = (
            models.CheckConstraint(
                name="catalogue_takes_two_after_the_first",
                condition=Q(version__gte=1) & (Q(version=1) | Q(proposal__isnull=False)),
            ),
        )


class CatalogueFact(models.Model):
    """A fact of one version; once its values were destroyed that version takes it no more."""

    pk = models.CompositePrimaryKey("version", "name")
    # the key begins with the version
    version = models.ForeignKey(
        Catalogue, models.PROTECT, db_column="version", related_name="facts", db_index=False
    )
    name = models.TextField()
    destroyed_at = models.BigIntegerField(null=True)
    # how many households and people it was known of; for staff, never published
    destroyed_values = models.BigIntegerField(null=True)

    class Meta:
        db_table = "catalogue_fact"
        constraints = (
            models.CheckConstraint(
                name="catalogue_fact_is_destroyed_with_a_count",
                condition=Q(destroyed_at__isnull=True, destroyed_values__isnull=True)
                | Q(
                    destroyed_at__isnull=False,
                    destroyed_values__isnull=False,
                    destroyed_values__gte=0,
                ),
            ),
        )
