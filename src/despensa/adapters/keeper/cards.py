"""Issuing cards: numbers, secrets and signatures, inside an approved batch only."""

from collections.abc import Callable, Sequence

from despensa.adapters.keeper.links import LinkFile
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.domain import identifier
from despensa.domain import proposal as rules
from despensa.domain.card import envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.tag import SECRET_LENGTH, Link
from despensa.domain.card_order import CardOrder, order_of, seconds_at
from despensa.domain.ports.keeper import AccessRefused, SignedCard

ACTION = "issue_cards"
CARDS_A_DAY = 200_000
_DAY = 86_400
_ISSUED = 2
_FORGOTTEN = 14
FORGOTTEN_A_DAY = 2_000
# of a large register one in so many: spoilt sheets, never a whole register
_SHARE_A_DAY = 50


class CardIssuer:
    """Implements `ports.keeper.CardKeeper`."""

    def __init__(
        self,
        *,
        signing: Signing,
        links: LinkFile,
        copy: OwnCopy,
        lock: KeeperLock,
        random: Callable[[int], bytes],
        cards_a_day: int = CARDS_A_DAY,
    ) -> None:
        """Share the link file and its lock with the cycles."""
        self._cards_a_day = cards_a_day
        self._signing = signing
        self._links = links
        self._copy = copy
        self._lock = lock
        self._random = random

    def issue(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        batch: bytes,
        count: int,
        epoch: int,
        issued_at: int,
        expires_at: int,
    ) -> list[SignedCard]:
        """
        Return the signed cards of the batch.

        Raises: ApprovalInvalid when the approval is not of this action, count and time, or was
            used for another batch before; AccessRefused above the cap of the day.
        """
        with self._lock:
            asked = self._approved(proposal, approval, batch=batch, count=count, now=issued_at)
            if (asked.epoch, seconds_at(asked.expires_on)) != (epoch, expires_at):
                raise rules.ApprovalInvalid("the approval names another epoch or expiry")
            links = self._links.load()
            numbers = identifier.card_numbers(self._random, count)
            while any(number in links for number in numbers):
                numbers = identifier.card_numbers(self._random, count)
            made = [
                EntitlementCard(number, issued_at, expires_at, epoch, self._random(SECRET_LENGTH))
                for number in numbers
            ]
            self._copy.append({0: _ISSUED, 1: batch, 2: issued_at, 3: count, 4: _hash(proposal)})
            links.update({card.number: Link(card.epoch, card.secret) for card in made})
            self._links.store(links)
            key = self._signing.issuer
            texts = envelope.encode_cards(
                made, public_key=key.public_key().public_bytes_raw(), signer=key.sign
            )
            return [SignedCard(card.number, text) for card, text in zip(made, texts, strict=True)]

    def forget(self, numbers: Sequence[str], *, at: int) -> int:
        """
        Destroy the links of dead cards and return how many there were; again is nothing.

        How many is written down first, and no more go in a day than the cap: whoever takes the
        office over cannot have every household's card destroyed before somebody sees it.
        Raises: AccessRefused when some are left over for tomorrow.
        """
        with self._lock:
            links = self._links.load()
            held = [number for number in dict.fromkeys(numbers) if number in links]
            cap = max(FORGOTTEN_A_DAY, len(links) // _SHARE_A_DAY)
            gone = held[: max(cap - self._forgotten(at // _DAY), 0)]
            if gone:
                self._copy.append({0: _FORGOTTEN, 1: at, 2: len(gone)})
            for number in gone:
                del links[number]
            if gone or not self._links.is_settled():
                self._links.store(links)
        if len(gone) < len(held):
            raise AccessRefused(
                f"The keeper destroys {cap} cards a day, and {len(held) - len(gone)} of these are "
                "left over. They are dead in the register already: do this again tomorrow."
            )
        return len(gone)

    def _forgotten(self, day: int) -> int:
        """Return of how many cards the links were destroyed on a day."""
        return sum(
            record[2]
            for record in self._copy.records()
            if record[0] == _FORGOTTEN and record[1] // _DAY == day
        )

    def _approved(
        self, canonical: bytes, signed: bytes, *, batch: bytes, count: int, now: int
    ) -> CardOrder:
        ring = self._signing.public_keys().authority_ring()
        approved = rules.verify_approval(signed, authority_keys=ring)
        asked = rules.parse(canonical)
        rules.check_use(asked, approved, action=ACTION, now=now)
        if dict(asked.totals).get("cards") != count:
            raise rules.ApprovalInvalid("the approval names another number of cards")
        signed_today = 0
        for record in self._copy.records():
            if record[0] != _ISSUED:
                continue
            if record[4] == _hash(canonical) and record[1] != batch:
                raise rules.ApprovalInvalid("cards were signed under this approval before")
            signed_today += record[3] if record[2] // _DAY == now // _DAY else 0
        if signed_today + count > self._cards_a_day:
            raise AccessRefused(
                f"The keeper signs {self._cards_a_day} cards a day, and {signed_today} are signed "
                "today. Go on tomorrow, or start it with a higher --cards-a-day."
            )
        return order_of(asked)


def _hash(canonical: bytes) -> bytes:
    return rules.proposal_hash(canonical)
