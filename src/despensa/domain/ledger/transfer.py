"""Transfers: one debit and one credit of one amount, and when a set of them balances."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Cause(IntEnum):
    """Why a transfer was made; numbers are never reused."""

    BUDGET = 1
    OPENING = 2
    REDEMPTION = 3
    EXCESS = 4
    CARRY_OVER = 5
    SWEEP = 6
    SWEEP_BACK = 7
    CLOSING = 8
    CARRIED_ON = 9
    HOLD = 10
    HOLD_POSTED = 11
    HOLD_VOIDED = 12
    PAYMENT = 13
    PAYMENT_RETURNED = 14
    STOCK = 20


class InvalidTransfer(ValueError):
    """The transfer moves nothing, or between an account and itself."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    An amount of one unit from the debit account to the credit account.

    Units: whole items or minor units. A balance is the sum of credits less the sum of debits.
    """

    debit: bytes
    credit: bytes
    unit: int
    amount: int
    cause: Cause
    cause_id: bytes

    def __post_init__(self) -> None:
        """Refuse a transfer that moves nothing."""
        if self.amount <= 0:
            raise InvalidTransfer("a transfer moves a positive amount")
        if self.debit == self.credit:
            raise InvalidTransfer("debit and credit are two accounts")


def balances(transfers: Iterable[Transfer]) -> dict[tuple[bytes, int], int]:
    """
    Return the balance of each (account, unit) the transfers touch.

    Holds: per unit the balances sum to 0.
    """
    sums: dict[tuple[bytes, int], int] = {}
    for transfer in transfers:
        credit, debit = (transfer.credit, transfer.unit), (transfer.debit, transfer.unit)
        sums[credit] = sums.get(credit, 0) + transfer.amount
        sums[debit] = sums.get(debit, 0) - transfer.amount
    return sums
