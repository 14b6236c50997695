"""
The sealed file of an auditor's package: a head for one key, the manifest, then piece after piece.

File = "despensa-audit-package/1" LF, u32 length of the head, head, u32 length of the sealed manifest,
sealed manifest, sealed chunks of every piece in the manifest's order. Head = DCBOR {0: 1, 1: package16,
2: H(recipient's key)[:8], 3: HPKE of the file key32 with info "despensa/audit-package/1" ‖ package16}.
Manifest and chunks = GCM(file key); nonce = piece u32 (0 the manifest) ‖ chunk u64; additional data =
"despensa/audit-chunk/1" ‖ H(first line ‖ head) ‖ piece u32 ‖ chunk u64 ‖ 1 for the last of its piece, else 0.
A chunk holds 1 MiB, the last of a piece what is left; an empty piece has one empty chunk. Whatever its
size, one chunk of it lies in memory. Source: docs/reference/formats.md section 18.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters import hpke
from despensa.domain.encoding import cose, dcbor
from despensa.domain.release.package import (
    MANIFEST_BYTES_MAX,
    MalformedManifest,
    Manifest,
    Piece,
    read_manifest,
)

CHUNK_BYTES = 1 << 20
_LINE = b"despensa-audit-package/1\n"
_INFO, _LABEL = b"despensa/audit-package/1", b"despensa/audit-chunk/1"
_HEAD_KEYS = frozenset(range(4))
_HEAD_BYTES_MAX = 1024
_TAG_LENGTH = 16
_KID_LENGTH = 8


class PackageDamaged(ValueError):
    """A package that does not open, or a piece of it that is not what was sealed; `piece` names it."""

    def __init__(self, piece: str, text: str) -> None:
        """Say which piece, and what about it."""
        super().__init__(text)
        self.piece = piece


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package whose manifest was opened; `signed` is the manifest as the authority signed it."""

    manifest: Manifest
    signed: bytes
    _file: BinaryIO
    _cipher: AESGCM
    _bound: bytes

    def unpack(self, folder: Path) -> dict[str, Path]:
        """
        Return the file of each piece, written below a folder, each as it was sealed.

        Raises: PackageDamaged naming the first piece that is not.
        """
        paths = {}
        for number, piece in enumerate(self.manifest.pieces, start=1):
            path = folder / piece.name
            digest = hashlib.sha256()
            with path.open("xb") as target:
                for plain in self._plain(number, piece):
                    digest.update(plain)
                    target.write(plain)
            if digest.digest() != piece.sha256:
                raise PackageDamaged(
                    piece.name, f"the piece {piece.name} is not the one its manifest names"
                )
            paths[piece.name] = path
        if self._file.read(1):
            raise PackageDamaged("end", "something follows after the last piece")
        return paths

    def _plain(self, number: int, piece: Piece) -> Iterator[bytes]:
        for chunk, size, is_last in _chunks(piece.length):
            sealed = self._file.read(size + _TAG_LENGTH)
            where = f"the piece {piece.name}, part {chunk + 1}"
            if len(sealed) < size + _TAG_LENGTH:
                raise PackageDamaged(piece.name, f"the package ends too early, in {where}")
            try:
                yield self._cipher.decrypt(
                    _nonce(number, chunk),
                    sealed,
                    _place(self._bound, number, chunk, is_last=is_last),
                )
            except InvalidTag as error:
                raise PackageDamaged(
                    piece.name, f"{where}, is not what was sealed: a byte of it was changed"
                ) from error


def write_package(
    path: Path,
    *,
    package: bytes,
    recipient_key: bytes,
    signed_manifest: bytes,
    pieces: Sequence[tuple[int, Iterable[bytes]]],
    random: Callable[[int], bytes],
) -> tuple[bytes, int]:
    """
    Write a package and return (SHA-256, length) of its file; a crash leaves none, or a whole one.

    `pieces` are (length, parts of the content) in the manifest's order.
    Raises: ValueError when the key is no usable X25519 point, or a piece has another length.
    """
    key = random(32)
    head = dcbor.encode(
        {
            0: 1,
            1: package,
            2: _kid(recipient_key),
            3: hpke.seal(recipient_key, key, _INFO + package),
        }
    )
    bound, cipher = hashlib.sha256(_LINE + head).digest(), AESGCM(key)
    manifest = cipher.encrypt(_nonce(0, 0), signed_manifest, _place(bound, 0, 0, is_last=True))
    with _written_aside(path) as target:
        put = _Hashed(target)
        put.write(_LINE + _u32(len(head)) + head + _u32(len(manifest)) + manifest)
        for number, (length, parts) in enumerate(pieces, start=1):
            rest = _Parts(parts)
            for chunk, size, is_last in _chunks(length):
                plain = rest.read(size)
                if len(plain) != size or (is_last and rest.read(1)):
                    raise ValueError("a piece of the package has another length than it said")
                place = _place(bound, number, chunk, is_last=is_last)
                put.write(cipher.encrypt(_nonce(number, chunk), plain, place))
    return put.digest.digest(), put.length


def opened_package(file: BinaryIO, private_key: bytes) -> OpenedPackage:
    """
    Return an opened package: its head fits the key and its manifest is what was sealed.

    Raises: PackageDamaged.
    """
    if file.read(len(_LINE)) != _LINE:
        raise PackageDamaged("head", "this file is no package of Despensa, or not of this version")
    head = _counted(file, _HEAD_BYTES_MAX, "head")
    bound = hashlib.sha256(_LINE + head).digest()
    try:
        fields = dcbor.decode_map(head, allowed=_HEAD_KEYS)
        package, kid, wrapped = (bytes(fields[key]) for key in (1, 2, 3))
    except (dcbor.EncodingError, KeyError, TypeError) as error:
        raise PackageDamaged("head", "the head of the package cannot be read") from error
    own = X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
    if kid != _kid(own):
        raise PackageDamaged(
            "head", "the package is sealed to another key than this one, or its head was changed"
        )
    try:
        cipher = AESGCM(hpke.open_sealed(private_key, wrapped, _INFO + package))
    except (hpke.SealBroken, ValueError) as error:
        raise PackageDamaged("head", "the head of the package was changed") from error
    sealed = _counted(file, MANIFEST_BYTES_MAX, "manifest")
    try:
        signed = cipher.decrypt(_nonce(0, 0), sealed, _place(bound, 0, 0, is_last=True))
        manifest = read_manifest(signed, None)
    except InvalidTag as error:
        raise PackageDamaged(
            "manifest", "the manifest, or the head before it, is not what was sealed"
        ) from error
    except (MalformedManifest, cose.MalformedSignature) as error:
        raise PackageDamaged("manifest", str(error)) from error
    return OpenedPackage(manifest, signed, file, cipher, bound)


class _Hashed:
    """Counts and hashes what is written."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.length = 0

    def write(self, data: bytes) -> None:
        self._target.write(data)
        self.digest.update(data)
        self.length += len(data)


class _Parts:
    """Parts of any size, read in pieces of a wanted size."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._rest = iter(parts)
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._waiting) < size:
            part = next(self._rest, None)
            if part is None:
                break
            self._waiting += part
        given = bytes(self._waiting[:size])
        del self._waiting[:size]
        return given


def _chunks(length: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (number, size, whether it is the last) of the chunks of a piece."""
    count = max(1, -(-length // CHUNK_BYTES))
    for chunk in range(count):
        is_last = chunk == count - 1
        yield chunk, length - chunk * CHUNK_BYTES if is_last else CHUNK_BYTES, is_last


def _counted(file: BinaryIO, most: int, piece: str) -> bytes:
    length = int.from_bytes(file.read(4), "big")
    data = file.read(length) if 0 < length <= most else b""
    if not data or len(data) != length:
        raise PackageDamaged(piece, f"the {piece} of the package was changed, or cut short")
    return data


@contextmanager
def _written_aside(path: Path) -> Iterator[BinaryIO]:
    """Yield a file of mode 0600 that takes the place of `path` when it was written whole."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _kid(public_key: bytes) -> bytes:
    return hashlib.sha256(public_key).digest()[:_KID_LENGTH]


def _nonce(piece: int, chunk: int) -> bytes:
    return _u32(piece) + chunk.to_bytes(8, "big")


def _place(bound: bytes, piece: int, chunk: int, *, is_last: bool) -> bytes:
    return _LABEL + bound + _nonce(piece, chunk) + bytes((is_last,))


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")
