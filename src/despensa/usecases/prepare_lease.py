"""
Prepare a lease: one phone gets what it may hand over in one session, and nobody else may.

The quantities are bound in the same transaction in which the signed list is made; a household
whose entitlement another phone holds is left out. Source: docs/explanation/design.md, section 7.6.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain import lease as leases
from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ports.keeper import (
    Access,
    CycleKeeper,
    LeaseHousehold,
    Signatory,
    TagRow,
)
from despensa.domain.ports.lease_work import Named
from despensa.domain.reach import Reach
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import store as ledger
from despensa.records.ledger import sweep_store
from despensa.records.redemption import store as redemption
from despensa.records.service_points import store

LEASE_SECONDS_AFTER_SESSION = 48 * 3600
SUPERVISED_PERCENT = 5
SUPERVISED_MIN = 5
_ENTITLED = 1

SessionRow = store.SessionRow
Seal = Callable[[bytes, bytes, bytes], bytes]


CycleClosed, LeaseHeld = store.CycleClosed, store.LeaseHeld


class DeviceNotTrusted(PermissionError):
    """The phone is unknown, suspended, revoked or its certificate ran out."""


@dataclass(frozen=True, slots=True)
class LeaseOrder:
    """
    For which phone and session, and for which households.

    `households` are (household16, [card number ...], [(unit, quantity) ...]) of those entitled at
    the point; `day` is the session's local day since 1970-01-01.
    """

    device: UUID
    session: SessionRow
    day: int
    households: Sequence[tuple[bytes, Sequence[str], Sequence[tuple[int, int]]]] = field(repr=False)
    # by household16, where the programme asks who collects: (role, key, sealed full name)
    collectors: Mapping[bytes, Sequence[Named]] = field(default_factory=dict, repr=False)
    # the look at those names, written before (open_collectors)
    access: Access | None = None
    check: leases.CollectorCheckKind = leases.CollectorCheckKind.NONE
    appeal_days: int = 30
    table: int = 0


def prepare_lease(
    order: LeaseOrder,
    *,
    reach: Reach,
    acting: Acting,
    cycles: CycleKeeper,
    signatory: Signatory,
    seal: Seal,
) -> tuple[UUID, bytes]:
    """
    Return the lease's id and the lease, signed and sealed to the phone.

    `seal(public key, plaintext, info)` is HPKE; `reach` is where whoever prepares it may run points.
    Raises: OutOfReach; DeviceNotTrusted; LeaseHeld when it has a list for the session, or another
        phone holds one of the entitlements.
    """
    lease_id, session = acting.new_id(), order.session
    _require_reach(session, reach)
    lookup_key = cycles.lookup_key(cycle=session.cycle.bytes, lease=lease_id.bytes)
    derived = _derived(order, lease_id, lookup_key, cycles)
    with transaction.atomic(using=LEDGER):
        _require_reach(session, reach)
        device = store.lock_device(order.device)
        if device is None or device.state != store.ACTIVE or device.expires_at <= acting.at:
            raise DeviceNotTrusted("This phone is not enrolled, or its enrolment has ended.")
        free = store.lock_free([item.account for item in derived])
        has_more = sweep_store.has_carried_in(session.cycle)
        rows, entitlements = _entitlements(order, derived, free, has_more=has_more)
        lease = _lease(order, lease_id, lookup_key, entitlements, acting, signatory)
        signed = signatory.sign(leases.to_map(lease), label=leases.LABEL)
        digest = hashlib.sha256(signed).digest()
        info = leases.lease_info(device_id=order.device.bytes, lease_id=lease_id.bytes)
        sealed = seal(device.sealing_key, signed, info)
        head = store.LeaseHead(
            lease_id, device.id, session.id, lease.expires_at, digest, sealed, order.table
        )
        store.add_lease(head, rows)
        redemption.add_missing_tags(_tags(derived, rows), cycle=session.cycle)
        delivered = named_account(
            AccountKind.DELIVERED, cycle=session.cycle.bytes, place=session.point.bytes
        )
        ledger.ensure_named(
            [
                (delivered, unit, AccountKind.DELIVERED, session.cycle)
                for unit in sorted({unit for _, unit, _ in rows})
            ]
        )
        changed = journal_rows.inserted(
            "lease", [(lease_id.bytes, {"session_id": session.id.bytes, "digest": digest})]
        )
        journal_store.record(LEDGER, "prepare_lease", acting, changed)
    return lease_id, sealed


def _derived(
    order: LeaseOrder, lease_id: UUID, lookup_key: bytes, cycles: CycleKeeper
) -> list[LeaseHousehold]:
    """Return the rows of the households in order, named where the check asks; the look is kept first."""
    cycle, programme = order.session.cycle.bytes, order.session.programme.bytes
    if order.check is leases.CollectorCheckKind.NONE:
        return cycles.lease_rows(
            cycle=cycle,
            programme=programme,
            lookup_key=lookup_key,
            households=[(household, numbers) for household, numbers, _ in order.households],
        )
    assert order.access is not None, "names are put on a list after their look is written"
    listed = [
        (household, numbers, order.collectors.get(household, ()))
        for household, numbers, _ in order.households
    ]
    return cycles.named_lease_rows(
        order.access, cycle=cycle, programme=programme, lease=lease_id.bytes, households=listed
    )


def _require_reach(session: SessionRow, reach: Reach) -> None:
    """Refuse a session at a point out of reach; asked before a key is used, and when it is bound."""
    area = store.areas_of([session.point]).get(session.point)
    reach.require(session.programme, area)


def _tags(
    derived: Sequence[LeaseHousehold], rows: Sequence[tuple[bytes, int, int]]
) -> list[TagRow]:
    """Return the tags of the listed cards; one that got usable after the opening has none yet."""
    listed = {account for account, _, _ in rows}
    return [
        TagRow(tag, item.account, step, _ENTITLED)
        for item in derived
        if item.account in listed
        for step, tag, _, _ in item.cards
    ]


def _entitlements(
    order: LeaseOrder,
    derived: Sequence[LeaseHousehold],
    free: Mapping[tuple[bytes, int], int],
    *,
    has_more: bool,
) -> tuple[list[tuple[bytes, int, int]], list[leases.LeaseEntitlement]]:
    """
    Return ledger rows and lease entries of the households that have something free.

    `has_more`: rights of an earlier cycle were carried on, which the ledger alone knows, so that
    whatever is free of a decided unit is listed.
    """
    rows: list[tuple[bytes, int, int]] = []
    entitlements: list[leases.LeaseEntitlement] = []
    for item, (_, _, goods) in zip(derived, order.households, strict=True):
        held = tuple(
            (unit, _listed(quantity, free.get((item.account, unit), 0), has_more=has_more))
            for unit, quantity in sorted(goods)
        )
        available = tuple((unit, quantity) for unit, quantity in held if quantity > 0)
        if not available or not item.cards:
            continue
        rows.extend((item.account, unit, quantity) for unit, quantity in available)
        cards = tuple(
            leases.LeaseCard(step, tag, lookup, holder_epoch, holder)
            for (step, tag, lookup, holder_epoch), holder in zip(
                item.cards, item.holders or [None] * len(item.cards), strict=True
            )
        )
        entitlements.append(leases.LeaseEntitlement(0, available, cards))
    return rows, sorted(entitlements, key=lambda entry: entry.cards[0].tag)


def _listed(decided: int, free: int, *, has_more: bool) -> int:
    return free if has_more else min(decided, free)


def _lease(
    order: LeaseOrder,
    lease_id: UUID,
    lookup_key: bytes,
    entitlements: Sequence[leases.LeaseEntitlement],
    acting: Acting,
    signatory: Signatory,
) -> leases.Lease:
    session, keys = order.session, signatory.public_keys()
    cap = max(SUPERVISED_MIN, -(-len(entitlements) * SUPERVISED_PERCENT // 100))
    return leases.Lease(
        lease_id=lease_id.bytes,
        workspace_id=acting.workspace.bytes,
        device_id=order.device.bytes,
        session_id=session.id.bytes,
        point_id=session.point.bytes,
        issued_at=acting.at,
        expires_at=session.closes_at + LEASE_SECONDS_AFTER_SESSION,
        hours=leases.SessionHours(order.day, session.opens_at, session.closes_at),
        issuer_keys=keys.issuers,
        scopes=(leases.Scope(session.programme.bytes, session.cycle.bytes),),
        entitlements=tuple(entitlements),
        lookup_key=lookup_key,
        inbox_key=keys.inbox,
        table=order.table,
        check=order.check,
        appeal_days=order.appeal_days,
        supervised_cap=cap,
    )
