"""
The households of a file while it is read: a few in memory, more of them sealed in a file.

The file has no name, so it goes with the process, and its key is in memory alone: nothing of it can
be read by anybody else, or later. What lies in memory does not grow with the register file.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, overload

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.staged import (
    HOUSEHOLDS_AT_ONCE,
    decode_households,
    encode_households,
)


class Shelf(Sequence[HouseholdDraft]):
    """Households in file order; made by `add` and closed by `kept`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._waiting: list[HouseholdDraft] = []
        self._file: BinaryIO | None = None
        self._cipher = AESGCM(os.urandom(32))
        self._places: list[tuple[int, int]] = []
        self._count = 0

    def add(self, household: HouseholdDraft) -> None:
        """Put one more behind the others."""
        self._waiting.append(household)
        self._count += 1
        if len(self._waiting) >= HOUSEHOLDS_AT_ONCE:
            self._put_away()

    def kept(self) -> Sequence[HouseholdDraft]:
        """Return all households; few of them as they are."""
        if self._file is None:
            return tuple(self._waiting)
        if self._waiting:
            self._put_away()
        return self

    def parts(self) -> Iterator[bytes]:
        """Yield the households encoded, part by part."""
        assert self._file is not None, "only a shelf with a file has parts"
        for number, (start, length) in enumerate(self._places):
            self._file.seek(start)
            yield self._cipher.decrypt(_nonce(number), self._file.read(length), None)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[HouseholdDraft]:
        for part in self.parts():
            yield from decode_households(part)

    @overload
    def __getitem__(self, at: int) -> HouseholdDraft: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[HouseholdDraft]: ...

    def __getitem__(self, at: int | slice) -> HouseholdDraft | Sequence[HouseholdDraft]:
        return tuple(self)[at]

    def _put_away(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the shelf)
        sealed = self._cipher.encrypt(
            _nonce(len(self._places)), encode_households(self._waiting), None
        )
        self._places.append((self._file.seek(0, os.SEEK_END), len(sealed)))
        self._file.write(sealed)
        self._waiting = []


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
