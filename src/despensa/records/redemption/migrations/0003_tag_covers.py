"""A tag's key holds its account too, so that finding the account reads the key alone."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE tag DROP CONSTRAINT tag_pkey;
ALTER TABLE tag ADD CONSTRAINT tag_pkey PRIMARY KEY (tag) INCLUDE (account);
"""
BACKWARD = """
ALTER TABLE tag DROP CONSTRAINT tag_pkey;
ALTER TABLE tag ADD CONSTRAINT tag_pkey PRIMARY KEY (tag);
"""


class Migration(migrations.Migration):
    """One key."""

    dependencies: ClassVar = [("redemption", "0002_evidence_storage")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
