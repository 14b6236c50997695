"""
Issue a batch of cards: sign, record, print, read every code back, release the sheet.

The texts of the codes live in memory only; the sheet lies in `run/print/` until it is counted.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.act import Acting
from despensa.domain.card.claims import batch_day_start
from despensa.domain.card.sheet import CARDS_PER_FILE_MAX, CardFace, PrintCard
from despensa.domain.encoding import cose
from despensa.domain.ports.keeper import SignedCard
from despensa.domain.proposal import Mandate
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as card_queries
from despensa.records.programmes import queries
from despensa.usecases.issue_cards import ACTION, Batch, issue_cards
from despensa.usecases.release_sheet import release_sheet

__all__ = ["ACTION", "DAY_ZERO", "Order", "issue", "without_card"]

DAY_ZERO = date(1970, 1, 1).toordinal()
SHEET_KEPT_DAYS = 7
_SECONDS_A_DAY = 86_400


class SheetUnreadable(RuntimeError):
    """A code of the printed sheet did not read back: nothing may be printed."""


@dataclass(frozen=True, slots=True)
class Order:
    """An approved order of cards: for the cycle's households without one, and stock."""

    proposal: UUID
    mandate: Mandate = field(repr=False)
    cycle: UUID
    stock: int
    epoch: int
    expires_on: date
    count: int


def without_card(cycle: UUID) -> list[UUID]:
    """Return the decided households of a cycle that hold no card, in order of their ids."""
    decided = [row[0] for row in queries.decided_households(cycle)]
    holding = card_queries.households_with_card(decided)
    return [household for household in decided if household not in holding]


def issue(order: Order, tools: Tools, *, acting: Acting) -> Path:
    """
    Return the sheet's path once every code was read back from it.

    Raises: SheetUnreadable; ApprovalInvalid; AlreadyUsed.
    """
    households: list[UUID | None] = [*without_card(order.cycle)]
    households = households[: order.count - order.stock] + [None] * order.stock
    issued_on = tools.today()
    batch_id = acting.new_id()
    keeper = tools.keeper
    signed = keeper.cards.issue(
        proposal=order.mandate.canonical,
        approval=order.mandate.signed,
        batch=batch_id.bytes,
        count=order.count,
        epoch=order.epoch,
        issued_at=batch_day_start(acting.at),
        expires_at=(order.expires_on.toordinal() - DAY_ZERO) * _SECONDS_A_DAY,
    )
    batch = Batch(
        id=batch_id,
        proposal=order.proposal,
        cycle=order.cycle,
        epoch=order.epoch,
        issued_on=issued_on,
        expires_on=order.expires_on,
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
    return _print(signed, batch, tools, acting)


def _print(signed: list[SignedCard], batch: Batch, tools: Tools, acting: Acting) -> Path:
    codes = ZxingCodes()
    printer = TypstCardPrinter(writer=codes, reader=codes)
    folder = tools.workspace.run / "print" / str(batch.id)
    folder.mkdir(mode=0o700, parents=True)
    digest = hashlib.sha256()
    for number, start in enumerate(range(0, len(signed), CARDS_PER_FILE_MAX), start=1):
        part = signed[start : start + CARDS_PER_FILE_MAX]
        face = CardFace(
            issuer=tools.workspace.name,
            help_line="0800-111-22",
            issued_on=batch.issued_on,
            batch=f"{str(batch.id)[:8]}-{number}",
        )
        pdf = printer.render_sheets(
            [PrintCard(card.number, card.text) for card in part],
            face,
            tools.workspace.languages[:2],
        )
        check = printer.verify_sheet(pdf, [card.text for card in part])
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
    codes = ZxingCodes()
    printer = TypstCardPrinter(writer=codes, reader=codes)
    return [
        code.text
        for path in sorted(folder.glob("cards-*.pdf"))
        for code in printer.read_back(path.read_bytes())
    ]
