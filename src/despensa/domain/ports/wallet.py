"""What the keeper does for wallets: it makes the identity card of one person, and signs the lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from despensa.domain.card.status_list import Terms
from despensa.domain.ports.access import Access, KeyedPerson
from despensa.domain.sealing import Sealed


@dataclass(frozen=True, slots=True)
class CredentialOrder:
    """
    What the keeper is not told by the sealed record: which card, for which phone, until when.

    Units: times in seconds UTC; `birth_month` is YYYYMM or empty, `holder` a JSON Web Key.
    """

    card: bytes
    number: str
    status_address: str
    place: int
    issuer: str
    country: str
    issued_at: int
    expires_at: int
    birth_month: str = field(repr=False)
    gender: int | None = field(repr=False)
    holder: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """
    One identity card on paper: what the keeper is not told by the sealed record, and that record.

    Units: times in seconds UTC; `birth_month` is YYYYMM or empty. `values` are the sealed name, then
        the birth day if known.
    """

    card: bytes
    number: str
    status_address: str
    place: int
    issued_at: int
    person: KeyedPerson = field(repr=False)
    values: tuple[Sealed, ...] = field(repr=False)
    birth_month: str = field(repr=False)
    gender: int | None = field(repr=False)


class WalletKeeper(Protocol):
    """
    Signs identity cards, for wallets and on paper, and the lists that say which are worth nothing now.

    Guarantee: the name is read from the sealed record, never taken from the asker; each signature
    and the look are in the keeper's own copy before it is made; one card is for one phone.
    """

    def credential(
        self, access: Access, person: KeyedPerson, values: Sequence[Sealed], order: CredentialOrder
    ) -> str:
        """
        Return the signed credential; `values` are the sealed name, then the birth day if known.

        Raises: AccessRefused above the cap of the day, for another phone, or too often.
        """

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
        Return the text of the code of each card of an approved order, in order; again the same.

        Raises: ApprovalInvalid for cards or people the order does not name, or after its last day;
            AccessRefused above the cap of the day, or for a card that had another number before.
        """

    def status_tokens(self, compressed: bytes, terms: Terms) -> tuple[bytes, str]:
        """Return a list of one bit a place, signed for cards (CWT) and for wallets (JWT)."""
