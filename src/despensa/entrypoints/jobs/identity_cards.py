"""
Identity cards on paper: asked for, ordered, signed and printed, handed over, counted.

First the batch is recorded, then the keeper signs, then the pages are made and read back. The same
cards are signed again after a kill, so that nothing but finished pages lies on the disk.
Source: docs/how-to/print-identity-cards.md.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from despensa.adapters.keeper import key_files
from despensa.domain import identity_order
from despensa.domain.act import Acting
from despensa.domain.card import envelope
from despensa.domain.card.claims import IdentityCard
from despensa.domain.card.sheet import CardFace, Layout, PrintCard, Shown
from despensa.domain.card_order import seconds_at
from despensa.domain.identity_order import ACTION, CARD_DAYS, FIELDS, OUTPUT, IdentityOrder
from despensa.domain.ports.access import AccessRefused
from despensa.domain.ports.wallet import PaperOrder
from despensa.domain.proposal import Mandate, Output, Reason, parse
from despensa.domain.role import Permission
from despensa.domain.wallet import publication
from despensa.entrypoints.jobs import print_files, wallet
from despensa.entrypoints.jobs.mandate import mandate_of
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.proposals import queries as proposals
from despensa.records.staff import queries as staff
from despensa.records.wallet import paper_queries
from despensa.usecases.ask_identity_card import ask_identity_card
from despensa.usecases.count_identity_cards import count_identity_cards
from despensa.usecases.give_up_identity_cards import give_up_identity_cards
from despensa.usecases.hand_over_identity_card import hand_over_identity_card
from despensa.usecases.issue_identity_cards import issue_identity_cards
from despensa.usecases.look_at_identity_batch import look_at_identity_batch
from despensa.usecases.note_identity_print_destroyed import note_identity_print_destroyed
from despensa.usecases.release_identity_cards import release_identity_cards

__all__ = ["ACTION", "ask", "carry_out", "count", "go_on", "hand_over", "order"]

_DAY_ZERO = 719_163
_log = logging.getLogger(__name__)


def ask(person: UUID, household: UUID, tools: Tools, *, acting: Acting) -> UUID | None:
    """
    Return the card somebody present asked for; None when they wait for one already.

    Raises: NoAddress; PaperRefused.
    """
    wallet.public_address()
    card = ask_identity_card(person, household, acting=acting, vault=tools.keeper.vault)
    wallet.publish_lists(tools)
    return card


def order(
    layout: Layout, languages: Sequence[str], help_line: str, tools: Tools, *, acting: Acting
) -> UUID:
    """
    Return the proposal to print the cards of those in reach who asked; a second person approves it.

    Raises: OrderRefused; NoAddress; what `propose` does.
    """
    wallet.public_address()
    if acting.staff is None:
        raise ValueError("identity cards are ordered by a person")
    reach = staff.reach_of(acting.staff, Permission.ISSUE_CARDS, acting.day)
    asked = IdentityOrder(
        expires_on=tools.today() + timedelta(days=CARD_DAYS),
        layout=layout,
        languages=tuple(languages),
        help_line=help_line,
        cards=tuple(paper_queries.wanted(identity_order.CARDS_MAX, areas=reach.areas)),
    )
    identity_order.require_orderable(asked, words=list(print_files.printer().languages()))
    count, today = len(asked.cards), tools.today().toordinal() - _DAY_ZERO
    last_day = today + identity_order.KEPT_DAYS
    return propose_action(
        ACTION,
        Reason.IDENTITY_CARDS_ASKED,
        acting=acting,
        parameters=asked.parameters(),
        totals=(("cards", count),),
        outputs=(Output(OUTPUT, FIELDS, count, last_day),),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Make the cards of an approved order and return one line about them.

    Raises: SheetUnreadable; PaperRefused; ApprovalInvalid; AlreadyUsed.
    """
    batch = issue_identity_cards(
        mandate, today=tools.today(), acting=acting, vault=tools.keeper.vault
    )
    with print_files.alone(batch, tools) as folder:
        made = _printed(batch, mandate, folder, tools, acting=acting)
    return f"{made} identity cards ready in {batch}"


def go_on(tools: Tools) -> int:
    """
    Print the recorded batches whose printing was killed, with the same cards; return how many.

    What is refused is given up, so that nobody's record is looked at again and again.
    """
    done = 0
    for batch in paper_queries.unprinted():
        view = proposals.proposal(batch)
        if view is None:
            continue
        try:
            with print_files.alone(batch, tools, waits=False) as folder:
                if batch in paper_queries.unprinted():
                    acting = tools.acting(view.creator)
                    _printed(batch, mandate_of(view, tools), folder, tools, acting=acting)
                    done += 1
        except BlockingIOError:
            continue
        except wallet.NoAddress as error:
            _log.warning("identity cards %s: %s", batch, error)
        except (print_files.SheetUnreadable, AccessRefused, ValueError) as error:
            _log.warning("identity cards %s are given up: %s", batch, error)
            give_up_identity_cards(batch, acting=tools.acting(None), vault=tools.keeper.vault)
    return done


def hand_over(number: str, tools: Tools, *, acting: Acting) -> bool:
    """Return whether a card is handed over now; the list that ends an earlier one is signed."""
    is_new = hand_over_identity_card(number, acting=acting, vault=tools.keeper.vault)
    wallet.publish_lists(tools)
    return is_new


def count(batch: UUID, *, good: int, spoilt: Sequence[str], tools: Tools, acting: Acting) -> bool:
    """
    Return whether a batch is counted from now on; print files are destroyed, the list is signed.

    Raises: CountRefused; OutOfReach.
    """
    is_new = count_identity_cards(
        batch, good=good, spoilt=spoilt, acting=acting, vault=tools.keeper.vault
    )
    destroy(tools)
    wallet.publish_lists(tools)
    return is_new


def destroy(tools: Tools) -> int:
    """Destroy the print files of batches that are counted or over their day; return how many."""
    over = paper_queries.print_files_over(tools.today())
    for batch in over:
        print_files.remove(print_files.folder_of(batch, tools))
    return note_identity_print_destroyed(over, acting=tools.acting(None))


def _printed(batch: UUID, mandate: Mandate, folder: Path, tools: Tools, *, acting: Acting) -> int:
    """Sign and print a recorded batch into its folder, which is held, and release it."""
    # before anybody's record is looked at
    wallet.public_address()
    access, cards = look_at_identity_batch(batch, acting=acting)
    asked = identity_order.identity_order_of(parse(mandate.canonical))
    texts = tools.keeper.wallet.paper_cards(
        access,
        proposal=mandate.canonical,
        approval=mandate.signed,
        country=tools.workspace.country,
        orders=[_to_sign(card) for card in cards],
    )
    face = CardFace(
        issuer=tools.workspace.name,
        help_line=asked.help_line,
        issued_on=cards[0].issued_on,
        batch=str(batch)[:8],
    )
    ring = tools.keeper.signatory.public_keys().issuer_ring()
    shown = [_shown(text, ring, tools.now()) for text in texts]
    made = print_files.printer()
    pdf = made.render_sheets(shown, face, asked.languages, asked.layout)
    check = made.verify_sheet(pdf, texts, asked.layout)
    if not check.ready:
        raise print_files.SheetUnreadable(
            f"{check.codes_right} of {check.codes_expected} codes read back: nothing may be printed."
        )
    key_files.write(folder / "cards-1.pdf", pdf)
    release_identity_cards(batch, sheet_sha256=hashlib.sha256(pdf).digest(), acting=acting)
    return len(texts)


def _to_sign(card: paper_queries.PaperCard) -> PaperOrder:
    holder = card.holder
    path = publication.PATH.format(number=card.status_list)
    return PaperOrder(
        card=card.id.bytes,
        number=card.number,
        status_address=wallet.public_address() + path,
        place=card.place,
        issued_at=seconds_at(card.issued_on),
        person=holder.key,
        values=tuple(holder.values()),
        birth_month="" if holder.birth_month is None else f"{holder.birth_month:%Y%m}",
        gender=holder.sex,
    )


def _shown(text: str, ring: dict[bytes, bytes], now: int) -> PrintCard:
    """Return a card to print: in letters it says what its own code says."""
    card = envelope.decode(text, issuer_keys=ring, now=now).card
    assert isinstance(card, IdentityCard)
    return PrintCard(
        card.number,
        text,
        Shown(
            card.full_name,
            _day(card.birth_date or ""),
            card.gender,
            datetime.fromtimestamp(card.expires_at, UTC).date(),
        ),
    )


def _day(written: str) -> date | None:
    """Return a day that is written YYYYMMDD, None for none."""
    return date.fromisoformat(written) if written else None
