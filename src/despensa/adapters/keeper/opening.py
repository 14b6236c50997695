"""
Accounts and tags of a part of a register, for an approved opening, as packed rows.

The same values as `domain.card.tag` gives card by card (tested), with no object for each of millions.
Source: docs/reference/formats.md, section 2; docs/explanation/design.md, section 6.
"""

from dataclasses import dataclass, field

from despensa.adapters.keeper.links import parsed, record
from despensa.domain.card import tag as tags
from despensa.domain.ledger.opening_rows import (
    CARD,
    CREDIT,
    GOODS,
    has_account,
    pack_tag,
    tag_status,
)

_NUMBER_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What the parts of one opening have in common."""

    secret: bytes = field(repr=False)
    programme: bytes
    cycle: bytes
    epoch: int

    def credits(self, goods: bytes) -> bytes:
        """Return what households were given as what their accounts are, sorted."""
        pack = CREDIT.pack
        return b"".join(
            sorted(
                pack(self._account(household), unit, quantity)
                for household, unit, quantity in GOODS.iter_unpack(goods)
            )
        )

    def tags(self, links: bytes, cards: bytes) -> bytes:
        """Return the tags of cards whose links are among these, sorted."""
        known = dict(parsed(links))
        rows = []
        for number, household, outcome, gives in CARD.iter_unpack(cards):
            link = known.get(number.decode("ascii"))
            if link is None:
                continue
            if link.epoch < self.epoch:
                link = tags.walk(link, self.epoch)
            gets = bool(gives)
            account = self._account(household) if has_account(outcome, gives=gets) else None
            tag = tags.tag16(link.key, programme=self.programme, cycle=self.cycle)
            rows.append(pack_tag(tag, link.epoch, tag_status(outcome, gives=gets), account))
        return b"".join(sorted(rows))

    def _account(self, household: bytes) -> bytes:
        return tags.account16(self.secret, household=household, programme=self.programme)


def ends(cards: bytes) -> tuple[bytes, bytes]:
    """Return the first and the last number of packed cards."""
    last = len(cards) - CARD.size
    return cards[:_NUMBER_LENGTH], cards[last : last + _NUMBER_LENGTH]


def stepped(links: bytes, epoch: int) -> bytes:
    """Return records of links moved forward to an epoch; those beyond it stay as they are."""
    return b"".join(
        record(number, tags.walk(link, epoch) if link.epoch < epoch else link)
        for number, link in parsed(links)
    )
