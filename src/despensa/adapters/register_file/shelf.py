"""
The households of a file while it is read: a few in memory, more of them sealed in a file.

The file has no name, so it goes with the process, and its key is in memory alone: nothing of it can
be read by anybody else, or later. What lies in memory does not grow with the register file.
"""

import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, overload

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.registration.account import RejectedHousehold, RejectedRow
from despensa.domain.registration.cell import UnresolvedFormula
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.staged import (
    HOUSEHOLDS_AT_ONCE,
    PutAway,
    encode_households,
)

# rows of rejected households that lie in memory at once
_ROWS_AT_ONCE = 2_000


class _SealedParts:
    """Bytes put away part by part; they can be read again as often as need be."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._cipher = AESGCM(os.urandom(32))
        self._places: list[tuple[int, int]] = []

    def __bool__(self) -> bool:
        return self._file is not None

    def put(self, part: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the shelf)
        sealed = self._cipher.encrypt(_nonce(len(self._places)), part, None)
        self._places.append((self._file.seek(0, os.SEEK_END), len(sealed)))
        self._file.write(sealed)

    def __iter__(self) -> Iterator[bytes]:
        for number, (start, length) in enumerate(self._places):
            assert self._file is not None, "there are parts only in a file"
            self._file.seek(start)
            yield self._cipher.decrypt(_nonce(number), self._file.read(length), None)


class Shelf(PutAway):
    """Households in file order; made by `add` and closed by `kept`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._waiting: list[HouseholdDraft] = []
        self._parts = _SealedParts()
        self._count = 0

    def add(self, household: HouseholdDraft) -> None:
        """Put one more behind the others."""
        self._waiting.append(household)
        self._count += 1
        if len(self._waiting) >= HOUSEHOLDS_AT_ONCE:
            self._put_away()

    def add_part(self, drafts: bytes, households: int) -> None:
        """Put a part of so many households behind the others."""
        if self._waiting:
            self._put_away()
        if households:
            self._parts.put(drafts)
            self._count += households

    def kept(self) -> Sequence[HouseholdDraft]:
        """Return all households; few of them as they are."""
        if not self._parts:
            return tuple(self._waiting)
        if self._waiting:
            self._put_away()
        return self

    def parts(self) -> Iterator[bytes]:
        """Yield the households encoded, part by part."""
        assert self._parts, "only a shelf with a file has parts"
        yield from self._parts

    def __len__(self) -> int:
        return self._count

    def _put_away(self) -> None:
        self._parts.put(encode_households(self._waiting))
        self._waiting = []


class LeftOut(Sequence[RejectedHousehold]):
    """Households left out, with their rows and faults, in file order; as a shelf of them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._waiting: list[RejectedHousehold] = []
        self._rows = 0
        self._parts = _SealedParts()
        self._count = 0

    def add(self, household: RejectedHousehold) -> None:
        """Put one more behind the others."""
        self._waiting.append(household)
        self._count += 1
        self._rows += len(household.rows)
        if self._rows >= _ROWS_AT_ONCE:
            self._put_away()

    def kept(self) -> Sequence[RejectedHousehold]:
        """Return all of them; few as they are."""
        if not self._parts:
            return tuple(self._waiting)
        if self._waiting:
            self._put_away()
        return self

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RejectedHousehold]:
        for part in self._parts:
            yield from map(rejected_household, json.loads(zlib.decompress(part)))

    @overload
    def __getitem__(self, at: int) -> RejectedHousehold: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[RejectedHousehold]: ...

    def __getitem__(self, at: int | slice) -> RejectedHousehold | Sequence[RejectedHousehold]:
        return tuple(self)[at]

    def _put_away(self) -> None:
        values = json.dumps([rejected_value(one) for one in self._waiting], default=_written)
        self._parts.put(zlib.compress(values.encode(), 1))
        self._waiting, self._rows = [], 0


def rejected_value(household: RejectedHousehold) -> list[Any]:
    """Return a household left out as plain values."""
    return [
        household.source_record_id,
        [[row.sheet, row.row, row.cells] for row in household.rows],
        [
            [one.sheet, one.row, one.column, one.value, one.code, dict(one.parameters)]
            for one in household.errors
        ],
    ]


def rejected_household(value: list[Any]) -> RejectedHousehold:
    """Return what `rejected_value` made."""
    record, rows, errors = value
    return RejectedHousehold(
        record,
        tuple(RejectedRow(sheet, row, tuple(cells)) for sheet, row, cells in rows),
        tuple(RowError(*error) for error in errors),
    )


def _written(cell: object) -> str | None:
    """Return a cell as it is given back: days and hours as text, a formula without value empty."""
    return None if isinstance(cell, UnresolvedFormula) else str(cell)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
