"""
Carrying over what a household may still get: only what no phone holds, and never twice.

A split takes a part, a merge everything. What a phone holds waits until its lease is returned,
ended or broken; goods handed over meanwhile were handed over, and are not carried.
Source: docs/explanation/design.md, sections 7.6 to 7.8 and 8.
"""

from dataclasses import dataclass


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
