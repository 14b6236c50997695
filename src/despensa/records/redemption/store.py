"""Writes of tags, inbox, redemptions and refusals. Only use cases import this."""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.ports.keeper import TagRow
from despensa.records.bulk import copy_rows
from despensa.records.databases import LEDGER


def add_tags(rows: Sequence[TagRow], *, cycle: UUID) -> None:
    """Write the tags of a cycle, in the order given."""
    copy_rows(
        LEDGER,
        "tag",
        ("tag", "cycle", "account", "step", "status"),
        ((row.tag, cycle, row.account, row.step, row.status) for row in rows),
    )
