"""
One scan on the demo phone: from the text on a card to the facts the ladder decides on.

Decides nothing by itself: it reads the card, finds it on the list, asks who collects, and
calls `redemption.decide`; the receipt is made in `receipts`.
Source: docs/explanation/design.md section 7.7.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from despensa.adapters.field_device.keys import key_ring
from despensa.adapters.field_device.writer import Written
from despensa.domain import identifier
from despensa.domain.card import verify
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.tag import ChainError, Link, commitment32, holder_key, walk
from despensa.domain.card.verify import Verdict
from despensa.domain.event import CollectedBy, Means
from despensa.domain.lease import (
    Collector,
    CollectorCheckKind,
    HolderSealBroken,
    Lease,
    open_holder,
)
from despensa.domain.payload import Goods
from despensa.domain.redemption.decide import (
    Aborted,
    Attempt,
    Collected,
    Decision,
    Delivered,
    Elsewhere,
    ListFacts,
    Match,
    Refused,
    Standing,
    decide,
)
from despensa.domain.redemption.locate import (
    LeaseIndex,
    Place,
    first_scope_tags,
    locate_card,
    locate_number,
    match_of,
)
from despensa.domain.refusal import DELIVERED_MESSAGE, Offered, RefusalReason

_NONCE_LENGTH = 16

Confirm = Callable[[Sequence[Collector]], CollectedBy | None]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the operator did; `text` is None when the reader found no code."""

    text: str | None = field(repr=False)
    means: Means
    now: int
    today: int
    contested: bool = False
    out_of_stock: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the card and the list say; the nonce opens the commitment of a refusal."""

    verdict: Verdict | None
    card: EntitlementCard | None = field(default=None, repr=False)
    expires_at: int | None = None
    place: Place | None = None
    match: Match | None = None
    elsewhere: Elsewhere | None = None
    commitment: bytes | None = None
    nonce: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the screen shows and the person takes away."""

    written: Written
    decision: Decision
    finding: Finding
    receipt: bytes | None = None

    @property
    def outcome(self) -> str:
        """Return `delivered`, `refused` or `aborted`."""
        return self.written.event.kind.name.lower()

    @property
    def event(self) -> bytes:
        """Return the signed event (COSE_Sign1)."""
        return self.written.data

    @property
    def reason(self) -> RefusalReason | None:
        """Return why the scan was refused, None if it was not."""
        return self.decision.reason if isinstance(self.decision, Refused) else None

    @property
    def message_id(self) -> str:
        """Return the key of the sentences to show."""
        if isinstance(self.decision, Delivered):
            return DELIVERED_MESSAGE
        return self.decision.reason.message_id

    @property
    def goods(self) -> Goods:
        """Return what is handed over, nothing unless the scan was delivered."""
        return self.decision.match.goods if isinstance(self.decision, Delivered) else ()

    @property
    def tag(self) -> bytes | None:
        """Return the tag of the entitlement found on the list."""
        return None if self.finding.match is None else self.finding.match.tag

    @property
    def was_collected(self) -> bool:
        """
        Return whether this phone had recorded a delivery to the household before the scan.

        A reason of smaller number hides it from the verdict, never from the operator.
        """
        return (
            self.finding.match is not None and self.finding.match.collected is Collected.CONFIRMED
        )

    @property
    def offered(self) -> Offered:
        """Return what the person was offered instead."""
        return self.decision.offered if isinstance(self.decision, Refused) else Offered.NONE

    @property
    def offers_supervised(self) -> bool:
        """Return whether a supervised delivery may follow."""
        return self.offered is Offered.SUPERVISED


def find(
    scan: Scan,
    index: LeaseIndex | None,
    collected: frozenset[bytes],
    elsewhere: Mapping[bytes, Elsewhere],
    *,
    issuer_keys: Mapping[bytes, bytes],
) -> Finding:
    """
    Return what the card says and where it stands on the list.

    `issuer_keys` are those the phone was installed with; a list brings its own.
    """
    if scan.text is None:
        return Finding(None)
    if scan.means is Means.TYPED:
        return _find_number(scan.text, index, collected)
    ring = issuer_keys if index is None else key_ring(index.lease.issuer_keys)
    read = verify.verify(scan.text, issuer_keys=ring, now=scan.now)
    if not isinstance(read.card, EntitlementCard):
        return Finding(read.verdict)
    if index is None:
        return Finding(read.verdict, read.card, read.card.expires_at)
    tags = first_scope_tags(read.card, index)
    tag = next((tag for tag in tags if tag in elsewhere), next(iter(tags), None))
    nonce = None if tag is None else os.urandom(_NONCE_LENGTH)
    places = locate_card(read.card, index)
    match = match_of(places, index, confirmed=collected)
    return Finding(
        verdict=read.verdict,
        card=read.card,
        expires_at=read.card.expires_at,
        place=None if match is None else index.by_tag[match.tag],
        match=match,
        elsewhere=None if tag is None else elsewhere.get(tag),
        commitment=None if tag is None or nonce is None else commitment32(tag, nonce=nonce),
        nonce=nonce,
    )


def has_card_among(index: LeaseIndex, match: Match, tags: frozenset[bytes]) -> bool:
    """Return whether any card of the household that was found bears one of the tags."""
    cards = index.lease.entitlements[match.entitlement].cards
    return any(card.tag in tags for card in cards)


def decide_scan(
    scan: Scan,
    finding: Finding,
    *,
    index: LeaseIndex | None,
    is_session_open: bool,
    contested_before: frozenset[bytes],
    confirm: Confirm | None,
) -> tuple[Decision, CollectedBy | None]:
    """
    Return the verdict, and who collects where the programme checks it.

    The collectors are shown only to a scan that would be delivered otherwise.
    """
    lease = None if index is None else index.lease
    match = finding.match
    standing = Standing(
        session_open=is_session_open,
        list_facts=None
        if lease is None
        else ListFacts(lease.expires_at, lease.point_id, lease.hours.day, lease.check),
        match=match,
        elsewhere=finding.elsewhere,
        contest_used=index is not None
        and match is not None
        and has_card_among(index, match, contested_before),
    )
    decision = decide(_attempt(scan, finding, is_confirmed=True), standing)
    is_checked = lease is not None and lease.check is not CollectorCheckKind.NONE
    if not (is_checked and lease is not None and _passes_but_for_collector(decision)):
        return decision, None
    collector = None if confirm is None else confirm(_collectors(finding, lease))
    attempt = _attempt(scan, finding, is_confirmed=collector is not None)
    return decide(attempt, standing), collector


def _find_number(typed: str, index: LeaseIndex | None, collected: frozenset[bytes]) -> Finding:
    try:
        number = identifier.parse_card_number(typed)
    except identifier.CardNumberError:
        return Finding(None)
    if index is None:
        return Finding(Verdict.GENUINE)
    places = locate_number(number, index)
    match = match_of(places, index, confirmed=collected)
    if match is None:
        return Finding(Verdict.GENUINE)
    # without the card its tags are known only where it is listed
    scopes = {index.lease.entitlements[place.entitlement].scope: place for place in places}
    tag = scopes[0].card.tag if 0 in scopes else None
    nonce = None if tag is None else os.urandom(_NONCE_LENGTH)
    return Finding(
        verdict=Verdict.GENUINE,
        place=index.by_tag[match.tag],
        match=match,
        commitment=None if tag is None or nonce is None else commitment32(tag, nonce=nonce),
        nonce=nonce,
    )


def _attempt(scan: Scan, finding: Finding, *, is_confirmed: bool) -> Attempt:
    return Attempt(
        verdict=finding.verdict,
        expires_at=finding.expires_at,
        now=scan.now,
        today=scan.today,
        collector_confirmed=is_confirmed,
        out_of_stock=scan.out_of_stock,
        contested=scan.contested,
    )


def _passes_but_for_collector(decision: Decision) -> bool:
    if isinstance(decision, Refused):
        return decision.reason > RefusalReason.COLLECTOR_NOT_CONFIRMED
    return not isinstance(decision, Aborted)


def _collectors(finding: Finding, lease: Lease) -> tuple[Collector, ...]:
    """
    Return the collectors of a card that is present.

    A typed number opens no names. Names that do not open are no names: the operator refuses the
    collector, which offers a supervised delivery, where a fault of the app would offer nothing.
    """
    place, card = finding.place, finding.card
    if place is None or card is None or place.card.holder is None:
        return ()
    try:
        link = walk(Link(card.epoch, card.secret), place.card.holder_epoch)
        key = holder_key(link.key, lease=lease.lease_id)
        return open_holder(place.card.holder, holder_key=key, tag=place.card.tag)
    except (ChainError, HolderSealBroken):
        return ()
