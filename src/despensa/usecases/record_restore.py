"""Record that the workspace was restored from a backup: a public leaf, sealed when the log may."""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY


def record_restore(
    *, backup_made_at: int, log_size: int, version: str, known_size: int | None, acting: Acting
) -> None:
    """
    Queue the leaf: when the backup was made, the log's size in it, the release.

    `known_size` is that of the newest checkpoint found outside the backup, None without any: a
    restore that brought back less than was known says so for ever, and so does one unproved.
    """
    body: dict[int, int | str] = {0: backup_made_at, 1: log_size, 2: version}
    if known_size is not None:
        body[3] = known_size
    with transaction.atomic(using=REGISTRY):
        journal_store.announce(REGISTRY, "restore", acting, PublicKind.RESTORE, body)
