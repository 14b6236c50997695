"""
Cards: order a batch; sign, record, print it, read every code back, release it; count it.

What is printed, and how a killed printing goes on: `print_files`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.card import hand_over
from despensa.domain.card.claims import batch_day_start
from despensa.domain.card_order import CardOrder, batch_of, require_orderable, seconds_at
from despensa.domain.encoding import cose
from despensa.domain.proposal import Mandate, Output, Reason
from despensa.entrypoints.jobs import print_files
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as card_queries
from despensa.records.programmes import queries
from despensa.usecases.count_batch import count_batch
from despensa.usecases.issue_cards import ACTION, Batch, issue_cards

__all__ = ["ACTION", "DAY_ZERO", "Order", "count", "issue", "order", "without_card"]

DAY_ZERO = date(1970, 1, 1).toordinal()


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
    return print_files.printer().languages()


def valid_until(years: int, today: date) -> date:
    """Return the last day of cards that are valid for so many years."""
    return date(today.year + years, 12, 31)


def issue(order: Order, tools: Tools, *, acting: Acting) -> Path:
    """
    Return where the sheets lie once every code was read back from them.

    Killed before the batch is recorded, the same order may be carried out again; after that its
    printing goes on by itself, with the same cards.
    Raises: SheetUnreadable; ApprovalInvalid; AlreadyUsed.
    """
    asked = order.asked
    households: list[UUID | None] = [] if asked.cycle is None else [*without_card(asked.cycle)]
    households = households[: order.count - asked.stock] + [None] * asked.stock
    issued_on, keeper = tools.today(), tools.keeper
    batch = Batch(
        id=batch_of(order.proposal),
        proposal=order.proposal,
        cycle=asked.cycle,
        epoch=asked.epoch,
        issued_on=issued_on,
        expires_on=asked.expires_on,
        destroy_by=issued_on + timedelta(days=print_files.KEPT_DAYS),
        kid=cose.key_id(keeper.signatory.public_keys().issuer),
    )
    with print_files.alone(batch.id, tools) as folder:
        signed = print_files.kept_codes(folder)
        if signed is None:
            signed = keeper.cards.issue(
                proposal=order.mandate.canonical,
                approval=order.mandate.signed,
                batch=batch.id.bytes,
                count=order.count,
                epoch=asked.epoch,
                issued_at=batch_day_start(acting.at),
                expires_at=seconds_at(asked.expires_on),
            )
            print_files.keep_codes(folder, signed)
        issue_cards(
            batch,
            [(card.number, household) for card, household in zip(signed, households, strict=True)],
            mandate=order.mandate,
            acting=acting,
            sealer=keeper.vault,
        )
        print_files.make(signed, asked, batch.id, issued_on, tools, acting=acting)
    return folder


def count(batch: UUID, *, good: int, spoilt: Sequence[str], tools: Tools, acting: Acting) -> bool:
    """
    Return whether a batch is counted from now on; its print files are destroyed, also again.

    Raises: what `usecases.count_batch` does.
    """
    is_new = count_batch(batch, good=good, spoilt=spoilt, acting=acting, sealer=tools.keeper.vault)
    print_files.destroy(tools)
    tools.keeper.cards.forget(spoilt, at=acting.at)
    return is_new


def read_sheets(folder: Path) -> list[str]:
    """Return the texts of a batch's codes as they read back from the printed pages, in order."""
    made = print_files.printer()
    return [
        code.text
        for path in print_files.sheets_in(folder)
        for code in made.read_back(path.read_bytes())
    ]
