"""
Lists of payments: drafted from an open cycle, proposed by their file's hash, held, sent, resolved.

Every stage may be repeated after a crash: a draft is only ever left behind, and what is held has the
same id whoever tries again.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.payment.order import Outcome, Rail
from despensa.domain.payment.plan import Draft, Standing, Task, task_of
from despensa.domain.payment.reference import item_of
from despensa.domain.payment.statement import Line as Reported
from despensa.domain.payment.statement import State
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.ports.payment_work import Asked, FileOrder, Line
from despensa.domain.proposal import (
    APPROVAL_KEPT_SECONDS,
    Mandate,
    Output,
    Proposal,
    Reason,
    parse,
    proposal_hash,
)
from despensa.domain.sealing import Column, Sealed
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.duplicates.queries import money_waits
from despensa.records.payees import queries as payees
from despensa.records.payments import queries as payments
from despensa.records.programmes.queries import CycleRow
from despensa.records.proposals import queries as proposals
from despensa.records.registry import queries as registry
from despensa.usecases.begin_payment import begin_payment
from despensa.usecases.destroy_payment_file import destroy_payment_file
from despensa.usecases.draft_payments import draft_payments
from despensa.usecases.finish_payment import finish_payment
from despensa.usecases.hold_payments import ACTION, hold_payments
from despensa.usecases.note_payment_tasks import note_payment_tasks
from despensa.usecases.propose import propose
from despensa.usecases.take_payment_file import take_payment_file
from despensa.usecases.take_statement import Document, take_statement

__all__ = [
    "ACTION",
    "RESOLVE",
    "Drafted",
    "ListRefused",
    "carry_out",
    "destroy_files",
    "draft",
    "file_of",
]

RESOLVE = "resolve_payment"
OUTPUT, FIELDS = "payment file", ("full_name", "payee")
_DAY_ZERO = date(1970, 1, 1)
_DAY, _KEPT_DAYS, _TWO_PEOPLE = 86_400, 30, 9
_DONE = frozenset({State.HELD, State.SENT, State.UNKNOWN, State.PAID})
_FAILURES_MAX = 50


class ListRefused(RuntimeError):
    """There is no such list, or nothing to pay: the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A list that waits for a checker, and why whom else it leaves waiting."""

    proposal: UUID
    count: int
    total: int
    file_hash: bytes
    tasks: Mapping[Task, int]


@dataclass(frozen=True, slots=True)
class _Payable:
    """Somebody who is paid: their household, key, sealed name and account."""

    household: UUID
    member: registry.MemberView = field(repr=False)
    payee: payees.PayeeView = field(repr=False)


def draft(
    cycle: CycleRow,
    provider: payees.ProviderView,
    currency: str,
    pay_on: date,
    tools: Tools,
    *,
    acting: Acting,
) -> Drafted:
    """
    Return the proposed list of everybody of an open cycle whom a provider pays.

    The keeper makes the file at once and keeps it sealed; a checker approves its hash.
    Raises: ListRefused when there is nobody to pay.
    """
    if acting.staff is None:
        raise ValueError("a list is proposed by a person")
    unit, households = payees.entitled(cycle.id, currency)
    if unit is None or not households:
        raise ListRefused(f"The cycle gives no {currency}.")
    found, tasks = _parted(households, provider, pay_on, acting)
    look = _look([one.member.id for one in found], acting)
    note_payment_tasks(cycle.id, tasks, [one.household for one in found], look=look, acting=acting)
    item = item_of(cycle.root_cycle.bytes, unit)
    due = _due(found, cycle, unit, item, look, tools) if look is not None else []
    if not due or look is None:
        raise ListRefused(
            f"Nobody is to be paid by {provider.code} now: {len(tasks)} households wait for "
            "something somebody has to see to (despensa payment tasks), the others are in a list."
        )
    made, file_hash = _made(due, cycle, unit, currency, provider, pay_on, look, tools, acting)
    _propose(made, provider.code, pay_on, acting)
    counts = {task: sum(one is task for one in tasks.values()) for task in Task}
    waiting = {task: count for task, count in counts.items() if count}
    return Drafted(made.id, made.count, made.total, file_hash, waiting)


def _parted(
    households: Sequence[UUID], provider: payees.ProviderView, pay_on: date, acting: Acting
) -> tuple[list[_Payable], dict[UUID, Task]]:
    """Return whom this provider pays, and why others of these households wait."""
    heads = registry.shown_first(households)
    people = [member.id for member in heads.values()]
    accounts, documents = payees.payees(people), payees.with_document(people)
    waits = money_waits(households, on=acting.day)
    found, tasks = [], {}
    for household in households:
        member = heads.get(household)
        payee = None if member is None else accounts.get(member.id)
        if payee is not None and payee.provider != provider.id:
            continue
        standing = Standing(
            is_somebody=member is not None,
            has_account=payee is not None,
            has_document=member is not None and member.id in documents,
            money_waits=household in waits,
            set_at=0 if payee is None else payee.set_at,
            is_change=payee is not None and payee.is_change,
            is_confirmed=payee is not None and payee.is_confirmed,
        )
        pay_at = (pay_on - _DAY_ZERO).days * _DAY
        task = task_of(standing, needs_document=provider.needs_document, pay_at=pay_at)
        if task is not None:
            tasks[household] = task
        elif member is not None and payee is not None:
            found.append(_Payable(household, member, payee))
    return found, tasks


def _look(people: Sequence[UUID], acting: Acting) -> Access | None:
    if not people or acting.staff is None:
        return None
    return Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.PAY,
        persons=tuple(sorted({person.bytes for person in people})),
        fields=(Column.FULL_NAME, Column.PAYEE),
    )


def _due(
    found: Sequence[_Payable], cycle: CycleRow, unit: int, item: bytes, look: Access, tools: Tools
) -> list[tuple[_Payable, str, bytes, int]]:
    """Return (who, reference, account, amount) of those whose money is there and in no list."""
    failures = dict.fromkeys(range(len(found)), 0)
    named: dict[int, tuple[str, bytes]] = {}
    asking = list(failures)
    for _ in range(_FAILURES_MAX):
        if not asking:
            break
        answers = tools.keeper.payments.payment_references(
            look,
            cycle=cycle.id.bytes,
            programme=cycle.programme.bytes,
            item=item,
            asked=[
                Asked(found[at].member.id.bytes, found[at].household.bytes, failures[at])
                for at in asking
            ],
        )
        named |= dict(zip(asking, answers, strict=True))
        states = payments.states_of([reference for reference, _ in answers])
        failed = {State.FAILED, State.RETURNED}
        asking = [at for at in asking if states.get(named[at][0]) in failed]
        for at in asking:
            failures[at] += 1
    states = payments.states_of([reference for reference, _ in named.values()])
    free = payments.free_of([account for _, account in named.values()], unit)
    return [
        (found[at], reference, account, free.get(account, 0))
        for at, (reference, account) in named.items()
        if states.get(reference) not in _DONE and free.get(account, 0) > 0
    ]


def _made(
    due: Sequence[tuple[_Payable, str, bytes, int]],
    cycle: CycleRow,
    unit: int,
    currency: str,
    provider: payees.ProviderView,
    pay_on: date,
    look: Access,
    tools: Tools,
    acting: Acting,
) -> tuple[Draft, bytes]:
    """Return the list as it was written into the ledger, and the hash of its sealed file."""
    proposal_id = acting.new_id()
    order = FileOrder(
        file=proposal_id.bytes,
        rail=Rail(provider.rail),
        created_at=acting.at,
        currency=currency,
        pay_on=(pay_on - _DAY_ZERO).days,
        settings=dict(provider.settings),
    )
    # by reference, which is random: no place in the file tells of a place in the register
    due = sorted(due, key=lambda one: one[1])
    file_hash, _ = tools.keeper.payments.payment_file(
        look,
        order=order,
        lines=[
            Line(
                one.member.key,
                Sealed(Column.FULL_NAME, one.member.id.bytes, one.member.full_name),
                Sealed(Column.PAYEE, one.payee.id.bytes, one.payee.sealed),
                reference,
                amount,
            )
            for one, reference, _, amount in due
        ],
    )
    total = sum(amount for _, _, _, amount in due)
    made = Draft(
        proposal_id,
        cycle.programme,
        cycle.id,
        unit,
        currency,
        provider.id,
        file_hash,
        len(due),
        total,
    )
    draft_payments(
        made, [(reference, account, amount) for _, reference, account, amount in due], acting=acting
    )
    return made, file_hash


def _propose(made: Draft, provider: str, pay_on: date, acting: Acting) -> None:
    assert acting.staff is not None, "asked where the list is drafted"
    day = (pay_on - _DAY_ZERO).days
    propose(
        Proposal(
            proposal_id=made.id.bytes,
            workspace_id=acting.workspace.bytes,
            action=ACTION,
            creator=acting.staff.bytes,
            created_at=acting.at,
            expires_at=acting.at + APPROVAL_KEPT_SECONDS,
            reason=Reason.PAYMENT_DUE,
            scope=(made.programme.bytes, None, made.cycle.bytes),
            parameters=(provider, made.currency, made.unit, day),
            inputs=(made.file_hash,),
            totals=(("payments", made.count), ("amount", made.total)),
            outputs=(Output(OUTPUT, FIELDS, made.count, day + _KEPT_DAYS),),
        ),
        acting=acting,
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Hold what an approved list pays, stage by stage, and return one line about it.

    Raises: NotHeld; ApprovalInvalid.
    """
    proposal_id = UUID(bytes=parse(mandate.canonical).proposal_id)
    begin_payment(mandate, action=ACTION, acting=acting)
    held = hold_payments(mandate, begun_at=_begun(proposal_id), acting=tools.acting(None))
    finish_payment(mandate, action=ACTION, acting=acting)
    return f"{held} payments held; take their file: despensa payment file {proposal_id}"


def file_of(proposal_id: UUID, tools: Tools, *, acting: Acting) -> Iterator[bytes]:
    """
    Yield the file of a held list; it is written down first that it left.

    The keeper checks approval, hash and last day itself, before the first part.
    Raises: ListRefused; ApprovalInvalid; FileNotFoundError when it was destroyed.
    """
    found, view = payments.disbursement(proposal_id), proposals.proposal(proposal_id)
    if (
        found is None
        or view is None
        or view.signed is None
        or not set(found.states) - {int(State.WAITING)}
    ):
        raise ListRefused("There is no such list that two people have approved.")
    parts = iter(
        tools.keeper.payments.release_file(
            proposal=view.canonical, approval=view.signed, at=acting.at
        )
    )
    first = next(parts)
    take_payment_file(proposal_id, acting=acting)
    yield first
    yield from parts


def destroy_files(tools: Tools) -> int:
    """
    Return how many files of lists were destroyed now: of refused lists, and past their last day.

    One whose proposal was never written, because its making was killed, goes when it would expire.
    """
    done, kept = 0, payments.with_file()
    _destroy_strays({one for one, _ in kept}, tools)
    for one, drafted_at in kept:
        view = proposals.proposal(one)
        if view is None:
            is_over = drafted_at + APPROVAL_KEPT_SECONDS < tools.now()
        else:
            last = max(out.destroy_by_day for out in parse(view.canonical).outputs)
            is_over = view.state == proposals.REFUSED or tools.now() // _DAY > last
        if is_over:
            tools.keeper.payments.destroy_file(one.bytes, at=tools.now())
            done += destroy_payment_file(one, acting=tools.acting(None))
    return done


def _destroy_strays(kept: AbstractSet[UUID], tools: Tools) -> None:
    """Destroy files whose list never came into the books, because its making was killed."""
    for path in (tools.workspace.run / "staging/payments").glob("*.sealed"):
        is_old = path.stat().st_mtime < tools.now() - APPROVAL_KEPT_SECONDS
        if is_old and UUID(hex=path.stem) not in kept:
            tools.keeper.payments.destroy_file(bytes.fromhex(path.stem), at=tools.now())


def propose_outcome(reference: str, *, is_paid: bool, acting: Acting) -> UUID:
    """
    Return the proposal that says what became of a payment nobody reports about.

    Raises: ListRefused when its outcome is known, or it was never sent.
    """
    if payments.states_of([reference]).get(reference) not in {State.SENT, State.UNKNOWN}:
        raise ListRefused("No payment with this reference waits for an outcome.")
    return propose_action(
        RESOLVE,
        Reason.OUTCOME_ASKED,
        acting=acting,
        parameters=(reference, int(is_paid)),
        inputs=(hashlib.sha256(reference.encode()).digest(),),
    )


def resolve(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """Do what two people say about a payment whose outcome nobody reports; return one line."""
    asked = parse(mandate.canonical)
    reference, is_paid = asked.parameters
    proposal_id = UUID(bytes=asked.proposal_id)
    begin_payment(mandate, action=RESOLVE, acting=acting)
    outcome = Outcome.PAID if is_paid else Outcome.REJECTED
    counts = take_statement(
        Document(proposal_hash(mandate.canonical), _TWO_PEOPLE, "two people"),
        [Reported(1, reference, None, None, outcome)],
        acting=tools.acting(None),
        proposal=proposal_id,
    )
    finish_payment(mandate, action=RESOLVE, acting=acting)
    return "resolved" if counts else "was resolved before: nothing was changed"


def _begun(proposal_id: UUID) -> int:
    begun_at = proposals.begun_at(proposal_id)
    if begun_at is None:
        raise LookupError("a proposal that was begun is not noted as begun")
    return begun_at
