"""
Credit an opened cycle in the ledger: fund, entitlement accounts, tags, sorted and in one go.

Neither household nor card number comes here: the keeper has turned them into accounts and tags.
Source: docs/explanation/design.md, section 7.5.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from despensa.domain import proposal as rules
from despensa.domain.act import Acting
from despensa.domain.child import share, share_percent
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.transfer import Cause, Transfer
from despensa.domain.ports.keeper import CycleKeeper, TagRow
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records import journal_store, mandates
from despensa.records.databases import LEDGER
from despensa.records.ledger import store, sweep_store
from despensa.records.redemption import store as redemption
from despensa.records.tables import TABLE_NUMBER

ACTION = "open_cycle"
STAGE = "credit_opening"
_CHUNK_INFO = b"despensa/journal-chunk/1"


def unit_total(unit: int) -> str:
    """Return the name under which a proposal's totals hold the budget of a unit."""
    return f"unit:{unit}"


@dataclass(frozen=True, slots=True)
class Credits:
    """
    What a cycle gives: (account, unit, quantity), sorted by account, and its tags.

    `budget` is the total per unit: the fund gets exactly this and cannot be overdrawn. `late_of` is
    the root out of whose share late entrants get theirs, which cannot be overdrawn either.
    """

    cycle: UUID
    lines: Sequence[tuple[bytes, int, int]]
    tags: Sequence[TagRow]
    budget: Sequence[tuple[int, int]]
    late_of: UUID | None = None


def credit_opening(
    opening: Credits,
    *,
    mandate: rules.Mandate,
    begun_at: int,
    acting: Acting,
    keeper: CycleKeeper,
) -> bool:
    """
    Return whether the cycle was credited now; False when it had been.

    `begun_at` is when the registry began to carry the proposal out.

    Raises: IntegrityError when the lines exceed the approved budget, or the share; BegunOtherwise when the
        cycle was credited under another proposal; ApprovalInvalid.
    """
    cycle = opening.cycle
    with transaction.atomic(using=LEDGER):
        if not journal_store.begin_stage(LEDGER, cycle, STAGE, 0, now=acting.at):
            proposal = UUID(bytes=rules.parse(mandate.canonical).proposal_id)
            journal_store.require_same_proposal(LEDGER, proposal, mandate.hash)
            return False
        approved = _approved(opening, mandate, begun_at=begun_at, acting=acting)
        sweep_store.open_books(cycle)
        proposal = UUID(bytes=approved.proposal_id)
        fund = _funded(opening, approved, acting)
        store.add_entitlements(((account, unit) for account, unit, _ in opening.lines), cycle=cycle)
        store.add_transfers(
            (
                acting.new_id(),
                Transfer(fund, account, unit, quantity, Cause.OPENING, cycle.bytes),
            )
            for account, unit, quantity in opening.lines
        )
        redemption.add_tags(opening.tags, cycle=cycle)
        act = journal_store.act(LEDGER, STAGE, acting, proposal=proposal)
        journal_store.append(LEDGER, _entries(opening, act, acting, keeper))
    return True


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


def _funded(opening: Credits, approved: rules.Proposal, acting: Acting) -> bytes:
    """Return the fund of the cycle once it holds its budget, and the share its late entrants'."""
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
    return fund


def _entries(opening: Credits, act: Act, acting: Acting, keeper: CycleKeeper) -> Iterator[Entry]:
    """Yield one entry per chunk of account and tag rows, sealed to the cycle's key."""
    for chunk in journal.chunks(_plans(opening)):
        entry = acting.new_id()
        owner = opening.cycle.bytes
        key, sealed_key = keeper.chunk_key(owner, info=_CHUNK_INFO + owner + entry.bytes)
        sealed = sealed_row.seal_chunk(
            [body for _, body in chunk], chunk_key=key, entry=entry.bytes
        )
        rows = journal.encode_rows(
            journal.Row(table, journal.Op.INSERT, b"", journal.Seal.CYCLE, body)
            for (table, _), body in zip(chunk, sealed, strict=True)
        )
        yield private_entry(
            act,
            entry=entry,
            salt=acting.new_salt(),
            rows=rows,
            chunk_keys=[journal.ChunkKey(journal.Seal.CYCLE, owner, sealed_key)],
        )


def _plans(opening: Credits) -> Iterator[tuple[int, bytes]]:
    """Yield (table, column values) of every account and tag row."""
    account, tag = TABLE_NUMBER["account"], TABLE_NUMBER["tag"]
    for body in journal.encode_table(("key", "unit", "amount"), opening.lines):
        yield account, body
    tags = ((row.tag, row.account, row.step, row.status) for row in opening.tags)
    for body in journal.encode_table(("key", "account", "step", "status"), tags):
        yield tag, body
