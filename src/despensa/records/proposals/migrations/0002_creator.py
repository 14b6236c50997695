"""The approval names the proposal's own creator, so that the database sees two people or refuses."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE approval ADD CONSTRAINT approval_of_this_creator
    FOREIGN KEY (proposal_id, creator) REFERENCES proposal (id, creator);
"""
BACKWARD = "ALTER TABLE approval DROP CONSTRAINT approval_of_this_creator;"


class Migration(migrations.Migration):
    """Composite foreign key, which Django's models cannot express."""

    dependencies: ClassVar = [("proposals", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
