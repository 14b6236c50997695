"""
The work on one slice of a file, and how it travels: drafts go out, rows and entries come back.

Source: docs/reference/formats.md, sections 6 to 8. The bytes that travel are private to one process
and its workers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

import cbor2

from despensa.domain.act import Acting
from despensa.domain.ports.crew import Buffer
from despensa.domain.ports.keeper import IntakeVault
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.said import Spoken, is_same, pack_first, statements, unpack
from despensa.domain.registration.staged import decode_households
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.bulk import framed
from despensa.records.registry.packed_journal import packed_entries
from despensa.records.registry.packed_rows import FIRST_OF_TOKEN, Arrival, Packed, pack

# of about 12,000 people: an index takes many neighbours at once faster than few, and while the
# server takes more than these, everybody who seals waits for it
TOKENS_AT_ONCE = 125_000
_length = Struct("!I")


class SlicePart(NamedTuple):
    """
    One slice of a file on its way to be sealed.

    Shape: `drafts` as they are staged; `refs` and `areas` by household, the area of a known one
    empty; `known` is what the source said of those the register has, by place in the slice.
    """

    drafts: Buffer
    refs: list[bytes]
    areas: list[bytes]
    known: dict[int, bytes]


class Differing(NamedTuple):
    """A known household of whom its source says something new, by place; as `Spoken`."""

    at: int
    refs: list[bytes]
    digests: list[bytes]


@dataclass(frozen=True, slots=True)
class PackedSlice:
    """
    Rows of new households framed for COPY by table, search tokens by first byte, journal entries.

    Shape: `ids` are of the new households in order, `people` counts theirs; `differing` are those
    that were known and say something new.
    """

    ids: list[bytes]
    people: int
    frames: Mapping[str, Buffer] = field(repr=False)
    tokens: Buffer = field(repr=False)
    entries: list[Entry] = field(repr=False)
    differing: list[Differing] = field(repr=False, default_factory=list)


@dataclass(frozen=True, slots=True)
class FileWork:
    """What all slices of one file have in common."""

    register_import: UUID
    source: str
    catalogue_version: int
    today: date


class SliceWork:
    """Seals slices of one import; implements `ports.crew.Work`."""

    def __init__(
        self,
        file: FileWork,
        act: Act,
        *,
        acting: Acting,
        vault: IntakeVault,
        tokens_at_once: int = TOKENS_AT_ONCE,
    ) -> None:
        """Take what all slices have in common."""
        self._file, self._act, self._acting, self._vault = file, act, acting, vault
        self._shelves: list[list[bytes]] = [[] for _ in range(256)]
        self._held, self._tokens_at_once = 0, tokens_at_once

    def do(self, item: SlicePart) -> PackedSlice:
        """Return the rows and entries of one slice; its tokens when enough of them came together."""
        households = decode_households(item.drafts)
        spoken = self._spoken(households, item.refs)
        new = [one for at, one in enumerate(spoken) if at not in item.known]
        packed = pack(
            [
                Arrival(one, area)
                for at, (one, area) in enumerate(zip(households, item.areas, strict=True))
                if at not in item.known
            ],
            acting=self._acting,
            vault=self._vault,
            catalogue_version=self._file.catalogue_version,
            today=self._file.today,
        )
        entries = list(
            packed_entries(packed, act=self._act, acting=self._acting, sealer=self._vault)
        )
        shelves = self._shelves
        for token in packed.tokens:
            shelves[token[FIRST_OF_TOKEN]].append(token)
        self._held += len(packed.tokens)
        enough = self._held >= self._tokens_at_once
        frames = {table: b"".join(rows) for table, rows in packed.frames.items()}
        return PackedSlice(
            packed.ids,
            packed.people,
            frames | {"origin": self._origins(new, packed)},
            self._taken() if enough else b"",
            entries,
            [
                Differing(at, list(spoken[at].refs), list(spoken[at].digests))
                for at, said in item.known.items()
                if not is_same(unpack(said), spoken[at])
            ],
        )

    def _spoken(
        self, households: Sequence[HouseholdDraft], own_refs: Sequence[bytes]
    ) -> list[Spoken]:
        """Return households with what they and their people are known and compared by."""
        source, vault = self._file.source, self._vault
        people = iter(
            vault.origin_refs(
                [(source, one.source_record_id) for home in households for one in home.persons]
            )
        )
        refs = [
            [ref, *islice(people, len(home.persons))]
            for home, ref in zip(households, own_refs, strict=True)
        ]
        # one after another: kept, each text would hold a page of memory
        digests = iter(
            vault.said_digests(
                (own[max(0, at - 1)], text)
                for home, own in zip(households, refs, strict=True)
                for at, text in enumerate(statements(home))
            )
        )
        # the place and the facts of a household, then a text for each of its people
        return [
            Spoken(home, own, list(islice(digests, 2 + len(home.persons))))
            for home, own in zip(households, refs, strict=True)
        ]

    def _origins(self, new: Sequence[Spoken], packed: Packed) -> bytes:
        """Return by what new households will be known, and what their source said, framed."""
        people, taken_in = iter(packed.people_ids), self._file.register_import.bytes
        return b"".join(
            [
                framed(
                    (one.refs[0], row, taken_in, pack_first(one, islice(people, len(one.refs) - 1)))
                )
                for one, row in zip(new, packed.ids, strict=True)
            ]
        )

    def finish(self) -> PackedSlice:
        """Return the tokens that were held back."""
        return PackedSlice([], 0, {}, self._taken(), [])

    def _taken(self) -> bytes:
        """Return what was held back, neighbours together: in order of the first byte of tokens."""
        tokens = b"".join(map(b"".join, self._shelves))
        self._shelves, self._held = [[] for _ in range(256)], 0
        return tokens

    def encode_item(self, item: SlicePart) -> list[Buffer]:
        """Return a slice as pieces of bytes."""
        drafts, *rest = item
        return _laid(rest, [drafts])

    def decode_item(self, data: memoryview) -> SlicePart:
        """Return a slice."""
        rest, [drafts] = _found(data)
        return SlicePart(drafts, *rest)

    def encode_result(self, result: PackedSlice) -> list[Buffer]:
        """Return rows and entries as pieces of bytes."""
        head = [
            result.ids,
            result.people,
            list(result.frames),
            [[one.entry.bytes, one.leaf, one.salt] for one in result.entries],
            [list(one) for one in result.differing],
        ]
        stored = [one.stored for one in result.entries]
        return _laid(head, [result.tokens, *result.frames.values(), *stored])

    def decode_result(self, data: memoryview) -> PackedSlice:
        """Return rows and entries; the long ones stay where they lie."""
        (ids, people, tables, entries, differing), [tokens, *pieces] = _found(data)
        stored = pieces[len(tables) :]
        return PackedSlice(
            ids,
            people,
            dict(zip(tables, pieces, strict=False)),
            tokens,
            [
                Entry(UUID(bytes=entry), leaf, salt, bytes(held))
                for (entry, leaf, salt), held in zip(entries, stored, strict=True)
            ],
            [Differing(*one) for one in differing],
        )


def _laid(head: Sequence[Any], pieces: Sequence[Buffer]) -> list[Buffer]:
    """Return pieces after their lengths and what is short."""
    first = cbor2.dumps([head, [len(piece) for piece in pieces]])
    return [_length.pack(len(first)), first, *pieces]


def _found(data: memoryview) -> tuple[list[Any], list[memoryview]]:
    """Return what `_laid` laid, the pieces where they lie."""
    at = _length.size + _length.unpack_from(data)[0]
    head, lengths = cbor2.loads(data[_length.size : at])
    pieces = []
    for length in lengths:
        pieces.append(data[at : at + length])
        at += length
    return head, pieces
