"""
One scan, one verdict: what a phone decides from the card shown and the list it holds.

Decides delivered, refused or aborted; handing over, signing and storing are the phone's work. The
whole quantity of the lease is handed over. The phone app has a twin of this ladder; both read
`vectors/redemption`. Source: docs/reference/formats.md section 5; docs/explanation/design.md
section 7.7.
"""

from dataclasses import dataclass
from enum import IntEnum

from despensa.domain.card.verify import Verdict
from despensa.domain.lease import CollectorCheckKind
from despensa.domain.payload import Goods
from despensa.domain.refusal import AbortReason, Offered, RefusalReason, offered


class TagStatus(IntEnum):
    """What the district index says about a card without a place on this phone's list."""

    ENTITLED = 1
    NOT_ENTITLED = 2
    NEEDS_INFORMATION = 3
    DEAD = 4


class Collected(IntEnum):
    """Whether the household's goods were handed over before."""

    NO = 0
    UNCONFIRMED = 1
    CONFIRMED = 2


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One scan as the operator made it.

    `verdict` is None when no card could be read; a typed number, vouched for by a second person,
    counts as genuine and has no expiry. `collector_confirmed` is what the programme's check gave;
    without a check it is not looked at. `out_of_stock` is the operator's word, never a count.

    Units: instants in seconds UTC, `today` in days since 1970-01-01 of the local calendar.
    """

    verdict: Verdict | None
    expires_at: int | None
    now: int
    today: int
    collector_confirmed: bool = False
    out_of_stock: bool = False
    contested: bool = False
    aborted: AbortReason | None = None


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The terms of the list on this phone."""

    expires_at: int
    point_id: bytes
    day: int
    check: CollectorCheckKind


@dataclass(frozen=True, slots=True)
class Match:
    """The entitlement on the list that the card found; `tag` is the tag it was found by."""

    entitlement: int
    tag: bytes
    goods: Goods
    collected: Collected = Collected.NO


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the district index says about the card; no point where nothing is prepared."""

    status: TagStatus
    point_id: bytes | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the phone knows at the moment of the scan; None: no list, not on it, not in it."""

    session_open: bool
    list_facts: ListFacts | None = None
    match: Match | None = None
    elsewhere: Elsewhere | None = None
    contest_used: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """Hand over these goods."""

    match: Match


@dataclass(frozen=True, slots=True)
class Refused:
    """Hand over nothing in the ordinary way, say why, and offer this."""

    reason: RefusalReason
    offered: Offered


@dataclass(frozen=True, slots=True)
class Aborted:
    """There is no verdict."""

    reason: AbortReason


Decision = Delivered | Refused | Aborted


def decide(attempt: Attempt, standing: Standing) -> Decision:
    """
    Return the verdict of one scan.

    Holds: of several reasons the one with the smallest number wins.
    Refuses: all of RefusalReason, in its order.
    Source: docs/reference/formats.md section 5.
    """
    if attempt.aborted is not None:
        return Aborted(attempt.aborted)
    reason = _reason_about_card(attempt) or _reason_about_list(attempt, standing)
    if reason is not None:
        contest_open = attempt.contested and not standing.contest_used
        return Refused(reason, offered(reason, contest_open=contest_open))
    match = standing.match
    assert match is not None  # _reason_about_list found an entitlement
    return Delivered(match)


def _reason_about_card(attempt: Attempt) -> RefusalReason | None:
    if attempt.verdict is None:
        return RefusalReason.UNREADABLE
    if attempt.verdict is Verdict.CANNOT_TELL:
        return RefusalReason.CANNOT_VERIFY
    if attempt.verdict is not Verdict.GENUINE:
        return RefusalReason.NOT_GENUINE
    if attempt.expires_at is not None and attempt.now >= attempt.expires_at:
        return RefusalReason.EXPIRED
    return None


def _reason_about_list(attempt: Attempt, standing: Standing) -> RefusalReason | None:
    terms, match = standing.list_facts, standing.match
    if not standing.session_open:
        return RefusalReason.NO_SESSION
    # an ended list is as good as none: the server may have freed its rows for another phone
    if terms is None or attempt.now >= terms.expires_at:
        return RefusalReason.LIST_MISSING
    if match is None:
        return _reason_elsewhere(standing.elsewhere, terms)
    if attempt.today != terms.day:
        return RefusalReason.OTHER_DAY
    if match.collected is Collected.CONFIRMED:
        return RefusalReason.COLLECTED_CONFIRMED
    if match.collected is Collected.UNCONFIRMED:
        return RefusalReason.COLLECTED_UNCONFIRMED
    if terms.check is not CollectorCheckKind.NONE and not attempt.collector_confirmed:
        return RefusalReason.COLLECTOR_NOT_CONFIRMED
    if attempt.out_of_stock:
        return RefusalReason.OUT_OF_STOCK
    return None


def _reason_elsewhere(elsewhere: Elsewhere | None, terms: ListFacts) -> RefusalReason:
    # a dead card is a replaced one: its household is served under the other card's tag
    if elsewhere is None or elsewhere.status is TagStatus.DEAD:
        return RefusalReason.UNKNOWN
    if elsewhere.point_id is not None and elsewhere.point_id != terms.point_id:
        return RefusalReason.OTHER_POINT
    if elsewhere.day is not None and elsewhere.day != terms.day:
        return RefusalReason.OTHER_DAY
    if elsewhere.status is TagStatus.NOT_ENTITLED:
        return RefusalReason.NOT_ENTITLED
    if elsewhere.status is TagStatus.NEEDS_INFORMATION:
        return RefusalReason.NEEDS_INFORMATION
    return RefusalReason.UNKNOWN
