"""
The keeper's port for lists of payments: names, accounts and amounts meet there and nowhere else.

Source: docs/explanation/design.md, sections 5 and 8.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from despensa.domain.payment.order import Rail
from despensa.domain.ports.access import Access, KeyedPerson
from despensa.domain.sealing import Sealed

# the action of a list of payments
PAY_OUT = "pay_out"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a reference is asked for, of which household, and how often it failed for certain."""

    person: bytes
    household: bytes
    failures: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: whose name and account to open, and what is paid. Units: minor units."""

    key: KeyedPerson = field(repr=False)
    name: Sealed = field(repr=False)
    account: Sealed = field(repr=False)
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class FileOrder:
    """What a file says once. Units: `pay_on` days since 1970-01-01, `created_at` seconds UTC."""

    file: bytes
    rail: Rail
    created_at: int
    currency: str
    pay_on: int
    settings: Mapping[str, str]


class PaymentWork(Protocol):
    """
    Makes references and files of payments.

    Guarantee: the look is in the keeper's own copy before a name or account is opened; the file
    leaves sealed, and only its hash is told.
    """

    def payment_references(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        item: bytes,
        asked: Sequence[Asked],
    ) -> list[tuple[str, bytes]]:
        """Return reference and account of each, in order. Raises: AccessRefused."""

    def payment_file(
        self, access: Access, *, order: FileOrder, lines: Sequence[Line]
    ) -> tuple[bytes, int]:
        """
        Return hash and length of the file, which lies sealed under `order.file`.

        Raises: AccessRefused for somebody the access does not name; SealBroken.
        """

    def release_file(self, *, proposal: bytes, approval: bytes, at: int) -> Iterator[bytes]:
        """
        Yield the file of a list under its approval; nothing comes before all of it was proved.

        Raises: ApprovalInvalid without an approval of this list and file, or after its last day;
            FileNotFoundError when it was destroyed; StagedFileDamaged.
        """

    def destroy_file(self, file: bytes, *, at: int) -> None:
        """Destroy the file of a list with its key; again is nothing."""
