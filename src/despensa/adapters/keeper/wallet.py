"""Identity cards for wallets: counted and written down, then opened, then signed; and status lists."""

from collections.abc import Callable, Sequence

from despensa.adapters.keeper.own_copy import NewestFirst, OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.adapters.keeper.vault import Vault
from despensa.domain import identity_order
from despensa.domain import proposal as rules
from despensa.domain.card import envelope, status_list
from despensa.domain.card.claims import ClaimsError, IdentityCard
from despensa.domain.card_order import seconds_at
from despensa.domain.encoding import p256
from despensa.domain.identity_order import IdentityOrder
from despensa.domain.ports.access import Access, AccessRefused, KeyedPerson
from despensa.domain.ports.wallet import CredentialOrder, PaperOrder
from despensa.domain.sealing import Column, Sealed
from despensa.domain.wallet import credential
from despensa.domain.wallet.offer import SIGNATURES_MAX

CREDENTIALS_A_DAY = 2_000
PAPER_A_DAY = 2_000
_DAY = 86_400
_SIGNED, _ON_PAPER = 54, 74
# what a card says it speaks: ISO 639-3 of the languages that have words
_LANGUAGES = {"en": "eng", "es": "spa", "ar": "ara", "fr": "fra", "pt": "por"}
_BITS = 1


class WalletIssuer:
    """Implements `ports.wallet.WalletKeeper`."""

    def __init__(
        self,
        *,
        signing: Signing,
        vault: Vault,
        copy: OwnCopy,
        random: Callable[[int], bytes],
        credentials_a_day: int = CREDENTIALS_A_DAY,
        paper_a_day: int = PAPER_A_DAY,
    ) -> None:
        """Share the keys that sign, the sealed records and the own copy."""
        self._signing, self._vault, self._copy = signing, vault, copy
        self._random = random
        self._a_day, self._paper_a_day = credentials_a_day, paper_a_day

    def credential(
        self, access: Access, person: KeyedPerson, values: Sequence[Sealed], order: CredentialOrder
    ) -> str:
        """
        Return the signed credential; `values` are the sealed name, then the birth day if known.

        Raises: AccessRefused above the cap of the day, for another phone, too often, or for a record
            that fits on no identity card.
        """
        phone = p256.thumbprint(order.holder)
        self._copy.append(
            {0: _SIGNED, 1: order.card, 2: access.at, 3: person.person, 4: phone},
            check=lambda newest_first, _end: self._check(newest_first, order, phone, access.at),
        )
        [opened] = self._vault.unseal(access, [(person, values)])
        said = dict(zip((one.column for one in values), opened, strict=True))
        day = said.get(Column.BIRTH_DAY)
        try:
            card = IdentityCard(
                number=order.number,
                issued_at=order.issued_at,
                expires_at=order.expires_at,
                full_name=said[Column.FULL_NAME],
                status_index=order.place,
                status_uri=order.status_address,
                birth_date=f"{order.birth_month}{day:02}" if order.birth_month and day else None,
                gender=order.gender,
                country_of_issuance=order.country or None,
            )
        except ClaimsError as error:
            raise AccessRefused("What is recorded does not fit on an identity card.") from error
        key = self._signing.wallet
        return credential.sign(
            card,
            issuer=order.issuer,
            holder=order.holder,
            random=self._random,
            public_key=p256.public_bytes(key),
            signer=p256.signer(key),
        )

    def paper_cards(
        self,
        access: Access,
        *,
        proposal: bytes,
        approval: bytes,
        country: str,
        orders: Sequence[PaperOrder],
    ) -> list[str]:
        """
        Return the text of the code of each card of an approved order; see the port.

        Which card, for whom, with which number stands in the own copy before a name is opened.
        """
        asked = self._approved(access, proposal, approval, orders)
        told = [(one.card, one.person.person, one.number) for one in orders]
        hashed = rules.proposal_hash(proposal)
        self._copy.append(
            {
                0: _ON_PAPER,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: hashed,
                5: [*map(list, told)],
            },
            check=lambda newest_first, _end: self._check_paper(
                newest_first, {card: number for card, _, number in told}, hashed, access.at
            ),
        )
        opened = self._vault.unseal_written([(one.person, one.values) for one in orders])
        try:
            cards = [
                self._paper_card(one, values, asked, country)
                for one, values in zip(orders, opened, strict=True)
            ]
        except ClaimsError as error:
            raise AccessRefused("What is recorded does not fit on an identity card.") from error
        key = self._signing.issuer
        return envelope.encode_cards(
            cards, public_key=key.public_key().public_bytes_raw(), signer=key.sign
        )

    def _approved(
        self, access: Access, proposal: bytes, approval: bytes, orders: Sequence[PaperOrder]
    ) -> IdentityOrder:
        ring = self._signing.public_keys().authority_ring()
        approved = rules.verify_approval(approval, authority_keys=ring)
        asked = rules.parse(proposal)
        # a killed batch goes on under the same approval; the order's own last day ends that
        rules.check_use(asked, approved, action=identity_order.ACTION, now=approved.at)
        days = [out.destroy_by_day for out in asked.outputs if out.name == identity_order.OUTPUT]
        if not any(access.at // _DAY <= day for day in days):
            raise rules.ApprovalInvalid("These identity cards may not be printed any more.")
        order = identity_order.identity_order_of(asked)
        wanted = {card.bytes: person.bytes for card, person in order.cards}
        ids, named = [one.card for one in orders], set(access.persons)
        if len(set(ids)) != len(ids) or any(
            wanted.get(one.card) != one.person.person or one.person.person not in named
            for one in orders
        ):
            raise rules.ApprovalInvalid("The order names other identity cards or other people.")
        return order

    def _paper_card(
        self, one: PaperOrder, values: Sequence[object], asked: IdentityOrder, country: str
    ) -> IdentityCard:
        said = dict(zip((value.column for value in one.values), values, strict=True))
        day = said.get(Column.BIRTH_DAY)
        return IdentityCard(
            number=one.number,
            issued_at=one.issued_at,
            expires_at=seconds_at(asked.expires_on),
            full_name=str(said[Column.FULL_NAME]),
            status_index=one.place,
            status_uri=one.status_address,
            language=_LANGUAGES.get(asked.languages[0]),
            birth_date=f"{one.birth_month}{day:02}" if one.birth_month and day else None,
            gender=one.gender,
            country_of_issuance=country or None,
        )

    def _check_paper(
        self, newest_first: NewestFirst, numbers: dict[bytes, str], hashed: bytes, now: int
    ) -> None:
        others = 0
        for record in newest_first(0):
            if record[0] != _ON_PAPER:
                continue
            if any(numbers.get(card, number) != number for card, _, number in record[5]):
                raise AccessRefused("This identity card was signed with another number before.")
            if record[4] != hashed and record[2] > now - _DAY:
                others += len(record[5])
        if others + len(numbers) > self._paper_a_day:
            raise AccessRefused(
                f"The keeper signs {self._paper_a_day} identity cards on paper in 24 hours. "
                "Order fewer, or go on tomorrow."
            )

    def status_tokens(self, compressed: bytes, terms: status_list.Terms) -> tuple[bytes, str]:
        """Return a list of one bit a place, signed for cards (CWT) and for wallets (JWT)."""
        issuer, wallet = self._signing.issuer, self._signing.wallet
        cwt = status_list.sign_cwt(
            compressed,
            bits=_BITS,
            terms=terms,
            public_key=issuer.public_key().public_bytes_raw(),
            signer=issuer.sign,
        )
        jwt = status_list.sign_jwt(
            compressed,
            bits=_BITS,
            terms=terms,
            public_key=p256.public_bytes(wallet),
            signer=p256.signer(wallet),
        )
        return cwt, jwt

    def _check(
        self, newest_first: NewestFirst, order: CredentialOrder, phone: bytes, now: int
    ) -> None:
        today, before = set(), 0
        for record in newest_first(0):
            if record[0] != _SIGNED:
                continue
            if record[2] < now - _DAY:
                # an offer lasts minutes: what is older is of other cards
                break
            today.add(record[1])
            if record[1] == order.card:
                before += 1
                if record[4] != phone:
                    raise AccessRefused("This identity card was made for another phone.")
        if before >= SIGNATURES_MAX:
            raise AccessRefused("This identity card was signed often enough: make a new offer.")
        if len(today - {order.card}) >= self._a_day:
            raise AccessRefused(
                f"The keeper signs {self._a_day} identity cards in 24 hours. Go on tomorrow."
            )
