"""
The work on one slice of a file, and how it travels: drafts go out, rows and entries come back.

Source: docs/reference/formats.md, sections 6 to 8. The bytes that travel are private to one process
and its workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import cbor2

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import IntakeVault
from despensa.domain.registration.staged import decode_households, encode_households
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.registry.packed_journal import packed_entries
from despensa.records.registry.packed_rows import Arrival, pack

# of about 25,000 people: an index takes many neighbours at once much faster than few
TOKENS_AT_ONCE = 250_000
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class PackedSlice:
    """
    Rows of new households framed for COPY by table, sorted search tokens, journal entries.

    Shape: `ids` and `people_ids` are of the households and of their people, in order.
    """

    ids: list[bytes]
    people_ids: list[bytes]
    frames: dict[str, bytes] = field(repr=False)
    tokens: bytes = field(repr=False)
    entries: list[Entry] = field(repr=False)


class SliceWork:
    """Seals slices of one import; implements `ports.crew.Work`."""

    def __init__(
        self,
        act: Act,
        *,
        acting: Acting,
        vault: IntakeVault,
        catalogue_version: int,
        today: date,
        tokens_at_once: int = TOKENS_AT_ONCE,
    ) -> None:
        """Take what all slices have in common."""
        self._act, self._acting, self._vault = act, acting, vault
        self._version, self._today = catalogue_version, today
        self._tokens: list[bytes] = []
        self._tokens_at_once = tokens_at_once

    def do(self, item: Sequence[Arrival]) -> PackedSlice:
        """Return the rows and entries of one slice; its tokens when enough of them came together."""
        packed = pack(
            item,
            acting=self._acting,
            vault=self._vault,
            catalogue_version=self._version,
            today=self._today,
        )
        entries = list(
            packed_entries(packed, act=self._act, acting=self._acting, sealer=self._vault)
        )
        self._tokens += packed.tokens
        enough = len(self._tokens) >= self._tokens_at_once
        return PackedSlice(
            packed.ids,
            packed.people_ids,
            {table: b"".join(rows) for table, rows in packed.frames.items()},
            self._taken() if enough else b"",
            entries,
        )

    def finish(self) -> PackedSlice:
        """Return the tokens that were held back."""
        return PackedSlice([], [], {}, self._taken(), [])

    def _taken(self) -> bytes:
        self._tokens.sort()
        tokens, self._tokens = b"".join(self._tokens), []
        return tokens

    def encode_item(self, item: Sequence[Arrival]) -> bytes:
        """Return a slice as bytes."""
        return cbor2.dumps(
            [encode_households([one.draft for one in item]), b"".join(one.area for one in item)]
        )

    def decode_item(self, data: bytes) -> list[Arrival]:
        """Return a slice."""
        drafts, areas = cbor2.loads(data)
        return [
            Arrival(draft, areas[at : at + _ID_LENGTH])
            for at, draft in zip(
                range(0, len(areas), _ID_LENGTH), decode_households(drafts), strict=True
            )
        ]

    def encode_result(self, result: PackedSlice) -> bytes:
        """Return rows and entries as bytes."""
        entries = [[one.entry.bytes, one.leaf, one.salt, one.stored] for one in result.entries]
        return cbor2.dumps(
            [
                b"".join(result.ids),
                b"".join(result.people_ids),
                result.frames,
                result.tokens,
                entries,
            ]
        )

    def decode_result(self, data: bytes) -> PackedSlice:
        """Return rows and entries."""
        ids, people, frames, tokens, entries = cbor2.loads(data)
        return PackedSlice(
            _parted(ids),
            _parted(people),
            frames,
            tokens,
            [_entry(*parts) for parts in entries],
        )


def _parted(ids: bytes) -> list[bytes]:
    return [ids[at : at + _ID_LENGTH] for at in range(0, len(ids), _ID_LENGTH)]


def _entry(entry: bytes, *parts: Any) -> Entry:
    return Entry(UUID(bytes=entry), *parts)
