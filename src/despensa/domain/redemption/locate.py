"""
Finding a card on the list: by the tag its secret makes, or by the number somebody typed.

Decides which entitlements of a lease a card belongs to; whether it gets them is `decide`.
Source: docs/reference/formats.md sections 2 and 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.tag import ChainError, Link, number_lookup8, tag16, walk
from despensa.domain.lease import Lease, LeaseCard
from despensa.domain.redemption.decide import Collected, Match


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the list a card stands: the entitlement's index and the card's own row."""

    entitlement: int
    card: LeaseCard


@dataclass(frozen=True, slots=True)
class LeaseIndex:
    """A lease with its cards by tag and by number, and the steps in use per scope."""

    lease: Lease
    by_tag: dict[bytes, Place]
    by_lookup: dict[bytes, tuple[Place, ...]]
    steps: tuple[tuple[int, ...], ...]


def index_lease(lease: Lease) -> LeaseIndex:
    """Return a lease prepared for finding cards in constant time."""
    by_tag: dict[bytes, Place] = {}
    by_lookup: dict[bytes, list[Place]] = {}
    steps: list[set[int]] = [set() for _ in lease.scopes]
    for number, entitlement in enumerate(lease.entitlements):
        for card in entitlement.cards:
            place = Place(number, card)
            by_tag[card.tag] = place
            by_lookup.setdefault(card.number_lookup, []).append(place)
            steps[entitlement.scope].add(card.step)
    lookups = {lookup: tuple(places) for lookup, places in by_lookup.items()}
    return LeaseIndex(lease, by_tag, lookups, tuple(tuple(sorted(group)) for group in steps))


def locate_card(card: EntitlementCard, index: LeaseIndex) -> tuple[Place, ...]:
    """
    Return where a genuine card stands on the list.

    Shape: at most one place per scope, in the order of the scopes; empty when it is not listed.
    """
    places = []
    for scope, steps in zip(index.lease.scopes, index.steps, strict=True):
        link = Link(card.epoch, card.secret)
        for step in steps:
            try:
                link = walk(link, step)
            except ChainError:
                continue
            tag = tag16(link.key, programme=scope.programme_id, cycle=scope.cycle_id)
            place = index.by_tag.get(tag)
            if place is not None and place.card.step == step:
                places.append(place)
                break
    return tuple(places)


def locate_number(number: str, index: LeaseIndex) -> tuple[Place, ...]:
    """
    Return where a typed card number stands on the list.

    Shape: as `locate_card`.
    """
    return index.by_lookup.get(number_lookup8(index.lease.lookup_key, number), ())


def first_scope_tags(card: EntitlementCard, index: LeaseIndex) -> tuple[bytes, ...]:
    """
    Return the tags the card may have in the lease's first scope, the likeliest first.

    A refusal commits to one of them, and the district index is asked for them. A listed card has
    exactly the tag it is listed under. Any other one most likely has the tag of step
    max(cycle epoch, card epoch), the cycle's epoch being the smallest step on the list; a card
    whose link the keeper had moved on has that of a later step.

    Shape: tags of 16 bytes, no two alike; empty when the chain reaches no such step.
    Source: docs/reference/formats.md section 2, commitment32.
    """
    for place in locate_card(card, index):
        if index.lease.entitlements[place.entitlement].scope == 0:
            return (place.card.tag,)
    scope, steps = index.lease.scopes[0], index.steps[0]
    likeliest = max([card.epoch, *steps[:1]])
    tags = []
    link = Link(card.epoch, card.secret)
    for step in sorted({likeliest, *(step for step in steps if step > likeliest)}):
        try:
            link = walk(link, step)
        except ChainError:
            break
        tags.append(tag16(link.key, programme=scope.programme_id, cycle=scope.cycle_id))
    return tuple(tags)


def match_of(
    places: Iterable[Place], index: LeaseIndex, *, confirmed: frozenset[bytes]
) -> Match | None:
    """
    Return the first entitlement among the places that was not collected, else the first one.

    `confirmed` holds the tags under which this phone recorded a delivery; a household that
    collected with one of its cards has collected with all of them.
    """
    matches = [_match(place, index, confirmed) for place in places]
    open_matches = [match for match in matches if match.collected is Collected.NO]
    return next(iter(open_matches or matches), None)


def _match(place: Place, index: LeaseIndex, confirmed: frozenset[bytes]) -> Match:
    entitlement = index.lease.entitlements[place.entitlement]
    is_collected = any(card.tag in confirmed for card in entitlement.cards)
    return Match(
        entitlement=place.entitlement,
        tag=place.card.tag,
        goods=entitlement.goods,
        collected=Collected.CONFIRMED if is_collected else Collected.NO,
    )
