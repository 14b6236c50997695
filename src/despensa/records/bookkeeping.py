"""
Tables that both databases have: journal, leaf queue, outbox, used proposals, stages.

They are abstract here; `journal` (registry) and `ledger_journal` (ledger) make them real, so that
every change and its leaf are written in one transaction of one database.
Source: docs/explanation/design.md, section 5; docs/reference/formats.md, section 8.
"""

from django.db import models


class JournalHeader(models.Model):
    """One journal entry: its position in this database and the hash of its leaf."""

    seq = models.BigAutoField(primary_key=True)
    entry = models.UUIDField(unique=True)
    database = models.SmallIntegerField()
    leaf32 = models.BinaryField()

    class Meta:
        abstract = True
        db_table = "journal"


class JournalContentRow(models.Model):
    """What the leaf commits to: salt, and content with rows and sealed chunk keys as one value."""

    entry = models.UUIDField(primary_key=True)
    salt = models.BinaryField()
    bytes = models.BinaryField()

    class Meta:
        abstract = True
        db_table = "journal_content"


class QueuedLeaf(models.Model):
    """A leaf on its way into the log; the keeper alone takes it from here."""

    position = models.BigAutoField(primary_key=True)
    entry = models.UUIDField(unique=True)
    leaf = models.BinaryField()

    class Meta:
        abstract = True
        db_table = "leaf_queue"


class NumberedLeaf(models.Model):
    """The number the log gave to a leaf; insert-only."""

    entry = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)

    class Meta:
        abstract = True
        db_table = "leaf_number"


class OutboxMessage(models.Model):
    """An effect on the other database, written with the change that causes it."""

    position = models.BigAutoField(primary_key=True)
    message = models.UUIDField(unique=True)
    topic = models.TextField()
    payload = models.BinaryField()
    delivered_at = models.BigIntegerField(null=True)

    class Meta:
        abstract = True
        db_table = "outbox"


class SeenMessage(models.Model):
    """A message of the other database that was applied here: it is never applied twice."""

    message = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True
        db_table = "outbox_seen"


class ProposalUse(models.Model):
    """An approved proposal that was carried out; inserting this row is the unused check."""

    proposal = models.UUIDField(primary_key=True)
    hash = models.BinaryField(unique=True)
    used_at = models.BigIntegerField()

    class Meta:
        abstract = True
        db_table = "proposal_use"


class StageDone(models.Model):
    """One finished step of work that spans both databases; doing it again changes nothing."""

    pk = models.CompositePrimaryKey("subject", "stage", "chunk")
    subject = models.UUIDField()
    stage = models.TextField()
    chunk = models.IntegerField()
    done_at = models.BigIntegerField()

    class Meta:
        abstract = True
        db_table = "stage"
