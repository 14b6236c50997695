"""
One counter for many clients who post one by one: what waits is posted together, each is answered.

Whoever comes first posts for all who came meanwhile, in one transaction, so that the disk is waited
for once and not eight times. Nobody is answered before their order is durable.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from despensa.domain.act import Acting
from despensa.domain.ledger.posting import ORDERS_MAX, Order, Outcome, require_wellformed
from despensa.usecases.post_transfers import post_transfers


@dataclass(slots=True)
class _Slip:
    """One client's orders, what became of them, and the bell for it, or for the client's turn."""

    orders: Sequence[Order]
    outcomes: list[Outcome] | None = None
    error: Exception | None = None
    bell: threading.Event = field(default_factory=threading.Event)

    @property
    def is_answered(self) -> bool:
        """Return whether it was posted, or could not be."""
        return self.outcomes is not None or self.error is not None


class Counter:
    """Posts orders of several threads, a transaction for all that wait."""

    def __init__(self, acting: Callable[[], Acting]) -> None:
        """Post as whoever `acting` says, which is asked once a transaction."""
        self._acting = acting
        self._waiting: list[_Slip] = []
        self._queue = threading.Lock()
        self._is_served = False

    def post(self, orders: Sequence[Order]) -> list[Outcome]:
        """
        Return what became of each order, in their order; posted ones are durable.

        Raises: MalformedOrder; the database's errors, and then nothing of these orders was posted
            or all of them replay.
        """
        require_wellformed(orders)
        slip = _Slip(orders)
        with self._queue:
            self._waiting.append(slip)
            is_turn = not self._is_served
            self._is_served = True
        if not is_turn:
            slip.bell.wait()
        if not slip.is_answered:
            self._serve_until(slip)
        if slip.error is not None:
            raise slip.error
        assert slip.outcomes is not None, "a slip is answered before the desk is free"
        return slip.outcomes

    def _serve_until(self, own: _Slip) -> None:
        """Serve what waits until one's own slip is answered, then let the next client serve."""
        while not own.is_answered:
            slips = self._take()
            self._serve(slips)
            for slip in slips:
                slip.bell.set()
        with self._queue:
            self._is_served = bool(self._waiting)
            following = self._waiting[0] if self._waiting else None
        if following is not None:
            following.bell.set()

    def _take(self) -> list[_Slip]:
        """Return the oldest slips that fit into one batch."""
        with self._queue:
            taken, room = 0, ORDERS_MAX
            for slip in self._waiting:
                room -= len(slip.orders)
                if room < 0:
                    break
                taken += 1
            slips, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return slips

    def _serve(self, slips: Sequence[_Slip]) -> None:
        try:
            outcomes = iter(post_transfers(_together(slips), acting=self._acting()))
            for slip in slips:
                slip.outcomes = [next(outcomes) for _ in slip.orders]
        except Exception as error:  # noqa: BLE001  each of them is told, and raises it
            for slip in slips:
                slip.error = error


def _together(slips: Sequence[_Slip]) -> list[Order]:
    """Return all orders; groups of different clients are never one group."""
    numbers: dict[tuple[int, int], int] = {}
    return [
        order
        if order.group is None
        else order._replace(group=numbers.setdefault((place, order.group), len(numbers)))
        for place, slip in enumerate(slips)
        for order in slip.orders
    ]
