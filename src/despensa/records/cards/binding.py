"""
Binding a printed card of nobody to a household, with its journal; inside the use case's transaction.

Only use cases import this. Source: docs/explanation/design.md, section 6, States.
"""

from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.enrolment.card_binding import CardRefused, trouble_with
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act
from despensa.records import journal_store
from despensa.records.cards import store
from despensa.records.databases import REGISTRY
from despensa.records.sealed_journal import workspace_entries


def bind(
    number: str, household: UUID, *, today: date, act: Act, acting: Acting, sealer: JournalSealer
) -> None:
    """
    Give a card of nobody to a household; from now on it counts.

    Locks: the card. Raises: CardRefused.
    """
    trouble = trouble_with(store.stock_card(number), today=today)
    if trouble is not None:
        raise CardRefused(trouble)
    store.bind(number, household)
    columns: dict[int | str, object] = {
        "key": number.encode("ascii"),
        "household_id": household.bytes,
        "state": store.HANDED_OVER,
    }
    note(columns, act=act, acting=acting, sealer=sealer)


def note(
    columns: dict[int | str, object], *, act: Act, acting: Acting, sealer: JournalSealer
) -> None:
    """Journal what changed of a card."""
    body = journal.encode_columns(columns)
    journal_store.append(
        REGISTRY,
        workspace_entries(act, "card", journal.Op.UPDATE, [body], acting=acting, sealer=sealer),
    )
