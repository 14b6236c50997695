"""
A file as a row of QR codes shown one after the other, where there is nothing but a camera.

Decides how bytes are cut into frames and put together again; order, repeats and frames of another
row do no harm. The twin of `domain/frames.js` of the phone; both play vectors/phone/frames.json.
Source: docs/reference/formats.md section 20.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from despensa.domain.card import base45

MAGIC = 0x51
CHUNK_BYTES = 400
COUNT_MAX = 4096
_HASH_LENGTH = 8
_HEAD_LENGTH = 2 + _HASH_LENGTH + 4


class FrameKind(IntEnum):
    """What a row of frames carries."""

    ASKING = 1
    HAND_OVER = 2
    JOURNAL = 3


class TooLong(ValueError):
    """The bytes need more frames than anybody would wait for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One code of a row; `digest` names the row."""

    kind: FrameKind
    digest: bytes
    index: int
    count: int
    chunk: bytes = field(repr=False)


def frames_of(kind: FrameKind, data: bytes) -> list[str]:
    """
    Return bytes as the texts of a row of codes.

    Shape: in their order, never empty. Raises: TooLong.
    """
    count = max(1, -(-len(data) // CHUNK_BYTES))
    if count > COUNT_MAX:
        raise TooLong(f"{len(data)} bytes are too long for codes: save them as a file instead")
    head = bytes([MAGIC, kind]) + hashlib.sha256(data).digest()[:_HASH_LENGTH]
    return [
        base45.encode(
            head
            + index.to_bytes(2, "big")
            + count.to_bytes(2, "big")
            + data[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
        )
        for index in range(count)
    ]


def read_frame(text: str) -> Frame | None:
    """Return what one code says, None if it is no frame."""
    try:
        data = base45.decode(text)
    except ValueError:
        return None
    if len(data) < _HEAD_LENGTH or data[0] != MAGIC or data[1] not in set(FrameKind):
        return None
    index = int.from_bytes(data[10:12], "big")
    count = int.from_bytes(data[12:14], "big")
    if not 0 < count <= COUNT_MAX or index >= count:
        return None
    return Frame(FrameKind(data[1]), data[2:10], index, count, data[_HEAD_LENGTH:])


@dataclass(frozen=True, slots=True)
class Gathered:
    """A row put together as far as it was seen; `data` None while something is missing."""

    kind: FrameKind
    seen: int
    count: int
    data: bytes | None = field(repr=False)


def gather(texts: Sequence[str]) -> list[Gathered]:
    """
    Return every row that texts of codes belong to.

    Shape: in the order in which they were first seen; what is no frame is left out.
    """
    rows: dict[tuple[int, bytes, int], dict[int, bytes]] = {}
    for text in texts:
        frame = read_frame(text)
        if frame is not None:
            row = rows.setdefault((frame.kind, frame.digest, frame.count), {})
            row.setdefault(frame.index, frame.chunk)
    return [_gathered(key, row) for key, row in rows.items()]


def _gathered(key: tuple[int, bytes, int], row: dict[int, bytes]) -> Gathered:
    kind, digest, count = key
    data = b"".join(row[index] for index in sorted(row)) if len(row) == count else None
    if data is not None and hashlib.sha256(data).digest()[:_HASH_LENGTH] != digest:
        data = None
    return Gathered(FrameKind(kind), len(row), count, data)
