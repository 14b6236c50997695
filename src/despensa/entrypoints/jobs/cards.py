"""
Cards: order a batch; sign, record, print it, read every code back, release it; count it.

The texts of the codes live in memory only; the sheet lies in `run/print/` until it is counted.
"""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.act import Acting
from despensa.domain.card import hand_over
from despensa.domain.card.claims import batch_day_start
from despensa.domain.card.sheet import CARDS_PER_FILE_MAX, CardFace, PrintCard
from despensa.domain.card_order import CardOrder, require_orderable, seconds_at
from despensa.domain.encoding import cose
from despensa.domain.ports.keeper import SignedCard
from despensa.domain.proposal import Mandate, Output, Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as card_queries
from despensa.records.programmes import queries
from despensa.usecases.count_batch import count_batch
from despensa.usecases.issue_cards import ACTION, Batch, issue_cards
from despensa.usecases.release_sheet import release_sheet

__all__ = ["ACTION", "DAY_ZERO", "Order", "count", "issue", "order", "without_card"]

DAY_ZERO = date(1970, 1, 1).toordinal()
SHEET_KEPT_DAYS = 7


class SheetUnreadable(RuntimeError):
    """A code of the printed sheet did not read back: nothing may be printed."""


@dataclass(frozen=True, slots=True)
class Order:
    """An approved order of cards."""

    proposal: UUID
    mandate: Mandate = field(repr=False)
    asked: CardOrder
    count: int


def without_card(cycle: UUID) -> list[UUID]:
    """Return the decided households of a cycle that hold no card, in order of their ids."""
    decided = [row[0] for row in queries.decided_households(cycle)]
    holding = card_queries.households_with_card(decided)
    return [household for household in decided if household not in holding]


def order(asked: CardOrder, tools: Tools, *, acting: Acting, with_list: bool = False) -> UUID:
    """
    Return the proposal of an order, which a second person approves.

    With a list, names leave the system: a hand-over list is a named output of it.

    Raises: OrderRefused; what `propose` does.
    """
    cycle = asked.cycle
    households = 0 if cycle is None else len(without_card(cycle))
    count = asked.stock + households
    last_day = tools.today().toordinal() - DAY_ZERO + hand_over.KEPT_DAYS
    listed = Output(hand_over.OUTPUT, hand_over.FIELDS, households, last_day)
    require_orderable(asked, cards=count, today=tools.today(), words=list(languages()))
    return propose_action(
        ACTION,
        Reason.CARDS_FOR_STOCK if cycle is None else Reason.CARDS_FOR_ENTITLED,
        acting=acting,
        scope=(None, None, None if cycle is None else cycle.bytes),
        parameters=asked.parameters(),
        totals=(("cards", count),),
        outputs=(listed,) if with_list and households else (),
    )


def languages() -> dict[str, str]:
    """Return the languages a card can be printed in: code and own name."""
    return _printer().languages()


def valid_until(years: int, today: date) -> date:
    """Return the last day of cards that are valid for so many years."""
    return date(today.year + years, 12, 31)


def issue(order: Order, tools: Tools, *, acting: Acting) -> Path:
    """
    Return the sheet's path once every code was read back from it.

    Raises: SheetUnreadable; ApprovalInvalid; AlreadyUsed.
    """
    asked = order.asked
    households: list[UUID | None] = [] if asked.cycle is None else [*without_card(asked.cycle)]
    households = households[: order.count - asked.stock] + [None] * asked.stock
    issued_on = tools.today()
    batch_id = acting.new_id()
    keeper = tools.keeper
    signed = keeper.cards.issue(
        proposal=order.mandate.canonical,
        approval=order.mandate.signed,
        batch=batch_id.bytes,
        count=order.count,
        epoch=asked.epoch,
        issued_at=batch_day_start(acting.at),
        expires_at=seconds_at(asked.expires_on),
    )
    batch = Batch(
        id=batch_id,
        proposal=order.proposal,
        cycle=asked.cycle,
        epoch=asked.epoch,
        issued_on=issued_on,
        expires_on=asked.expires_on,
        destroy_by=issued_on + timedelta(days=SHEET_KEPT_DAYS),
        kid=cose.key_id(keeper.signatory.public_keys().issuer),
    )
    issue_cards(
        batch,
        [(card.number, household) for card, household in zip(signed, households, strict=True)],
        mandate=order.mandate,
        acting=acting,
        sealer=keeper.vault,
    )
    return _print(signed, batch, asked, tools, acting)


def count(batch: UUID, *, good: int, spoilt: Sequence[str], tools: Tools, acting: Acting) -> bool:
    """
    Return whether a batch is counted from now on; its print files are destroyed, also again.

    Raises: what `usecases.count_batch` does.
    """
    is_new = count_batch(batch, good=good, spoilt=spoilt, acting=acting, sealer=tools.keeper.vault)
    tools.keeper.cards.forget(spoilt)
    destroy_print_files(tools)
    return is_new


def destroy_print_files(tools: Tools) -> int:
    """Destroy the print files of batches that are counted or over their day; return how many."""
    over = [print_folder(batch, tools) for batch in card_queries.print_files_over(tools.today())]
    there = [folder for folder in over if folder.exists()]
    for folder in there:
        shutil.rmtree(folder)
    return len(there)


def print_folder(batch: UUID, tools: Tools) -> Path:
    """Return where the print files of a batch lie, as long as they do."""
    return tools.workspace.run / "print" / str(batch)


def _printer() -> TypstCardPrinter:
    codes = ZxingCodes()
    return TypstCardPrinter(writer=codes, reader=codes)


def _print(
    signed: list[SignedCard], batch: Batch, asked: CardOrder, tools: Tools, acting: Acting
) -> Path:
    printer, folder = _printer(), print_folder(batch.id, tools)
    folder.mkdir(mode=0o700, parents=True)
    digest = hashlib.sha256()
    for number, start in enumerate(range(0, len(signed), CARDS_PER_FILE_MAX), start=1):
        part = signed[start : start + CARDS_PER_FILE_MAX]
        face = CardFace(
            issuer=tools.workspace.name,
            help_line=asked.help_line,
            issued_on=batch.issued_on,
            batch=f"{str(batch.id)[:8]}-{number}",
        )
        pdf = printer.render_sheets(
            [PrintCard(card.number, card.text) for card in part],
            face,
            asked.languages,
            asked.layout,
        )
        check = printer.verify_sheet(pdf, [card.text for card in part], asked.layout)
        if not check.ready:
            raise SheetUnreadable(
                f"{check.codes_right} of {check.codes_expected} codes read back; nothing may be "
                "printed from this batch. Look at the template, then order the cards again."
            )
        path = folder / f"cards-{number}.pdf"
        path.write_bytes(pdf)
        path.chmod(0o600)
        digest.update(hashlib.sha256(pdf).digest())
    release_sheet(batch.id, sheet_sha256=digest.digest(), acting=acting)
    return folder


def read_sheets(folder: Path) -> list[str]:
    """Return the texts of a batch's codes as they read back from the printed pages, in order."""
    printer = _printer()
    return [
        code.text
        for path in sorted(folder.glob("cards-*.pdf"))
        for code in printer.read_back(path.read_bytes())
    ]
