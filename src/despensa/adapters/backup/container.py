"""
The backup file: a stream in chunks under a random key, which a passphrase wraps.

File = "despensa-backup/1" LF, u32 length of the head, head, chunks. Head = DCBOR {0: 1, 1: salt16,
2: log2 of scrypt's n, 3: nonce12, 4: GCM(scrypt key, file key32)} with the first line as additional
data. Chunk = u32 length, GCM(file key); nonce u96 number, additional data "despensa/backup-chunk/1",
H(line, head), number u64, 1 for the last and 0 otherwise. Plain chunks hold 1 MiB, the last less.
Source: RFC 7914 (scrypt); NIST SP 800-38D (GCM); docs/explanation/design.md, section 10.
"""

import hashlib
from collections.abc import Callable
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from despensa.domain.encoding import dcbor

CHUNK_BYTES = 1 << 20
# about half a second and 128 MiB on an ordinary machine
SCRYPT_LOG_N = 17
SCRYPT_LOG_N_MAX = 20
_LINE = b"despensa-backup/1\n"
_LABEL = b"despensa/backup-chunk/1"
_HEAD_KEYS = frozenset(range(5))
_HEAD_BYTES_MAX = 4096
_TAG_LENGTH = 16


class BackupError(RuntimeError):
    """A backup cannot be made or used; the text says why and what to do."""


class Sealer:
    """A writable stream that leaves only sealed chunks in `file`; `close` writes the last one."""

    def __init__(
        self,
        file: BinaryIO,
        passphrase: str,
        *,
        random: Callable[[int], bytes],
        log_n: int = SCRYPT_LOG_N,
    ) -> None:
        """Write the head."""
        salt, nonce, key = random(16), random(12), random(32)
        wrapped = AESGCM(_wrapping_key(passphrase, salt, log_n)).encrypt(nonce, key, _LINE)
        head = dcbor.encode({0: 1, 1: salt, 2: log_n, 3: nonce, 4: wrapped})
        file.write(_LINE + len(head).to_bytes(4, "big") + head)
        self._file = file
        self._cipher = AESGCM(key)
        self._bound = hashlib.sha256(_LINE + head).digest()
        self._number = 0
        self._waiting = bytearray()
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Take plain bytes."""
        self._digest.update(data)
        self._waiting += data
        while len(self._waiting) >= CHUNK_BYTES:
            self._put(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(data)

    def close(self) -> bytes:
        """Write the last chunk and return the SHA-256 of everything that was taken."""
        self._put(bytes(self._waiting), is_last=True)
        return self._digest.digest()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(
            self._number.to_bytes(12, "big"),
            plain,
            _place(self._bound, self._number, is_last=is_last),
        )
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


class Opener:
    """
    A readable stream of what was sealed; nothing that does not belong to the file comes out.

    Raises: BackupError on a file of another kind, a wrong passphrase, a short or altered file.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        """Read the head and unwrap the key."""
        line, length = file.read(len(_LINE)), file.read(4)
        if line != _LINE:
            raise BackupError("This file is not a backup of Despensa, or not of this version.")
        size = int.from_bytes(length, "big")
        head = file.read(size) if 0 < size <= _HEAD_BYTES_MAX else b""
        try:
            fields = dcbor.decode_map(head, allowed=_HEAD_KEYS)
            version, salt, log_n, nonce, wrapped = (fields[key] for key in range(5))
            is_readable = version == 1 and 1 <= log_n <= SCRYPT_LOG_N_MAX
        except (dcbor.EncodingError, KeyError, TypeError) as error:
            raise BackupError(_DAMAGED.format(place="its head")) from error
        if not is_readable:
            raise BackupError("This backup was made by a newer Despensa. Install that one.")
        try:
            key = AESGCM(_wrapping_key(passphrase, salt, log_n)).decrypt(nonce, wrapped, _LINE)
        except (InvalidTag, ValueError, TypeError) as error:
            raise BackupError("The passphrase does not open this backup.") from error
        self._file = file
        self._cipher = AESGCM(key)
        self._bound = hashlib.sha256(line + head).digest()
        self._number = 0
        self._waiting = bytearray()
        self._is_ended = False
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        while len(self._waiting) < size and not self._is_ended:
            self._take()
        given = bytes(self._waiting[:size])
        del self._waiting[:size]
        self._digest.update(given)
        return given

    def finish(self) -> bytes:
        """Read the rest and return the SHA-256 of everything."""
        while self.read(CHUNK_BYTES):
            pass
        return self._digest.digest()

    def _take(self) -> None:
        place = f"chunk {self._number + 1}"
        head = self._file.read(4)
        length = int.from_bytes(head, "big")
        if len(head) < 4:
            raise BackupError(_SHORT)
        if not _TAG_LENGTH <= length <= CHUNK_BYTES + _TAG_LENGTH:
            raise BackupError(_DAMAGED.format(place=place))
        sealed = self._file.read(length)
        if len(sealed) < length:
            raise BackupError(_SHORT)
        # only the last chunk is shorter than a whole one
        is_last = length < CHUNK_BYTES + _TAG_LENGTH
        try:
            plain = self._cipher.decrypt(
                self._number.to_bytes(12, "big"),
                sealed,
                _place(self._bound, self._number, is_last=is_last),
            )
        except InvalidTag as error:
            raise BackupError(_DAMAGED.format(place=place)) from error
        self._number += 1
        self._waiting += plain
        self._is_ended = is_last
        if is_last and self._file.read(1):
            raise BackupError(_DAMAGED.format(place="its end"))


_SHORT = "The backup ends too early: the copy is not complete. Copy it again or use another one."
_DAMAGED = "The backup is damaged at {place}. Copy it again or use another one."


def _wrapping_key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << log_n, r=8, p=1).derive(passphrase.encode())


def _place(bound: bytes, number: int, *, is_last: bool) -> bytes:
    return _LABEL + bound + number.to_bytes(8, "big") + bytes((is_last,))
