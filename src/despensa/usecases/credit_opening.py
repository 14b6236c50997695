"""
Credit an opened cycle in the ledger: fund, entitlement accounts, tags, sorted and in one go.

Neither household nor card number comes here: the keeper has turned them into accounts and tags.
Source: docs/explanation/design.md, section 7.5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.db import transaction

from despensa.domain import proposal as rules
from despensa.domain.act import Acting
from despensa.domain.child import share, share_percent
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.opening_rows import SortedRuns
from despensa.domain.ledger.transfer import Cause, Transfer
from despensa.domain.ports.crew import Alone, Crew
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency.entry import Entry
from despensa.records import journal_store, mandates
from despensa.records.bulk import widen_memory
from despensa.records.databases import LEDGER
from despensa.records.ledger import store, sweep_store
from despensa.records.redemption import store as redemption
from despensa.records.redemption.opened_slice import OpenedPart, OpenedSlice, OpenedWork

ACTION = "open_cycle"
STAGE = "credit_opening"
# of 8,000 rows: a statement of many rows moves balances once, and is small enough for memory
_SLICES_AT_ONCE = 8


def unit_total(unit: int) -> str:
    """Return the name under which a proposal's totals hold the budget of a unit."""
    return f"unit:{unit}"


@dataclass(frozen=True, slots=True)
class Credits:
    """
    What a cycle gives and its tags, as the keeper derived them, packed.

    `budget` is the total per unit: the fund gets exactly this and cannot be overdrawn. `late_of` is
    the root out of whose share late entrants get theirs, which cannot be overdrawn either.
    """

    cycle: UUID
    credits: SortedRuns
    tags: SortedRuns
    budget: Sequence[tuple[int, int]]
    late_of: UUID | None = None


def credit_opening(
    opening: Credits,
    *,
    mandate: rules.Mandate,
    begun_at: int,
    acting: Acting,
    keeper: CycleKeeper,
    crew: Crew | None = None,
) -> int | None:
    """
    Return how many accounts were made and credited now; None when the cycle had been credited.

    `begun_at` is when the registry began to carry the proposal out; `crew` seals.

    Raises: IntegrityError when the lines exceed the approved budget, or the share; BegunOtherwise when the
        cycle was credited under another proposal; ApprovalInvalid.
    """
    cycle = opening.cycle
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, 0, now=acting.at):
            proposal = UUID(bytes=rules.parse(mandate.canonical).proposal_id)
            journal_store.require_same_proposal(LEDGER, proposal, mandate.hash)
            return None
        approved = _approved(opening, mandate, begun_at=begun_at, acting=acting)
        sweep_store.open_books(cycle)
        proposal = UUID(bytes=approved.proposal_id)
        _fill_fund(opening, approved, acting)
        widen_memory(LEDGER)
        act = journal_store.act(LEDGER, STAGE, acting, proposal=proposal)
        work = OpenedWork(cycle, act, acting=acting, keeper=keeper)
        return _write(opening, work, crew or Alone())


def _approved(
    opening: Credits, mandate: rules.Mandate, *, begun_at: int, acting: Acting
) -> rules.Proposal:
    """Return the proposal under which this is credited: its own, or its root's, used before."""
    if opening.late_of is not None:
        approved = mandates.continue_in_ledger(
            mandate, action=ACTION, begun_at=begun_at, acting=acting
        )
        if approved.scope[2] != opening.late_of.bytes:
            raise rules.ApprovalInvalid("the proposal names another cycle")
        return approved
    approved = mandates.use_in_ledger(mandate, action=ACTION, begun_at=begun_at, acting=acting)
    budget = [(unit_total(unit), amount) for unit, amount in opening.budget]
    if approved.scope[2] != opening.cycle.bytes or budget != list(approved.totals):
        raise rules.ApprovalInvalid("the proposal names another cycle or budget")
    return approved


def _fill_fund(opening: Credits, approved: rules.Proposal, acting: Acting) -> None:
    """Give the fund of the cycle its budget, and the share its late entrants'."""
    cycle, root = opening.cycle, opening.late_of or opening.cycle
    fund = named_account(AccountKind.FUND, cycle=cycle.bytes)
    granted = named_account(AccountKind.GRANTED, cycle=root.bytes)
    late = named_account(AccountKind.LATE_SHARE, cycle=root.bytes)
    percent = share_percent(approved.parameters)
    shares = [(unit, share(amount, percent)) for unit, amount in opening.budget]
    accounts = [(fund, unit, AccountKind.FUND, cycle) for unit, _ in opening.budget]
    moves = [(late, fund, unit, amount) for unit, amount in opening.budget]
    if opening.late_of is None:
        accounts += [(granted, unit, AccountKind.GRANTED, cycle) for unit, _ in opening.budget]
        accounts += [(late, unit, AccountKind.LATE_SHARE, cycle) for unit, left in shares if left]
        moves = [(granted, fund, unit, amount) for unit, amount in opening.budget]
        moves += [(granted, late, unit, left) for unit, left in shares if left]
    store.ensure_named(accounts)
    store.add_transfers(
        (acting.new_id(), Transfer(debit, credit, unit, amount, Cause.BUDGET, cycle.bytes))
        for debit, credit, unit, amount in moves
    )


def _write(opening: Credits, work: OpenedWork, crew: Crew) -> int:
    """Write all slices, accounts before tags, each with its journal; return how many accounts."""
    accounts = 0
    for is_credit, slices in _together(crew.each(work, _parts(opening))):
        frames = (one.frames for one in slices)
        if is_credit:
            store.credit_accounts(frames)
        else:
            redemption.add_tags(frames)
        entries: list[Entry] = [entry for one in slices for entry in one.entries]
        journal_store.append(LEDGER, entries)
        accounts += sum(one.accounts for one in slices)
    return accounts


def _parts(opening: Credits) -> Iterator[tuple[OpenedPart, bool]]:
    return chain(
        ((OpenedPart(is_credit=True, rows=part), True) for part in opening.credits.slices()),
        ((OpenedPart(is_credit=False, rows=part), False) for part in opening.tags.slices()),
    )


def _together(
    done: Iterator[tuple[bool | None, OpenedSlice]],
) -> Iterator[tuple[bool, list[OpenedSlice]]]:
    """Yield several slices of one kind together."""
    waiting: list[OpenedSlice] = []
    kind = True
    for is_credit, one in done:
        if waiting and (is_credit is not kind or len(waiting) == _SLICES_AT_ONCE):
            yield kind, waiting
            waiting = []
        if is_credit is not None:
            kind = is_credit
            waiting.append(one)
