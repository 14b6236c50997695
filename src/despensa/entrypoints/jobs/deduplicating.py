"""
Searching the register for people who stand in it twice: proposed, done by the keeper, written down.

The search opens names inside processes of its own and shows nobody anything; what it brings are pairs
of ids and codes. Source: docs/explanation/design.md, sections 5 and 7.11.
"""

import importlib.util
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.duplicate import ACTION, Candidate, earlier_first, strength_of
from despensa.domain.household.operation import Kind, Order
from despensa.domain.household.operation import Reason as Why
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.household.refusal import Why as Refusal
from despensa.domain.ports.bulk_work import SearchProduct
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.proposal import Mandate, Reason
from despensa.domain.role import Permission
from despensa.domain.sealing import Column
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.duplicates import queries
from despensa.records.households import queries as households
from despensa.records.proposals import queries as proposals
from despensa.records.staff import queries as staff
from despensa.usecases.find_duplicates import add_found
from despensa.usecases.notice_duplicates import notice_duplicates

__all__ = [
    "ACTION",
    "candidates_of",
    "carry_out",
    "is_installed",
    "notice",
    "one_person",
    "propose",
    "searched",
    "waiting_proposal",
]
FIELDS = (
    Column.FULL_NAME, Column.NAME_PARTS, Column.DOCUMENT, Column.PHONE, Column.BIRTH_DAY,
)  # fmt: skip
ONCE = 1
# between the proposal and the search people may be registered: one in twenty, and a few
_GROWTH, _GROWTH_LEAST = 20, 50
_PACKAGES = ("splink", "pyarrow")
MISSING = (
    "Searching the register for people registered twice needs packages that are not installed. "
    "Install them with: pip install 'despensa[match]'."
)


class MatchMissing(RuntimeError):
    """The extra packages of the matcher are not installed."""


def is_installed() -> bool:
    """Return whether the extra packages of the matcher are there."""
    return all(importlib.util.find_spec(package) is not None for package in _PACKAGES)


def propose(*, acting: Acting) -> UUID:
    """
    Return the proposal to search the whole register once.

    Raises: MatchMissing; OutOfReach for somebody whose role is for a part of it only.
    """
    if not is_installed():
        raise MatchMissing(MISSING)
    people = queries.people_to_compare()
    return propose_action(
        ACTION,
        Reason.DUPLICATE_SEARCH,
        acting=acting,
        parameters=([int(column) for column in FIELDS], ONCE),
        totals=(("people", people + max(people // _GROWTH, _GROWTH_LEAST)),),
    )


def notice(people: Sequence[UUID], tools: Tools, *, acting: Acting) -> list[UUID]:
    """
    Return the pairs that wait since somebody was registered; works without the extra.

    What was registered stays so, also where nothing more may be opened this hour. Only pairs whose
    two people are in reach are told: registering somebody must not tell who is in the register
    elsewhere.
    """
    if acting.staff is None or not people:
        return []
    with suppress(AccessRefused):
        notice_duplicates(people, acting=acting, vault=tools.keeper.vault)
    reach = staff.reach_of(acting.staff, Permission.CHANGE_HOUSEHOLDS, acting.day)
    return queries.waiting_about(people, reach=reach)


def one_person(
    pair: UUID, records: Sequence[queries.RecordView], *, operation: UUID, reason: Why, day: date
) -> Order:
    """
    Return the operation that lets the later of two records give way to the earlier.

    Raises: ChangeRefused where one of the two lives nowhere any more.
    """
    kept, later = earlier_first(*(record.record for record in records))
    if later.home is None or kept.home is None:
        raise ChangeRefused(Refusal.NOT_A_MEMBER)
    other = None if kept.home == later.home else kept.home
    here = households.standing(later.home)
    there = None if other is None else households.standing(other)
    return Order(
        id=operation,
        kind=Kind.SAME_PERSON,
        reason=reason,
        day=day,
        household=later.home,
        expected_version=0 if here is None else here.version,
        people=(later.person,),
        kept=kept.person,
        other=other,
        other_version=None if there is None else there.version,
        pair=pair,
    )


def waiting_proposal() -> UUID | None:
    """Return the proposal of a search that waits for approval or to be done, or None."""
    waiting = [*proposals.waiting(None), *proposals.approved()]
    return next((view.id for view in waiting if view.action == ACTION), None)


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Do an approved search and return one line about it.

    Raises: MatchMissing; SearchEnded; ApprovalInvalid when the register has grown too much.
    """
    if not is_installed():
        raise MatchMissing(MISSING)
    product = searched(mandate, tools, acting=acting)
    candidates = candidates_of(product)
    new = add_found(candidates, mandate, acting=acting, vault=tools.keeper.vault)
    return (
        f"{product.people} people compared: {len(candidates)} pairs resemble each other, {new} of "
        "them new"
    )


def candidates_of(product: SearchProduct) -> list[Candidate]:
    """Return the pairs of a search as they are written down."""
    return [
        Candidate(UUID(bytes=first), UUID(bytes=second), strength_of(thousandths), reasons)
        for first, second, thousandths, reasons in product.pairs
    ]


def searched(
    mandate: Mandate, tools: Tools, *, acting: Acting, bare: bool = False
) -> SearchProduct:
    """Return what the search brings, once the keeper has written down that it is done."""
    return tools.keeper.bulk.search(
        proposal_bytes=mandate.canonical,
        approval=mandate.signed,
        action=ACTION,
        at=acting.at,
        people=queries.people_to_compare(),
        bare=bare,
    )
