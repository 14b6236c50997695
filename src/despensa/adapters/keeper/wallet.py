"""Identity cards for wallets: counted and written down, then opened, then signed; and status lists."""

from collections.abc import Callable, Sequence

from despensa.adapters.keeper.own_copy import NewestFirst, OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.adapters.keeper.vault import Vault
from despensa.domain.card import status_list
from despensa.domain.card.claims import ClaimsError, IdentityCard
from despensa.domain.encoding import p256
from despensa.domain.ports.access import Access, AccessRefused, KeyedPerson
from despensa.domain.ports.wallet import CredentialOrder
from despensa.domain.sealing import Column, Sealed
from despensa.domain.wallet import credential
from despensa.domain.wallet.offer import SIGNATURES_MAX

CREDENTIALS_A_DAY = 2_000
_DAY = 86_400
_SIGNED = 54
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
    ) -> None:
        """Share the keys that sign, the sealed records and the own copy."""
        self._signing, self._vault, self._copy = signing, vault, copy
        self._random = random
        self._a_day = credentials_a_day

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
