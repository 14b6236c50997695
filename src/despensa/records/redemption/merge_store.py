"""
Loads and writes of one merge batch. Only `usecases.merge_events` imports this.

The clean majority is posted by `merge_sql`; facts for the rest are loaded for the domain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.transfer import Cause, Transfer
from despensa.domain.redemption.merge import (
    Balance,
    Book,
    LeaseRow,
    MergeEvent,
    MergeFacts,
    MergeOutcome,
)
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import store as ledger
from despensa.records.redemption import merge_sql

_SOURCE = {
    Book.EMERGENCY: AccountKind.EMERGENCY,
    Book.LOSS: AccountKind.LOSS,
}


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One event of the inbox as merging needs it."""

    position: int
    device: UUID
    seq: int
    hash: bytes
    event: UUID
    kind: int
    session: UUID | None
    lease: UUID | None
    tag: bytes | None
    units: Sequence[int]
    quantities: Sequence[int]
    reason: int | None
    commitment: bytes | None
    supervised: bool
    card_number: str | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Where and when a session is, and for which cycle."""

    cycle: UUID
    point: UUID
    names: Mapping[str, str]
    day: date


def take(limit: int) -> list[InboxRow]:
    """
    Return the oldest waiting events that no other worker holds.

    Locks: their rows, until the transaction ends.
    """
    rows = fetch(LEDGER, merge_sql.TAKE, (limit,))
    return [_inbox_row(row) for row in rows]


def places(sessions: Sequence[UUID]) -> dict[UUID, SessionPlace]:
    """Return where each known session is."""
    rows = fetch(
        LEDGER,
        """SELECT session.id, session.cycle, point.id, point.names, session.day
           FROM session JOIN service_point point ON point.id = session.point_id
           WHERE session.id = ANY (%s)""",
        (list(sessions),),
    )
    return {session: SessionPlace(*rest) for session, *rest in rows}


def post_clean(batch: Sequence[InboxRow]) -> set[int]:
    """
    Post every delivery that raises no question; return the positions of the others.

    Locks: the accounts of the batch's tags, in one order.
    """
    positions = [row.position for row in batch]
    fetch(LEDGER, merge_sql.LOCK, ([row.tag for row in batch if row.tag is not None],))
    execute(LEDGER, merge_sql.ENSURE_DELIVERED, (positions,))
    return {position for (position,) in fetch(LEDGER, merge_sql.POST_CLEAN, (positions,))}


def post_scans_without_delivery(batch: Sequence[InboxRow]) -> None:
    """Write refusals and aborted scans."""
    positions = [row.position for row in batch]
    execute(LEDGER, merge_sql.POST_REFUSALS, (positions,))
    execute(LEDGER, merge_sql.POST_ABORTED, (positions,))


def facts(events: Sequence[MergeEvent]) -> MergeFacts:
    """Return what the ledger knows about events that raise a question."""
    tags = [event.tag for event in events if event.tag is not None]
    leases = [UUID(bytes=event.lease_id) for event in events if event.lease_id is not None]
    accounts = {
        bytes(tag): _bytes(account)
        for tag, account in fetch(
            LEDGER, "SELECT tag, account FROM tag WHERE tag = ANY (%s)", (tags,)
        )
    }
    known = [account for account in accounts.values() if account is not None]
    balances = fetch(
        LEDGER,
        "SELECT id, unit, balance FROM account WHERE id = ANY (%s) AND balance IS NOT NULL",
        (known,),
    )
    rows = fetch(
        LEDGER,
        """SELECT lease_id, account, unit, quantity, claimed FROM lease_row
           WHERE lease_id = ANY (%s) AND account = ANY (%s)""",
        (leases, known),
    )
    devices = fetch(LEDGER, "SELECT id, device_id FROM lease WHERE id = ANY (%s)", (leases,))
    return MergeFacts(
        accounts=accounts,
        balances={(bytes(a), unit): Balance(balance) for a, unit, balance in balances},
        lease_devices={lease.bytes: device.bytes for lease, device in devices},
        lease_rows={
            (lease.bytes, bytes(account), unit): LeaseRow(quantity, claimed)
            for lease, account, unit, quantity, claimed in rows
        },
    )


def write_outcomes(
    outcomes: Sequence[tuple[MergeOutcome, SessionPlace | None]],
    *,
    transfer_ids: Sequence[UUID],
    case_ids: Sequence[UUID],
    now: int,
) -> None:
    """
    Write redemptions, transfers and cases of events that the domain decided.

    Holds: one transfer id per posting and one case id per outcome.
    """
    postings = [
        (outcome, place, posting) for outcome, place in outcomes for posting in outcome.postings
    ]
    copy_rows(
        LEDGER,
        "redemption",
        ("id", "account", "unit", "quantity", "point", "day", "excess"),
        (
            (
                UUID(bytes=outcome.event_id),
                posting.account_id,
                posting.unit,
                posting.quantity,
                None if place is None else place.point,
                None if place is None else place.day,
                posting.book is Book.LOSS,
            )
            for outcome, place, posting in postings
        ),
    )
    sides = [_sides(posting.book, posting.account_id, place) for _, place, posting in postings]
    named = [
        (account, posting.unit, kind, cycle)
        for (accounts, cycle), (_, _, posting) in zip(sides, postings, strict=True)
        for account, kind in accounts
        if kind is not AccountKind.ENTITLEMENT
    ]
    ledger.ensure_named(named)
    ledger.add_transfers(
        (
            transfer_id,
            Transfer(
                accounts[0][0],
                accounts[1][0],
                posting.unit,
                posting.quantity,
                Cause.EXCESS if posting.book is Book.LOSS else Cause.REDEMPTION,
                outcome.event_id,
            ),
        )
        for transfer_id, (accounts, _), (outcome, _, posting) in zip(
            transfer_ids, sides, postings, strict=True
        )
    )
    _count_claims(outcomes)
    copy_rows(
        LEDGER,
        "delivery_case",
        ("id", "redemption", "cause", "opened_at"),
        (
            (case_id, UUID(bytes=outcome.event_id), outcome.cause.name, now)
            for case_id, (outcome, _) in zip(case_ids, outcomes, strict=True)
            if outcome.cause is not None
        ),
    )


def write_evidence(
    batches: Sequence[tuple[UUID, UUID | None, bytes]],
    evidence: Sequence[tuple[UUID, UUID, int, bytes]],
) -> None:
    """Write evidence batches (id, cycle, sealed key) and (event, batch, position, sealed)."""
    copy_rows(LEDGER, "evidence_batch", ("id", "cycle", "sealed_key"), batches)
    copy_rows(LEDGER, "evidence", ("event", "batch_id", "position", "sealed"), evidence)


def leave_inbox(batch: Sequence[InboxRow]) -> None:
    """Remove merged events from the queue."""
    execute(LEDGER, merge_sql.LEAVE_INBOX, ([row.position for row in batch],))


def _count_claims(outcomes: Sequence[tuple[MergeOutcome, SessionPlace | None]]) -> None:
    claims = [
        (UUID(bytes=posting.row[0]), posting.row[1], posting.row[2], posting.quantity)
        for outcome, _ in outcomes
        for posting in outcome.postings
        if posting.row is not None
    ]
    execute(
        LEDGER,
        """UPDATE lease_row SET claimed = claimed + claim.quantity FROM (
               SELECT lease, account, unit, sum(quantity)::bigint AS quantity
               FROM unnest(%s::uuid[], %s::bytea[], %s::int[], %s::bigint[])
                    AS c (lease, account, unit, quantity) GROUP BY lease, account, unit) claim
           WHERE lease_row.lease_id = claim.lease AND lease_row.account = claim.account
             AND lease_row.unit = claim.unit""",
        tuple([claim[at] for claim in claims] for at in range(4)),
    )


_Side = tuple[bytes, AccountKind]


def _sides(
    book: Book, account: bytes | None, place: SessionPlace | None
) -> tuple[tuple[_Side, _Side], UUID]:
    """Return debit and credit of a posting; without a known session it belongs to no cycle."""
    cycle = UUID(int=0) if place is None else place.cycle
    point = bytes(16) if place is None else place.point.bytes
    delivered = named_account(AccountKind.DELIVERED, cycle=cycle.bytes, place=point)
    if book is Book.ENTITLEMENT and account is not None:
        debit = (account, AccountKind.ENTITLEMENT)
    else:
        kind = _SOURCE[book]
        debit = (named_account(kind, cycle=cycle.bytes, place=point), kind)
    return (debit, (delivered, AccountKind.DELIVERED)), cycle


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _inbox_row(row: tuple[Any, ...]) -> InboxRow:
    position, device, seq, digest, event, kind, session, lease, tag, *rest = row
    units, quantities, reason, commitment, supervised, card_number, data = rest
    return InboxRow(
        position, device, seq, bytes(digest), event, kind, session, lease, _bytes(tag), units,
        quantities, reason, _bytes(commitment), supervised, card_number, bytes(data),
    )  # fmt: skip
