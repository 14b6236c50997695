"""
The work on one slice of an opening: packed rows go out, rows for COPY and journal entries come back.

Source: docs/reference/formats.md, section 8. The bytes that travel are private to one process and
its workers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import cbor2

from despensa.domain.act import Acting
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.opening_rows import CREDIT, TAG, Slice, in_order
from despensa.domain.ledger.transfer import Cause
from despensa.domain.ports.keeper import CycleKeeper
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.bulk import framed
from despensa.records.sealed_journal import cycle_entries

_ID_LENGTH = 16


class OpenedPart(NamedTuple):
    """A slice of an opening's credits, or of its tags."""

    is_credit: bool
    rows: Slice


@dataclass(frozen=True, slots=True)
class OpenedSlice:
    """Rows framed for COPY, sorted, with their journal entries; how many accounts there are."""

    accounts: int
    frames: bytes = field(repr=False)
    entries: Sequence[Entry] = field(repr=False)


class OpenedWork:
    """Seals slices of one opening; implements `ports.crew.Work`."""

    def __init__(self, cycle: UUID, act: Act, *, acting: Acting, keeper: CycleKeeper) -> None:
        """Take what all slices have in common."""
        self._cycle, self._act, self._acting, self._keeper = cycle.bytes, act, acting, keeper
        self._fund = named_account(AccountKind.FUND, cycle=cycle.bytes)

    def do(self, item: OpenedPart) -> OpenedSlice:
        """Return the rows and entries of one slice."""
        packed = in_order(item.rows.rows, CREDIT.size if item.is_credit else TAG.size)
        if not item.is_credit:
            tags = [_tag(row) for row in packed]
            frames = b"".join(
                framed((tag, self._cycle, account, step.to_bytes(4, "big"), b"\0%c" % status))
                for tag, account, step, status in tags
            )
            bodies = journal.encode_table(("key", "account", "step", "status"), tags)
            return OpenedSlice(0, frames, list(self._entries("tag", bodies)))
        credited = [CREDIT.unpack(row) for row in packed]
        accounts = len({account for account, _, _ in credited})
        bodies = journal.encode_table(("key", "unit", "amount"), credited)
        frames = self._transfers(item.rows, packed)
        return OpenedSlice(accounts, frames, list(self._entries("account", bodies)))

    def finish(self) -> OpenedSlice:
        """Return nothing: nothing is held back."""
        return OpenedSlice(0, b"", ())

    def encode_item(self, item: OpenedPart) -> list[bytes]:
        """Return a slice as bytes."""
        return [cbor2.dumps([item.is_credit, *item.rows])]

    def decode_item(self, data: memoryview) -> OpenedPart:
        """Return a slice."""
        is_credit, *rows = cbor2.loads(data)
        return OpenedPart(is_credit, Slice(*rows))

    def encode_result(self, result: OpenedSlice) -> list[bytes]:
        """Return a result as bytes."""
        entries = [[one.entry.bytes, one.leaf, one.salt, one.stored] for one in result.entries]
        return [cbor2.dumps([result.accounts, result.frames, entries])]

    def decode_result(self, data: memoryview) -> OpenedSlice:
        """Return a result."""
        accounts, frames, entries = cbor2.loads(data)
        made = [Entry(UUID(bytes=entry), *rest) for entry, *rest in entries]
        return OpenedSlice(accounts, frames, made)

    def _transfers(self, part: Slice, packed: Sequence[bytes]) -> bytes:
        """Return the transfer of every credit out of the cycle's fund, framed."""
        cause = int(Cause.OPENING).to_bytes(2, "big")
        return b"".join(
            framed((transfer, self._fund, row[:16], row[16:20], row[20:], cause, self._cycle))
            for transfer, row in zip(self._ids(part, len(packed)), packed, strict=True)
        )

    def _ids(self, part: Slice, count: int) -> list[bytes]:
        """
        Return random ids (UUID version 4), ascending from slice to slice.

        An index grows at its end; among six million random places it would be read again and again.
        """
        drawn, span = self._acting.random(_ID_LENGTH * count), part.high - part.low
        ids = []
        for at in range(0, _ID_LENGTH * count, _ID_LENGTH):
            one = bytearray(drawn[at : at + _ID_LENGTH])
            one[:2] = (part.low + int.from_bytes(one[:2], "big") % span).to_bytes(2, "big")
            one[6], one[8] = one[6] & 0x0F | 0x40, one[8] & 0x3F | 0x80
            ids.append(bytes(one))
        ids.sort()
        return ids

    def _entries(self, table: str, bodies: Iterator[bytes]) -> Iterator[Entry]:
        return cycle_entries(
            self._act, table, self._cycle, bodies, acting=self._acting, keeper=self._keeper
        )


def _tag(row: bytes) -> tuple[bytes, bytes | None, int, int]:
    tag, step, status, has_account, account = TAG.unpack(row)
    return tag, account if has_account else None, step, status
