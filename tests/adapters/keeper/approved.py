"""Cards issued and cycles opened under approvals that the keeper itself signed; no database."""

import os
import uuid
from datetime import date

from despensa.domain import proposal as proposals
from despensa.domain.card import envelope
from despensa.domain.card.sheet import A4_TEN
from despensa.domain.card_order import CardOrder, seconds_at
from despensa.domain.ledger.opening_rows import CARD, TAG
from despensa.domain.proposal import Approval, ApprovalKind, Proposal, Reason

WORKSPACE, CREATOR, APPROVER = (bytes([n]) * 16 for n in (1, 2, 3))
PROGRAMME = b"p" * 16
AT = 1_795_219_200  # 2026-11-21 00:00 UTC
EXPIRES_ON = date(2030, 12, 31)


def approve(keeper, action, reason, *, at=AT, proposal_id=None, **content):
    """Return an approved proposal as the keeper's methods take it."""
    canonical = Proposal(
        proposal_id or os.urandom(16), WORKSPACE, action, CREATOR, at, at + 3600, reason, **content
    ).canonical()
    approval = Approval(
        proposals.proposal_hash(canonical), APPROVER, ApprovalKind.PASSWORD_AND_CODE, at
    )
    signed = keeper.signatory.sign(approval.payload(), label=proposals.APPROVAL_LABEL)
    return {"proposal": canonical, "approval": signed}


def issue(keeper, count, *, epoch, at=AT):
    """Return new cards as their holders have them."""
    order = CardOrder(None, count, epoch, EXPIRES_ON, A4_TEN, ("es",), "0800-111-22")
    asked = approve(
        keeper, "issue_cards", Reason.CARDS_FOR_STOCK, at=at,
        parameters=order.parameters(), totals=(("cards", count),),
    )  # fmt: skip
    signed = keeper.cards.issue(
        **asked, batch=os.urandom(16), count=count, epoch=epoch, issued_at=at,
        expires_at=seconds_at(EXPIRES_ON),
    )  # fmt: skip
    ring = keeper.signatory.public_keys().issuer_ring()
    return [envelope.decode(one.text, issuer_keys=ring, now=at).card for one in signed]


def opening(keeper, *, epoch, cycle=None, share=0):
    """Return an approved opening of a cycle as the keeper's methods take it."""
    cycle = cycle or uuid.uuid4().bytes
    asked = approve(
        keeper, "open_cycle", Reason.SCHEDULED_CYCLE, scope=(PROGRAMME, None, cycle),
        parameters=(epoch, share) if share else (epoch,),
    )  # fmt: skip
    return asked | {"cycle": cycle, "programme": PROGRAMME, "epoch": epoch}


def open_cycle(keeper, cards, order):
    """Return {tag: step} of cards in a cycle opened by an approved order."""
    keeper.cycles.step_links(**order)
    packed = b"".join(
        CARD.pack(card.number.encode(), os.urandom(16), 1, True)
        for card in sorted(cards, key=lambda card: card.number)
    )
    made = keeper.cycles.open_cycle(**order, cards=packed, goods=b"")
    return {row[0]: row[1] for row in TAG.iter_unpack(made.tags)}


def fade(keeper, cycle):
    """Destroy a cycle's keys, so long after its settlement as the keeper asks for."""
    keeper.cycles.destroy_cycle(cycle, at=keeper.cycles.note_settled(cycle, at=AT))
