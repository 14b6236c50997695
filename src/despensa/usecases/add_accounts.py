"""Open accounts of no cycle in the ledger, each empty. Source: docs/explanation/design.md, section 8."""

from collections.abc import Sequence

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import store
from despensa.records.sealed_journal import workspace_entries

ACTION = "add_accounts"


def add_accounts(accounts: Sequence[tuple[bytes, int, AccountKind]], *, acting: Acting) -> None:
    """Open (id, unit, kind) accounts that do not exist yet; the others stay as they are."""
    with transaction.atomic(using=LEDGER):
        store.ensure_named([(account, unit, kind, None) for account, unit, kind in accounts])
        rows = [(account, unit, int(kind)) for account, unit, kind in accounts]
        bodies = journal.encode_table(("key", "unit", "kind"), rows)
        act = journal_store.act(LEDGER, ACTION, acting)
        journal_store.append(
            LEDGER,
            workspace_entries(
                act, "account", journal.Op.INSERT, bodies, acting=acting, sealer=acting
            ),
        )
