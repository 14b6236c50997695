"""
Files that wait for approval, sealed part by part, so that none ever lies in memory whole.

Source: docs/reference/formats.md, section 9.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.domain import sealing
from despensa.domain.ports.keeper import StagedFileDamaged, StagedFileStands

PART_BYTES_MAX = 1 << 30
_LABEL, _BESIDE = b"despensa/staging/2", b"despensa/staging-beside/1"
_LENGTH = 4
_DESTROYED = 17
_MORE, _LAST = b"\0", b"\1"
_DAMAGED = "The staged file is damaged. Refuse this proposal and stage the file again."


class SealedFiles:
    """Files each sealed under a key of its own, by the id of a proposal."""

    def __init__(
        self, keys: Path, folder: Path, random: Callable[[int], bytes], *, files: KeyFiles
    ) -> None:
        """Use `keys` for one key a proposal and `folder` for the sealed files."""
        self._keys, self._files = keys, files
        self._folder = folder
        self._random = random

    def seal(self, proposal: bytes, content: bytes) -> None:
        """Store the content sealed, under the proposal's id."""
        self.seal_parts(proposal, [content])

    def seal_parts(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """
        Store content that is made part by part, sealed; a crash leaves all of it or nothing.

        Holds: the key is fresh for the file and seals each number once; the last part says so.
        """
        self.remove(proposal)
        self._seal(self._key(proposal), self._file(proposal), _LABEL + proposal, parts)

    def seal_beside(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """Store more that belongs to the proposal and goes with it, under a key of its own."""
        key, file = self._beside(proposal)
        key_files.destroy(key)
        self._seal(key, file, _BESIDE + proposal, parts)

    def _seal(self, key: Path, file_path: Path, place: bytes, parts: Iterable[bytes]) -> None:
        cipher = AESGCM(self._files.read_or_make(key, self._random))
        with key_files.written_aside(file_path) as file:
            rest = iter(parts)
            part, number = next(rest, b""), 0
            for following in rest:
                _write(file, cipher, number, part, place + _MORE)
                part, number = following, number + 1
            _write(file, cipher, number, part, place + _LAST)

    def open(self, proposal: bytes) -> bytes:
        """
        Return the whole content.

        Raises: FileNotFoundError when it was destroyed; StagedFileDamaged.
        """
        return b"".join(self.open_parts(proposal))

    def open_parts(self, proposal: bytes) -> Iterator[bytes]:
        """
        Yield the parts of the content, each only once it is proved to be the one that was sealed.

        Raises: as `open`, also after some parts when a later one is damaged or missing.
        """
        yield from self._opened(self._key(proposal), self._file(proposal), _LABEL + proposal)

    def open_beside(self, proposal: bytes) -> Iterator[bytes]:
        """Yield the parts of what lies beside. Raises: as `open`, at any part."""
        yield from self._opened(*self._beside(proposal), _BESIDE + proposal)

    def _opened(self, key: Path, file_path: Path, label: bytes) -> Iterator[bytes]:
        with file_path.open("rb") as file:
            cipher = AESGCM(self._files.read(key))
            size = os.fstat(file.fileno()).st_size
            number, is_last = 0, False
            while not is_last:
                length = int.from_bytes(file.read(_LENGTH), "big")
                if not 0 < length <= PART_BYTES_MAX:
                    raise StagedFileDamaged(_DAMAGED)
                sealed = file.read(length)
                is_last = file.tell() == size
                place = label + (_LAST if is_last else _MORE)
                try:
                    yield cipher.decrypt(_nonce(number), sealed, place)
                except (InvalidTag, ValueError) as error:
                    raise StagedFileDamaged(_DAMAGED) from error
                number += 1

    def remove(self, proposal: bytes) -> None:
        """Destroy key and file, and what lies beside; again is nothing."""
        own = (self._key(proposal), self._file(proposal))
        for key, file in (own, self._beside(proposal)):
            key_files.destroy(key)
            file.unlink(missing_ok=True)

    def holds(self, proposal: bytes) -> bool:
        """Return whether anything of a proposal is left, if only its key."""
        return self._key(proposal).exists() or self._file(proposal).exists()

    def _key(self, proposal: bytes) -> Path:
        return self._keys / f"{proposal.hex()}.key"

    def _file(self, proposal: bytes) -> Path:
        return self._folder / f"{proposal.hex()}.sealed"

    def _beside(self, proposal: bytes) -> tuple[Path, Path]:
        name = proposal.hex()
        return self._keys / f"{name}.beside-key", self._folder / f"{name}.beside"


class Staging(SealedFiles):
    """Files that wait for approval; implements `ports.keeper.StagingVault`."""

    def __init__(
        self,
        keys: Path,
        folder: Path,
        random: Callable[[int], bytes],
        *,
        files: KeyFiles,
        copy: OwnCopy,
    ) -> None:
        """Share the own copy, which says what was destroyed and when."""
        super().__init__(keys, folder, random, files=files)
        self._copy = copy

    def seal_parts(self, proposal: bytes, parts: Iterable[bytes]) -> None:
        """
        Store content that is made part by part, sealed; a crash leaves all of it or nothing.

        Raises: StagedFileStands when a file waits under this id: what two people look at is never
            exchanged, and nothing is destroyed without being written down.
        """
        if self._key(proposal).exists() and self._file(proposal).exists():
            raise StagedFileStands("A file waits under this id already: refuse it first.")
        super().seal_parts(proposal, parts)

    def destroy(self, proposal: bytes, *, at: int) -> None:
        """Destroy key and file, and what lies beside, and keep when; again is nothing."""
        if self.holds(proposal):
            self._copy.append({0: _DESTROYED, 1: proposal, 2: at})
        self.remove(proposal)


def _write(file: BinaryIO, cipher: AESGCM, number: int, part: bytes, place: bytes) -> None:
    sealed = cipher.encrypt(_nonce(number), part, place)
    if len(sealed) > PART_BYTES_MAX:
        raise ValueError("a part of a staged file is too long")
    file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)


def _nonce(number: int) -> bytes:
    return number.to_bytes(sealing.NONCE_LENGTH, "big")
