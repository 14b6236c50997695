"""
Loads and writes of one merge batch. Only `usecases.merge_events` imports this.

The clean majority is posted by `merge_sql`; facts for the rest are loaded for the domain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import NamedTuple
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
from despensa.records.bulk import (
    Identifiers,
    Octets,
    copy_rows,
    execute,
    fetch,
    run_prepared,
)
from despensa.records.databases import LEDGER
from despensa.records.ledger import store as ledger
from despensa.records.ledger import sweep_store
from despensa.records.redemption import merge_sql

LANES = merge_sql.LANES

_SOURCE = {
    Book.EMERGENCY: AccountKind.EMERGENCY,
    Book.LOSS: AccountKind.LOSS,
}


class Torn(RuntimeError):
    """Goods of one event, or claims on one account, were posted in part: roll back."""


class InboxRow(NamedTuple):
    """
    One event of the inbox; fields as `merge_sql.TAKE_AND_POST` returns them.

    Holds: the fields from `seq` on are set where there is a question or no delivery.
    """

    position: int
    hash: bytes
    event: bytes
    kind: int
    session: bytes | None
    data: bytes
    has_question: bool
    is_torn: bool
    seq: int
    device: UUID
    lease: UUID | None
    tag: bytes | None
    units: Sequence[int]
    quantities: Sequence[int]
    supervised: bool
    reason: int | None
    commitment: bytes | None
    card_number: str | None


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Where and when a session is, and for which cycle."""

    cycle: UUID
    point: UUID
    names: Mapping[str, str]
    day: date
    has_faded: bool = False


def hold_lane(lane: int) -> bool:
    """
    Return whether this worker has a lane to itself, until the transaction ends.

    The commit of this transaction does not wait for the disk (docs/decisions/0014).
    """
    [(held, *_)] = run_prepared(LEDGER, merge_sql.HOLD_LANE, (lane,))
    return bool(held)


def take_and_post(lane: int, limit: int, *, is_careful: bool, batch_id: UUID) -> list[InboxRow]:
    """
    Take the oldest events of a lane off the inbox, post every delivery that raises no question.

    Shape: by position; `has_question` marks the deliveries that were not posted.
    Holds: the lane is held. Locks: the accounts posted to.
    Raises: Torn and django.db.IntegrityError without care only: when what hangs together fits in
        part, a balance does not suffice, or a point has no account yet.
    """
    statement = merge_sql.take_and_post(limit, is_careful=is_careful)
    rows = [
        InboxRow._make(row) for row in run_prepared(LEDGER, statement, (lane, batch_id.hex[:24]))
    ]
    if rows and rows[0].is_torn:
        raise Torn("A delivery fits its lease in part: the batch is to be taken with care.")
    return sorted(rows, key=attrgetter("position"))


def set_collisions_aside(lane: int, limit: int, *, batch_id: UUID) -> list[UUID]:
    """
    Take events off the inbox whose id another event bears already, and keep them aside.

    Of the oldest events of a lane, those that a careful batch would take. Returns their phones.
    Holds: the lane is held.
    """
    rows = run_prepared(LEDGER, merge_sql.set_collisions_aside(limit), (lane, batch_id.hex[:24]))
    return sorted({device for (device,) in rows})


def places(sessions: Sequence[bytes]) -> dict[bytes, SessionPlace]:
    """Return where each known session is."""
    rows = run_prepared(LEDGER, merge_sql.PLACES, (Identifiers(sessions),))
    return {session.bytes: SessionPlace(*rest) for session, *rest in rows}


def post_refusals(rows: Sequence[tuple[InboxRow, SessionPlace | None]]) -> None:
    """Write refused scans."""
    copy_rows(
        LEDGER,
        "refusal",
        ("id", "reason", "point", "day", "commitment"),
        (
            (UUID(bytes=row.event), row.reason, *_where(place), row.commitment)
            for row, place in rows
        ),
    )


def post_aborted(rows: Sequence[tuple[InboxRow, SessionPlace | None]]) -> None:
    """Write scans that ended without a verdict."""
    copy_rows(
        LEDGER,
        "aborted_scan",
        ("id", "reason", "point", "day"),
        ((UUID(bytes=row.event), row.reason, *_where(place)) for row, place in rows),
    )


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
        """SELECT account.id, account.unit, account.balance, coalesce(swept.quantity, 0)
           FROM account LEFT JOIN swept ON swept.account = account.id AND swept.unit = account.unit
           WHERE account.id = ANY (%s) AND account.balance IS NOT NULL""",
        (known,),
    )
    rows = fetch(
        LEDGER,
        # also the lists that a row was taken over from: who released what was spent is asked of them
        """WITH RECURSIVE line AS (
               SELECT lease_id, account, unit, quantity, claimed, spent, origin, is_freed
               FROM lease_row WHERE lease_id = ANY (%s) AND account = ANY (%s)
               UNION
               SELECT row.lease_id, row.account, row.unit, row.quantity, row.claimed, row.spent,
                      row.origin, row.is_freed
               FROM line JOIN lease_row row ON row.lease_id = line.origin
                                           AND row.account = line.account AND row.unit = line.unit)
           SELECT * FROM line""",
        (leases, known),
    )
    named = [*leases, *(row[0] for row in rows)]
    devices = fetch(LEDGER, "SELECT id, device_id FROM lease WHERE id = ANY (%s)", (named,))
    return MergeFacts(
        accounts=accounts,
        balances={
            (bytes(a), unit): Balance(balance, swept) for a, unit, balance, swept in balances
        },
        lease_devices={lease.bytes: device.bytes for lease, device in devices},
        lease_rows={
            (lease.bytes, bytes(account), unit): LeaseRow(
                quantity, claimed, spent, None if origin is None else origin.bytes, is_freed
            )
            for lease, account, unit, quantity, claimed, spent, origin, is_freed in rows
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

    Holds: one transfer id per posting, one more where it comes from the sweep, and one case id per
        outcome.
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
    ids = iter(transfer_ids)
    sweep_store.give_back(
        [
            (next(ids), posting.account_id, posting.unit, posting.from_sweep, outcome.event_id)
            for outcome, _, posting in postings
            if posting.from_sweep and posting.account_id is not None
        ]
    )
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
            ids, sides, postings, strict=True
        )
    )
    _count_claims(outcomes)
    _open_cases(outcomes, case_ids, now)


def _open_cases(
    outcomes: Sequence[tuple[MergeOutcome, SessionPlace | None]],
    case_ids: Sequence[UUID],
    now: int,
) -> None:
    copy_rows(
        LEDGER,
        "delivery_case",
        ("id", "redemption", "device", "cause", "blamed", "opened_at"),
        (
            (
                case_id,
                UUID(bytes=outcome.event_id),
                UUID(bytes=outcome.event.device_id),
                outcome.cause.name,
                _blamed(outcome),
                now,
            )
            for case_id, (outcome, _) in zip(case_ids, outcomes, strict=True)
            if outcome.cause is not None
        ),
    )


def write_evidence(
    batches: Sequence[tuple[UUID, UUID | None, bytes, Sequence[bytes], Sequence[bytes]]],
    *,
    entry: UUID,
    span: tuple[int, int, int],
) -> None:
    """
    Write evidence batches: (id, cycle, sealed key, event ids, sealed events).

    `entry` is the journal's entry of their merge, whose content fades with them; `span` is the
    merge's lane with the first and last position it took from the inbox.
    """
    for batch_id, cycle, sealed_key, events, sealed in batches:
        run_prepared(
            LEDGER,
            """INSERT INTO evidence_batch
                   (id, cycle, entry, sealed_key, events, sealed, lane, first, last)
               VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b)""",
            (batch_id, cycle, entry, sealed_key, Identifiers(events), Octets(sealed), *span),
        )


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


def _blamed(outcome: MergeOutcome) -> UUID | None:
    if outcome.blamed in (None, outcome.event.device_id):
        return None
    return UUID(bytes=outcome.blamed)


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _where(place: SessionPlace | None) -> tuple[UUID | None, date | None]:
    return (None, None) if place is None else (place.point, place.day)
