"""
The keeper's port for work that opens a whole register.

Source: docs/explanation/design.md, section 5, The keeper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from despensa.domain.ports.access import Access, KeyedPerson
from despensa.domain.sealing import Sealed


class SearchEnded(RuntimeError):
    """The processes of a search ended before it was done; nothing was written."""


@dataclass(frozen=True, slots=True)
class SearchProduct:
    """
    What comes out of a search: (first, second, probability, reasons), and how it went.

    Units: probabilities in thousandths, rounded down; stages in microseconds by name.
    """

    pairs: list[tuple[bytes, bytes, int, tuple[int, ...]]]
    people: int
    candidates: int
    microseconds: dict[str, int]


class BulkWork(Protocol):
    """
    Work that opens a whole register, under an approved proposal only.

    Guarantee: the job is in the keeper's own copy before a key is used, runs in processes of the
    keeper's own, and returns only the product.
    """

    def search(
        self,
        *,
        proposal_bytes: bytes,
        approval: bytes,
        action: str,
        at: int,
        people: int,
        bare: bool,
    ) -> SearchProduct:
        """Return the pairs of the register. Raises: ApprovalInvalid; SearchEnded."""

    def hand_over_names(
        self,
        access: Access,
        *,
        proposal_bytes: bytes,
        approval: bytes,
        people: Sequence[tuple[KeyedPerson, Sealed]],
    ) -> list[str]:
        """
        Return the names of those who get the cards of an order that named this list, in order.

        Raises: ApprovalInvalid for more names than were approved, or after the list's last day;
            AccessRefused for somebody the access does not name; SealBroken.
        """
