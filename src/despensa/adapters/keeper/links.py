"""
Link files: the current link of every card, encrypted, in two replicas.

A file is rewritten whole under a fresh key and the old key and file are destroyed, so that links
of past steps are gone. Link keys are never part of a backup.
Source: docs/reference/formats.md, section 2 (link record); docs/explanation/design.md, section 6.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters.keeper import key_files
from despensa.domain.card.tag import Link

RECORD_LENGTH = 48
CHUNK_RECORDS = 4096
FILE_ID_LENGTH = 16
_LABEL = b"despensa/links/1"
_TAG_LENGTH = 16
_HEAD_LENGTH = FILE_ID_LENGTH + 4
REPLICAS = ("a", "b")


class LinksDamaged(RuntimeError):
    """Neither replica of the link file opens."""


class LinkFile:
    """The links of all usable cards by card number."""

    def __init__(self, folder: Path, *, workspace: bytes, random: Callable[[int], bytes]) -> None:
        """Use two replica folders below `folder`."""
        self._folder = folder
        self._workspace = workspace
        self._random = random

    def load(self) -> dict[str, Link]:
        """
        Return every link, from the first replica that opens.

        Raises: LinksDamaged when files exist and none opens.
        """
        damaged = False
        for replica in REPLICAS:
            current = self._folder / replica / "current"
            if not current.exists():
                continue
            try:
                return self._read(self._folder / replica, current.read_text().strip())
            except (InvalidTag, OSError, ValueError):
                damaged = True
        if damaged:
            raise LinksDamaged(
                "Neither copy of the link file opens. Open cycles go on from their stored tags; "
                "cards are registered again by scanning them."
            )
        return {}

    def is_readable(self, replica: str) -> bool:
        """Return whether one of the two copies exists and opens."""
        folder = self._folder / replica
        try:
            self._read(folder, (folder / "current").read_text().strip())
        except (InvalidTag, OSError, ValueError):
            return False
        return True

    def store(self, links: Mapping[str, Link]) -> None:
        """Replace the links in both replicas, then destroy what was there before."""
        records = b"".join(_records(sorted(links.items())))
        for replica in REPLICAS:
            folder = self._folder / replica
            file_id = self._random(FILE_ID_LENGTH)
            key = self._random(key_files.SECRET_LENGTH)
            name = file_id.hex()
            key_files.write(folder / f"{name}.key", key)
            key_files.write(folder / f"{name}.links", self._sealed(records, file_id, key))
            key_files.write(folder / "current", name.encode())
            for old in folder.glob("*.key"):
                if old.stem != name:
                    key_files.destroy(old)
            for old in folder.glob("*.links"):
                if old.stem != name:
                    old.unlink()

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

    def _read(self, folder: Path, name: str) -> dict[str, Link]:
        data = (folder / f"{name}.links").read_bytes()
        cipher = AESGCM(key_files.read(folder / f"{name}.key"))
        file_id, chunks = data[:FILE_ID_LENGTH], int.from_bytes(data[16:_HEAD_LENGTH], "big")
        if file_id.hex() != name or not chunks:
            raise ValueError("a link file that was cut short, or lies under another name")
        size = RECORD_LENGTH * CHUNK_RECORDS + _TAG_LENGTH
        links: dict[str, Link] = {}
        for number in range(chunks):
            start = _HEAD_LENGTH + number * size
            opened = cipher.decrypt(
                number.to_bytes(12, "big"),
                data[start : start + size],
                self._place(file_id, number, chunks),
            )
            links.update(_parsed(opened))
        return links

    def _place(self, file_id: bytes, chunk: int, chunks: int) -> bytes:
        return (
            _LABEL
            + self._workspace
            + file_id
            + chunk.to_bytes(4, "big")
            + chunks.to_bytes(4, "big")
        )


def _records(links: Iterable[tuple[str, Link]]) -> Iterable[bytes]:
    for number, link in links:
        yield (
            number.encode("ascii")
            + bytes((len(link.key), 0))
            + link.epoch.to_bytes(2, "big")
            + link.key.ljust(32, b"\0")
            + b"\0\0"
        )


def _parsed(records: bytes) -> Iterable[tuple[str, Link]]:
    for at in range(0, len(records), RECORD_LENGTH):
        record = records[at : at + RECORD_LENGTH]
        length = record[10]
        yield (
            record[:10].decode("ascii"),
            Link(int.from_bytes(record[12:14], "big"), record[14 : 14 + length]),
        )
