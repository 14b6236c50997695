"""The tables of the catalogue of facts."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Versions, and their facts."""

    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [
        migrations.CreateModel(
            name="Catalogue",
            fields=[
                ("version", models.IntegerField(primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("hash", models.BinaryField(unique=True)),
                ("proposal", models.UUIDField(null=True, unique=True)),
                ("published_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "catalogue",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version__gte", 1),
                            models.Q(("version", 1), ("proposal__isnull", False), _connector="OR"),
                        ),
                        name="catalogue_takes_two_after_the_first",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CatalogueFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "version",
                        "name",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_column="version",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="catalogue.catalogue",
                    ),
                ),
                ("name", models.TextField()),
                ("destroyed_at", models.BigIntegerField(null=True)),
                ("destroyed_values", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "catalogue_fact",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("destroyed_at__isnull", True), ("destroyed_values__isnull", True)
                            ),
                            models.Q(
                                ("destroyed_at__isnull", False),
                                ("destroyed_values__gte", 0),
                                ("destroyed_values__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="catalogue_fact_is_destroyed_with_a_count",
                    )
                ],
            },
        ),
    ]
