"""
Carrying over what a household may still get: only what no phone holds, and never twice.

A split takes a part, a merge everything. What a phone holds waits until its lease is returned,
ended or broken; goods handed over meanwhile were handed over, and are not carried.
Source: docs/explanation/design.md, sections 7.6 to 7.8 and 8.
"""

import hmac
from dataclasses import dataclass

_LABEL = b"despensa/carry/1"
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Line:
    """
    One unit of a carry-over.

    `wanted` None: everything there is, as long as anything may still come free.
    """

    unit: int
    wanted: int | None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account holds of a unit, and how much of that phones hold in their lists."""

    balance: int
    leased: int = 0

    @property
    def free(self) -> int:
        """Return what may be moved now."""
        return max(0, self.balance - self.leased)


def wanted(balance: int, numerator: int, denominator: int) -> int | None:
    """
    Return how much of a balance a share is, or None for all of it whatever it will be.

    What cannot be divided stays where it is.
    """
    if numerator == denominator:
        return None
    return balance * numerator // denominator


def due(line: Line, standing: Standing) -> int:
    """Return how much is moved now."""
    if line.wanted is None:
        return standing.free
    return min(line.wanted - line.moved, standing.free)


def is_settled(line: Line, standing: Standing, *, more_may_come: bool) -> bool:
    """
    Return whether nothing of a line waits any more, given what is so after moving what was due.

    `more_may_come` says that another carry-over into the account still waits.
    """
    if line.wanted is not None and line.moved >= line.wanted:
        return True
    return standing.leased == 0 and not more_may_come


def reference(cycle_secret: bytes, operation: bytes) -> bytes:
    """
    Return the name under which the ledger knows a carry-over: nobody's operation number.

    Only who holds the cycle's secret can say which operation it was.
    Source: docs/decisions/0015-households-are-histories.md.

    >>> reference(bytes(32), bytes(16)).hex()
    '930968f4b8d8acf0f2258d16acf17e9f'
    """
    assert len(operation) == _ID_LENGTH, "an operation's id has 16 bytes"
    return hmac.digest(cycle_secret, _LABEL + operation, "sha256")[:_ID_LENGTH]
