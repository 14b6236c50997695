"""
Take a file that came back: every line gets a status, and money moves where a line says so.

0 the same file before? · 1 read part by part; a file that breaks off changes nothing at all · 2 judge
each line by what the books say · 3 move money, states, lines and one leaf a part. A line that is wrong
stops nobody. A corrected file is another file: what differs is corrected by movements of its own.
Source: docs/explanation/design.md, section 8.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind
from despensa.domain.ledger.posting import Move, Order, Outcome, Posting, decide, pack
from despensa.domain.payment.books import Owed, at_a_loss, loss_account, order_of
from despensa.domain.payment.statement import Effect, Judged, Known, Line, after, judge
from despensa.domain.transparency import journal
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.ledger import posting_store
from despensa.records.ledger import store as ledger
from despensa.records.payments import store
from despensa.records.sealed_journal import workspace_entries

ACTION = "take_statement"
_LINES_AT_ONCE = 4_000
_NO_MONEY = "no money is left for it: a loss under investigation"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it came: its hash, its kind and how it was called."""

    digest: bytes
    kind: int
    name: str


def take_statement(
    document: Document,
    lines: Iterable[Line],
    *,
    acting: Acting,
    proposal: UUID | None = None,
) -> dict[int, int] | None:
    """
    Return how many lines had each status; None when the same file was taken before.

    Raises: whatever `lines` raises, and then nothing was changed.
    """
    counts: dict[int, int] = {}
    seen: set[tuple[str, int]] = set()
    rest = iter(lines)
    with transaction.atomic(using=LEDGER):
        if not store.begin_statement(
            document.digest,
            kind=document.kind,
            name=document.name[:120],
            staff=acting.staff,
            at=acting.at,
        ):
            return None
        while part := list(islice(rest, _LINES_AT_ONCE)):
            for one in _take(part, document, seen, acting, proposal):
                counts[int(one.status)] = counts.get(int(one.status), 0) + 1
        columns: dict[int | str, object] = {
            "kind": document.kind,
            "statuses": [[status, counts[status]] for status in sorted(counts)],
        }
        rows = journal_rows.inserted("statement", [(document.digest, columns)])
        journal_store.record(LEDGER, ACTION, acting, rows, proposal=proposal)
    return counts


def _take(
    part: Sequence[Line],
    document: Document,
    seen: set[tuple[str, int]],
    acting: Acting,
    proposal: UUID | None,
) -> list[Judged]:
    found = store.known(sorted({line.reference for line in part}))
    payments = {reference: owed for reference, (_, owed) in found.items()}
    known: Mapping[str, Known] = {reference: one for reference, (one, _) in found.items()}
    judged = list(judge(part, known, seen))
    notes = dict.fromkeys(range(len(judged)), "")
    states = {reference: one.state for reference, one in known.items()}
    # one movement a payment and round: what follows it in the file finds what it left
    waiting = [(place, one) for place, one in enumerate(judged) if one.effect is not Effect.NOTHING]
    while waiting:
        now, later = list[tuple[int, Judged]](), list[tuple[int, Judged]]()
        busy = set[str]()
        for place, one in waiting:
            (later if one.line.reference in busy else now).append((place, one))
            busy.add(one.line.reference)
        _move(now, payments, document, notes, acting, proposal)
        changed = {
            one.line.reference: after(one.effect, states[one.line.reference]) for _, one in now
        }
        states |= changed
        store.move(changed, at=acting.at)
        waiting = later
    store.add_lines(
        document.digest,
        [(one, one.line.fault or notes[place]) for place, one in enumerate(judged)],
    )
    return judged


def _move(
    effects: Sequence[tuple[int, Judged]],
    payments: Mapping[str, Owed],
    document: Document,
    notes: dict[int, str],
    acting: Acting,
    proposal: UUID | None,
) -> None:
    """Move the money of these lines; what cannot be paid out of its account is booked as a loss."""
    orders: list[Order] = []
    for _, one in effects:
        occasion = document.digest + one.line.number.to_bytes(8, "big")
        order = order_of(one.effect, payments[one.line.reference], occasion)
        assert order is not None, "only lines with an effect are moved"
        orders.append(order)
    posting = decide(orders, posting_store.books_of(orders))
    short = [place for place, one in enumerate(posting.outcomes) if one is Outcome.OVERDRAWN]
    if short:
        losses = []
        for place in short:
            order, owed = orders[place], payments[effects[place][1].line.reference]
            assert isinstance(order, Move), "a hold that ends is never overdrawn"
            losses.append((loss_account(owed), owed))
            orders[place] = at_a_loss(order, owed)
            notes[effects[place][0]] = _NO_MONEY
        ledger.ensure_named(
            [
                (account, owed.unit, AccountKind.LOSS, UUID(bytes=owed.cycle))
                for account, owed in losses
            ]
        )
        posting = decide(orders, posting_store.books_of(orders))
    _require_posted(posting)
    posting_store.write(posting)
    body = journal.encode_columns({"key": document.digest, "transfers": pack(posting.transfers)})
    journal_store.append(
        LEDGER,
        workspace_entries(
            journal_store.act(LEDGER, ACTION, acting, proposal=proposal),
            "transfer_batch",
            journal.Op.INSERT,
            [body],
            acting=acting,
            sealer=acting,
        ),
    )


class BooksDisagree(RuntimeError):
    """A payment's state and its transfers tell two stories: nothing was changed."""


def _require_posted(posting: Posting) -> None:
    wrong = [one for one in posting.outcomes if one is not Outcome.POSTED]
    if wrong:
        raise BooksDisagree(
            f"{len(wrong)} payments have another state than their transfers say: nothing was "
            "changed. Run despensa ledger check and compare with the last good backup."
        )
