"""Accounts and tags of a whole register, part by part, by a crew that asks the keeper."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from despensa.domain.ledger.opening_rows import CARD, CREDIT, GOODS, TAG, SortedRuns
from despensa.domain.ports.crew import Crew
from despensa.domain.ports.keeper import CycleKeeper, Opening
from despensa.domain.proposal import Mandate
from despensa.records.programmes.opening_queries import opening_rows

_ROWS_A_PART = 32_768
_length = Struct(">I")


class Derived(NamedTuple):
    """The credits and the tags of a cycle, packed, in sorted runs."""

    credits: SortedRuns
    tags: SortedRuns


class _Part(NamedTuple):
    """Cards by number, or goods."""

    cards: bytes
    goods: bytes


@dataclass(frozen=True, slots=True)
class _Deriving:
    """Asks the keeper for parts of one opening; implements `ports.crew.Work`."""

    keeper: CycleKeeper
    mandate: Mandate
    cycle: UUID
    programme: UUID
    epoch: int
    late_of: bytes | None

    def do(self, item: _Part) -> Opening:
        """Return the credits and tags of a part."""
        return self.keeper.open_cycle(
            proposal=self.mandate.canonical,
            approval=self.mandate.signed,
            cycle=self.cycle.bytes,
            programme=self.programme.bytes,
            epoch=self.epoch,
            late_of=self.late_of,
            cards=item.cards,
            goods=item.goods,
        )

    def step(self) -> None:
        """Let the keeper move all links to the cycle's epoch."""
        self.keeper.step_links(
            proposal=self.mandate.canonical,
            approval=self.mandate.signed,
            cycle=self.cycle.bytes,
            programme=self.programme.bytes,
            epoch=self.epoch,
            late_of=self.late_of,
        )

    def finish(self) -> Opening:
        """Return nothing: nothing is held back."""
        return Opening(b"", b"")

    def encode_item(self, item: _Part) -> list[bytes]:
        """Return a part as bytes."""
        return [_length.pack(len(item.cards)), item.cards, item.goods]

    def decode_item(self, data: memoryview) -> _Part:
        """Return a part."""
        end = 4 + _length.unpack_from(data)[0]
        return _Part(bytes(data[4:end]), bytes(data[end:]))

    def encode_result(self, result: Opening) -> list[bytes]:
        """Return a result as bytes."""
        return [_length.pack(len(result.credits)), result.credits, result.tags]

    def decode_result(self, data: memoryview) -> Opening:
        """Return a result."""
        end = 4 + _length.unpack_from(data)[0]
        return Opening(bytes(data[4:end]), bytes(data[end:]))


def derive(
    mandate: Mandate,
    keeper: CycleKeeper,
    *,
    cycle: UUID,
    programme: UUID,
    epoch: int,
    late_of: UUID | None = None,
    crew: Crew,
) -> Derived:
    """
    Return the credits and tags of a decided cycle; again gives the same.

    `late_of` is the root under whose approval late entrants are opened.

    Raises: ApprovalInvalid.
    """
    late = None if late_of is None else late_of.bytes
    work = _Deriving(keeper, mandate, cycle, programme, epoch, late)
    # the keeper walks links while the server packs rows
    with ThreadPoolExecutor(1) as beside:
        stepping = beside.submit(work.step)
        goods, cards = opening_rows(cycle)
        stepping.result()
    credits_, tags = [], []
    for _, part in crew.each(work, ((part, None) for part in _parts(goods, cards))):
        credits_.append(part.credits)
        tags.append(part.tags)
    return Derived(SortedRuns(CREDIT.size, credits_), SortedRuns(TAG.size, tags))


def _parts(goods: Sequence[bytes], cards: bytes) -> Iterator[_Part]:
    for at in range(0, len(cards), _ROWS_A_PART * CARD.size):
        yield _Part(cards[at : at + _ROWS_A_PART * CARD.size], b"")
    for block in goods:
        for at in range(0, len(block), _ROWS_A_PART * GOODS.size):
            yield _Part(b"", block[at : at + _ROWS_A_PART * GOODS.size])
