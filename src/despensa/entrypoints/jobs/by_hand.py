"""
A phone's journal brought by hand: an exported file, or pictures of a row of codes on its screen.

What comes is what the phone would have sent: sealed batches, taken in by the same use case, so that
the same file twice, or once more over the network, changes nothing. Pictures are looked at for rows
of codes alone; a card that is on one of them is read by nobody.
Source: docs/reference/formats.md section 20.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from despensa.adapters.hpke import SealBroken
from despensa.adapters.qr import reading
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import ChainError
from despensa.domain.event.sealing import EventSealBroken
from despensa.domain.frames import FrameKind, gather
from despensa.entrypoints.wiring import Tools
from despensa.usecases.accept_events import SET_ASIDE, UnknownDevice, accept_events

_LENGTH = 4
_BATCH_MAX = 1 << 20
_NOT_A_BATCH = (
    cose.MalformedSignature,
    cose.BadSignature,
    cose.UnknownKey,
    dcbor.EncodingError,
    ChainError,
    EventSealBroken,
    SealBroken,
    UnknownDevice,
)


class NoReports(ValueError):
    """The files hold no phone's journal."""


class PartMissing(ValueError):
    """Some of a row's codes are on none of the pictures: `seen` of `count` are."""

    def __init__(self, seen: int, count: int) -> None:
        """Hold how many there are."""
        super().__init__(f"{seen} of {count}")
        self.seen, self.count = seen, count


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many batches were taken in, were set aside with their phone, and were no phone's."""

    batches: int
    set_aside: int
    refused: int


def take_in(files: Sequence[bytes], tools: Tools) -> TakenIn:
    """
    Return what became of the batches in some files; what is durable by then stays so.

    Raises: NoReports; PartMissing.
    """
    exports = [data for data in files if _is_export(data)]
    texts = [
        text for data in files if not _is_export(data) for text in _codes(data)
    ]  # fmt: skip
    rows = [row for row in gather(texts) if row.kind is FrameKind.JOURNAL]
    missing = [row for row in rows if row.data is None]
    if missing:
        raise PartMissing(missing[0].seen, missing[0].count)
    exports += [row.data for row in rows if row.data is not None]
    if not exports:
        raise NoReports("no file of a phone and no row of its codes is among these")
    verdicts = [_accepted(batch, tools) for data in exports for batch in batches_in(data)]
    return TakenIn(
        sum(verdict is not None for verdict in verdicts),
        verdicts.count(SET_ASIDE),
        verdicts.count(None),
    )


def batches_in(data: bytes) -> list[bytes]:
    """Return the batches of an export, each behind its length; a file cut off keeps its whole ones."""
    found, at = [], 0
    while at + _LENGTH <= len(data):
        length = int.from_bytes(data[at : at + _LENGTH], "big")
        if not 0 < length <= _BATCH_MAX or at + _LENGTH + length > len(data):
            break
        found.append(data[at + _LENGTH : at + _LENGTH + length])
        at += _LENGTH + length
    return found


def _accepted(batch: bytes, tools: Tools) -> int | None:
    """Return the verdict on a batch, None where it is no enrolled phone's."""
    try:
        answer = accept_events(batch, acting=tools.acting(None), signatory=tools.keeper.signatory)
    except _NOT_A_BATCH:
        return None
    return int(dcbor.decode(answer)[1])


def _is_export(data: bytes) -> bool:
    """Return whether a file begins as an export does: a length, then a map of six fields."""
    return data[_LENGTH : _LENGTH + 1] == b"\xa6"


def _codes(data: bytes) -> list[str]:
    try:
        return reading.read_images(data)
    except reading.PictureError:
        return []
