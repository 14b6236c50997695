"""
Link files: the current link of every card, encrypted, in two replicas.

A file is rewritten whole under a fresh key and the old key and file are destroyed, so that links
of past steps are gone. Link keys are never part of a backup.
Source: docs/reference/formats.md, section 2 (link record); docs/explanation/design.md, section 6.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.domain.card.tag import Link

RECORD_LENGTH = 48
CHUNK_RECORDS = 4096
FILE_ID_LENGTH = 16
_LABEL = b"despensa/links/1"
_TAG_LENGTH = 16
_NUMBER_LENGTH = 10
_HEAD_LENGTH = FILE_ID_LENGTH + 4
REPLICAS = ("a", "b")


class LinksDamaged(RuntimeError):
    """Neither replica of the link file opens."""


class LinkFile:
    """The links of all usable cards by card number."""

    def __init__(
        self,
        folder: Path,
        *,
        workspace: bytes,
        random: Callable[[int], bytes],
        files: KeyFiles | None = None,
    ) -> None:
        """Use two replica folders below `folder`; without `files` their keys lie plain."""
        self._folder = folder
        self._workspace = workspace
        self._files = files or KeyFiles(folder, workspace)
        self._random = random

    def load(self) -> dict[str, Link]:
        """
        Return every link, from the first replica that opens.

        Raises: LinksDamaged when files exist and none opens.
        """
        return dict(parsed(self.records()))

    def records(self) -> bytes:
        """
        Return the record of every link, by card number, from the first replica that opens.

        Raises: LinksDamaged when files exist and none opens.
        """
        return self._first(lambda file: b"".join(map(file.chunk, range(file.chunks))))

    def records_between(self, first: bytes, last: bytes) -> bytes:
        """
        Return the records of the chunks in which the numbers from first to last lie.

        Only these chunks are opened. Raises: LinksDamaged when files exist and none opens.
        """

        def read(file: "_Sealed") -> bytes:
            begin = max(bisect_right(file, first) - 1, 0)
            return b"".join(map(file.chunk, range(begin, max(bisect_right(file, last), begin + 1))))

        return self._first(read)

    def _first(self, read: "Callable[[_Sealed], bytes]") -> bytes:
        """Return what is read of the first replica that opens; nothing when there is none."""
        damaged = False
        for replica in REPLICAS:
            current = self._folder / replica / "current"
            if not current.exists():
                continue
            try:
                return read(self._opened(self._folder / replica))
            except (InvalidTag, OSError, ValueError):
                damaged = True
        if damaged:
            raise LinksDamaged(
                "Neither copy of the link file opens. Open cycles go on from their stored tags; "
                "cards are registered again by scanning them."
            )
        return b""

    def exists(self, replica: str) -> bool:
        """Return whether one of the two copies was ever written."""
        return (self._folder / replica / "current").exists()

    def is_readable(self, replica: str) -> bool:
        """Return whether one of the two copies exists and opens."""
        try:
            file = self._opened(self._folder / replica)
            for number in range(file.chunks):
                file.chunk(number)
        except (InvalidTag, OSError, ValueError):
            return False
        return True

    def store(self, links: Mapping[str, Link]) -> None:
        """Replace the links in both replicas, then destroy what was there before."""
        self.store_records(b"".join(record(*item) for item in sorted(links.items())))

    def store_records(self, records: bytes) -> None:
        """
        Replace the links in both replicas by records, which are sorted by card number.

        Holds: each replica has a key of its own, and nothing else is left beside what was written.
        """
        file_id = self._random(FILE_ID_LENGTH)
        name = file_id.hex()
        for replica in REPLICAS:
            folder = self._folder / replica
            key = self._random(key_files.SECRET_LENGTH)
            self._files.write(folder / f"{name}.key", key, self._random)
            key_files.write(folder / f"{name}.links", self._sealed(records, file_id, key))
            key_files.write(folder / "current", name.encode())
            for other in folder.iterdir():
                if other.name not in _names(name):
                    key_files.destroy(other)

    def is_settled(self) -> bool:
        """
        Return whether both replicas are of one writing and nothing else lies beside them.

        After a death within `store_records` they are not: links of a past step may be left.
        """
        folders = [self._folder / replica for replica in REPLICAS]
        current = {
            path.read_text() for path in (one / "current" for one in folders) if path.exists()
        }
        expected = _names(*current) if len(current) == 1 else frozenset()
        return len(current) < 2 and all(
            {path.name for path in folder.glob("*")} == expected for folder in folders
        )

    def _sealed(self, records: bytes, file_id: bytes, key: bytes) -> bytes:
        size = RECORD_LENGTH * CHUNK_RECORDS
        # an empty file has one empty chunk: no links must be as certain as many
        chunks = [records[at : at + size] for at in range(0, len(records) or 1, size)]
        cipher = AESGCM(key)
        sealed = [
            cipher.encrypt(
                number.to_bytes(12, "big"), chunk, self._place(file_id, number, len(chunks))
            )
            for number, chunk in enumerate(chunks)
        ]
        return file_id + len(chunks).to_bytes(4, "big") + b"".join(sealed)

    def _opened(self, folder: Path) -> "_Sealed":
        """Return a replica's file. Raises: OSError; ValueError."""
        name = (folder / "current").read_text().strip()
        path = folder / f"{name}.links"
        with path.open("rb") as file:
            head = file.read(_HEAD_LENGTH)
        file_id, chunks = head[:FILE_ID_LENGTH], int.from_bytes(head[16:], "big")
        if file_id.hex() != name or not chunks:
            raise ValueError("a link file that was cut short, or lies under another name")
        cipher = AESGCM(self._files.read(folder / f"{name}.key"))

        def opened(number: int, sealed: bytes) -> bytes:
            place = self._place(file_id, number, chunks)
            return cipher.decrypt(number.to_bytes(12, "big"), sealed, place)

        return _Sealed(path, chunks, opened)

    def _place(self, file_id: bytes, chunk: int, chunks: int) -> bytes:
        return (
            _LABEL
            + self._workspace
            + file_id
            + chunk.to_bytes(4, "big")
            + chunks.to_bytes(4, "big")
        )


@dataclass(frozen=True, slots=True)
class _Sealed(Sequence[bytes]):
    """A link file as its chunks; as a sequence, the first number of each."""

    path: Path
    chunks: int
    opened: Callable[[int, bytes], bytes] = field(repr=False)

    def __len__(self) -> int:
        return self.chunks

    def __getitem__(self, number: Any) -> Any:
        return self.chunk(number)[:_NUMBER_LENGTH]

    def chunk(self, number: int) -> bytes:
        """Return the records of a chunk. Raises: InvalidTag."""
        size = RECORD_LENGTH * CHUNK_RECORDS + _TAG_LENGTH
        with self.path.open("rb") as file:
            file.seek(_HEAD_LENGTH + number * size)
            return self.opened(number, file.read(size))


def _names(name: str) -> frozenset[str]:
    """Return what lies in a replica's folder when its file has this name."""
    return frozenset({"current", f"{name}.key", f"{name}.links"})


def highest_epoch(records: bytes) -> int:
    """Return the epoch of the link that was moved furthest, 0 without any."""
    high, low = max(
        zip(records[12::RECORD_LENGTH], records[13::RECORD_LENGTH], strict=True), default=(0, 0)
    )
    return high << 8 | low


def record(number: str, link: Link) -> bytes:
    """Return the record of a card's link. Source: docs/reference/formats.md, section 2."""
    return (
        number.encode("ascii")
        + bytes((len(link.key), 0))
        + link.epoch.to_bytes(2, "big")
        + link.key.ljust(32, b"\0")
        + b"\0\0"
    )


def parsed(records: bytes) -> Iterable[tuple[str, Link]]:
    """Yield the card number and link of each record."""
    for at in range(0, len(records), RECORD_LENGTH):
        one = records[at : at + RECORD_LENGTH]
        length = one[10]
        yield (
            one[:10].decode("ascii"),
            Link(int.from_bytes(one[12:14], "big"), one[14 : 14 + length]),
        )
