"""
Make the slips by which phones learn of a replaced card without a network.

One for each list that holds something of the household's in one cycle: the new card takes the old
one's place and its quantity, no more. The same replacement gives the same slips. The ledger never
learns whose card it was. Source: docs/explanation/design.md, sections 6 and 7.7.
"""

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.card import tag as tags
from despensa.domain.lease import LeaseCard, Scope
from despensa.domain.ports.keeper import Access, CycleKeeper, Signatory, TagRow
from despensa.domain.slip import LABEL, Slip, SlipKind, to_map
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.redemption import store as redemption
from despensa.records.service_points import slip_store

ACTION = "make_slip"
_ENTITLED = 1


@dataclass(frozen=True, slots=True)
class Replacement:
    """Whose card was replaced by which, in which cycle; the numbers leave with the keeper only."""

    cycle: UUID
    programme: UUID
    household: UUID
    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeSlip:
    """A signed slip and the list it is for."""

    lease: UUID
    expires_at: int
    signed: bytes = field(repr=False)


def make_slips(
    replacement: Replacement,
    *,
    access: Access,
    acting: Acting,
    cycles: CycleKeeper,
    signatory: Signatory,
) -> list[MadeSlip]:
    """
    Return a slip for each list that holds something for the old card; made before, they are the same.

    `access` was written before in the registry. Locks: the rows of those lists.
    """
    scope = Scope(replacement.programme.bytes, replacement.cycle.bytes)
    account, (old, new) = cycles.replaced_card(
        access,
        cycle=scope.cycle_id,
        programme=scope.programme_id,
        household=replacement.household.bytes,
        numbers=[replacement.old, replacement.new],
    )
    if old is None or new is None:
        return []
    (_, old_tag), (step, tag) = old, new
    made = []
    with transaction.atomic(using=LEDGER):
        held = slip_store.held_of(account, now=acting.at)
        if not held or not slip_store.is_tag_of(old_tag, account):
            return []
        redemption.add_missing_tags(
            [TagRow(tag, account, step, _ENTITLED)], cycle=replacement.cycle
        )
        for lease in held:
            signed = slip_store.slip_for(lease.id, old_tag)
            if signed is None:
                key = cycles.lookup_key(cycle=scope.cycle_id, lease=lease.id.bytes)
                lookup = tags.number_lookup8(key, replacement.new)
                slip = Slip(
                    slip_id=acting.new_id().bytes,
                    lease_id=lease.id.bytes,
                    kind=SlipKind.REPLACEMENT,
                    old_tag=old_tag,
                    card=LeaseCard(step, tag, lookup, step),
                    goods=lease.goods,
                    scope=scope,
                    expires_at=lease.expires_at,
                )
                signed = _written(slip, acting, signatory)
            made.append(MadeSlip(lease.id, lease.expires_at, signed))
    return made


def _written(slip: Slip, acting: Acting, signatory: Signatory) -> bytes:
    signed = signatory.sign(to_map(slip), label=LABEL)
    row = slip_store.SlipRow(
        UUID(bytes=slip.slip_id),
        UUID(bytes=slip.lease_id),
        UUID(bytes=slip.scope.cycle_id),
        bytes(slip.old_tag or b""),
        slip.card.tag,
        signed,
    )
    slip_store.add_slip(row)
    digest = hashlib.sha256(signed).digest()
    rows = journal_rows.inserted(
        "slip", [(slip.slip_id, {"lease_id": slip.lease_id, "digest": digest})]
    )
    journal_store.record(LEDGER, ACTION, acting, rows)
    return signed
