"""What the keeper does for a lease: the rows of its households, and their collectors sealed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from despensa.domain.ports.access import Access, KeyedPerson
from despensa.domain.sealing import Sealed

# (role in a lease, key, sealed full name)
Named = tuple[int, KeyedPerson, Sealed]


@dataclass(frozen=True, slots=True)
class LeaseHousehold:
    """
    An entitled household on its way into a lease: its account and a card row per number.

    `holders` are the collectors sealed for each of the cards, in order; empty where none are asked.
    """

    account: bytes
    cards: tuple[tuple[int, bytes, bytes, int], ...]
    holders: tuple[bytes, ...] = ()


class LeaseWork(Protocol):
    """Derives what stands in a lease."""

    def lease_rows(
        self,
        *,
        cycle: bytes,
        programme: bytes,
        lookup_key: bytes,
        households: Iterable[tuple[bytes, Sequence[str]]],
    ) -> list[LeaseHousehold]:
        """Return account and (step, tag, number lookup, holder epoch) per card, in order."""

    def named_lease_rows(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        lease: bytes,
        households: Sequence[tuple[bytes, Sequence[str], Sequence[Named]]],
    ) -> list[LeaseHousehold]:
        """
        Return what `lease_rows` does, with the collectors sealed so that only the card opens them.

        No name leaves the keeper in clear, and the look is kept first.
        Raises: AccessRefused when somebody or the name is not named; sealing.SealBroken.
        """
