"""
Take a signed slip into the list on a phone: a replacement card stands where the old one stood.

Decides whether a slip is for this list, now and once, and what the list says afterwards; the old
card is then on no list. The twin of `domain/amend.js` of the phone; both play vectors/lease/amend.json.
Source: docs/reference/formats.md section 3; docs/explanation/design.md, sections 6 and 7.7.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from despensa.domain.encoding import cose
from despensa.domain.lease import Lease, LeaseEntitlement
from despensa.domain.payload import Goods
from despensa.domain.slip import Slip, SlipKind, verify_slip


class SlipTrouble(StrEnum):
    """Why a slip changes nothing; in the order in which it is asked."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    OTHER_LEASE = "other_lease"
    REPLAYED = "replayed"
    EXPIRED = "expired"
    OTHER_KIND = "other_kind"
    OTHER_CYCLE = "other_cycle"
    OLD_CARD_UNKNOWN = "old_card_unknown"
    CARD_LISTED = "card_listed"
    TOO_MUCH = "too_much"


class SlipRefused(ValueError):
    """The slip changes nothing on this list, for `trouble`."""

    def __init__(self, trouble: SlipTrouble) -> None:
        """Hold why."""
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Held:
    """
    The list on a phone with what happened to it.

    `collected` are the tags under which the phone recorded a delivery, `taken` the ids of slips.
    """

    lease: Lease
    collected: frozenset[bytes] = frozenset()
    taken: frozenset[bytes] = frozenset()


def take_slip(data: bytes, held: Held, *, keys: Mapping[bytes, bytes], now: int) -> Held:
    """
    Return the list with the new card in the old one's place.

    A household that collected with the old card has collected with the new one.
    `keys` are the authority's, by key id. Raises: SlipRefused.
    """
    slip = _verified(data, keys)
    if slip.lease_id != held.lease.lease_id:
        raise SlipRefused(SlipTrouble.OTHER_LEASE)
    if slip.slip_id in held.taken:
        raise SlipRefused(SlipTrouble.REPLAYED)
    if now >= slip.expires_at:
        raise SlipRefused(SlipTrouble.EXPIRED)
    if slip.kind is not SlipKind.REPLACEMENT:
        raise SlipRefused(SlipTrouble.OTHER_KIND)
    place = _place_of(slip, held.lease)
    entitlements = list(held.lease.entitlements)
    old = entitlements[place]
    if not _is_within(slip.goods, old.goods):
        raise SlipRefused(SlipTrouble.TOO_MUCH)
    cards = tuple(slip.card if card.tag == slip.old_tag else card for card in old.cards)
    entitlements[place] = LeaseEntitlement(old.scope, slip.goods, cards)
    has_collected = any(card.tag in held.collected for card in old.cards)
    return Held(
        replace(held.lease, entitlements=tuple(entitlements)),
        held.collected | {slip.card.tag} if has_collected else held.collected,
        held.taken | {slip.slip_id},
    )


def _verified(data: bytes, keys: Mapping[bytes, bytes]) -> Slip:
    try:
        return verify_slip(data, keys=keys)
    except cose.UnknownKey as error:
        raise SlipRefused(SlipTrouble.UNKNOWN_KEY) from error
    except cose.BadSignature as error:
        raise SlipRefused(SlipTrouble.BAD_SIGNATURE) from error
    except cose.MalformedSignature as error:
        raise SlipRefused(SlipTrouble.MALFORMED) from error


def _place_of(slip: Slip, lease: Lease) -> int:
    """Return which entitlement lists the old card. Raises: SlipRefused."""
    if slip.scope not in lease.scopes:
        raise SlipRefused(SlipTrouble.OTHER_CYCLE)
    scope = lease.scopes.index(slip.scope)
    listed = {
        card.tag: place
        for place, item in enumerate(lease.entitlements)
        for card in item.cards
        if item.scope == scope
    }
    if slip.old_tag is None or slip.old_tag not in listed:
        raise SlipRefused(SlipTrouble.OLD_CARD_UNKNOWN)
    if any(card.tag == slip.card.tag for item in lease.entitlements for card in item.cards):
        raise SlipRefused(SlipTrouble.CARD_LISTED)
    return listed[slip.old_tag]


def _is_within(wanted: Goods, held: Goods) -> bool:
    there = dict(held)
    return all(quantity <= there.get(unit, 0) for unit, quantity in wanted)
