"""
What the rows of a decided cycle refer to, each said once.

Deciding writes a row for every household and one for each of its goods, and every index and every
reference costs every row. A benefit belongs to a decision, which names household and cycle.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
ALTER TABLE benefit_line ADD CONSTRAINT benefit_line_has_a_decision
    FOREIGN KEY (cycle_id, household_id) REFERENCES decision (cycle_id, household_id)
    DEFERRABLE INITIALLY DEFERRED
"""
BACKWARD = "ALTER TABLE benefit_line DROP CONSTRAINT benefit_line_has_a_decision"


class Migration(migrations.Migration):
    """Indexes that nothing reads go; a benefit's household and cycle are its decision's."""

    dependencies: ClassVar = [("programmes", "0001_initial")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="decision",
            name="cycle",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="programmes.cycle",
            ),
        ),
        migrations.AlterField(
            model_name="benefitline",
            name="household",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="benefit_lines",
                to="registry.household",
            ),
        ),
        migrations.AlterField(
            model_name="benefitline",
            name="cycle",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="benefit_lines",
                to="programmes.cycle",
            ),
        ),
        migrations.AlterField(
            model_name="benefitline",
            name="unit",
            field=models.ForeignKey(
                db_column="unit",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="programmes.unit",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
