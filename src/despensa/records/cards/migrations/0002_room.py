"""Room for cards: opening a cycle changes the state of every handed-over card at once."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A card whose state changes stays on its page, where no index has to learn of it."""

    dependencies: ClassVar = [("cards", "0001_initial")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="card",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cards",
                to="cards.cardbatch",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE card SET (fillfactor = 50)", "ALTER TABLE card RESET (fillfactor)"
        ),
    ]
