"""
The sealed list that says which household stands in which frozen row; it never enters the rows.

Shape: chunks of 4,096 household ids (16 bytes each, in row order), each AES-256-GCM with tag; nonce
u96 = chunk number; AD "despensa/frozen-map/1" || cycle16 || chunk u32 || chunks u32. The key is
fresh for every file. Source: docs/reference/formats.md section 2 (link records), same pattern.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain.ports.engine import EngineError

IDS_PER_CHUNK = 4_096
ID_LENGTH = 16
_TAG_LENGTH = 16
_LABEL = b"despensa/frozen-map/1"


def chunk_count(rows: int) -> int:
    """Return how many chunks hold so many ids."""
    return -(-rows // IDS_PER_CHUNK)


def write_map(path: Path, chunks: Iterable[bytes], rows: int, cycle: bytes, key: bytes) -> None:
    """Seal joined household ids, one chunk after another, into a file."""
    cipher, count = AESGCM(key), chunk_count(rows)
    with path.open("wb") as file:
        for number, chunk in enumerate(chunks):
            file.write(cipher.encrypt(_nonce(number), chunk, _bound(cycle, number, count)))


def read_map(path: Path, rows: int, cycle: bytes, key: bytes) -> Iterator[bytes]:
    """
    Yield the joined household ids of each chunk in order.

    Raises: EngineError when the key is another one or the file was cut or changed.
    """
    cipher, count = AESGCM(key), chunk_count(rows)
    try:
        with path.open("rb") as file:
            for number in range(count):
                length = min(IDS_PER_CHUNK, rows - number * IDS_PER_CHUNK) * ID_LENGTH
                sealed = file.read(length + _TAG_LENGTH)
                yield cipher.decrypt(_nonce(number), sealed, _bound(cycle, number, count))
    except InvalidTag as error:
        message = f"{path} does not open: another key, or the file was changed; restore it"
        raise EngineError(message) from error


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound(cycle: bytes, number: int, count: int) -> bytes:
    return _LABEL + cycle + number.to_bytes(4, "big") + count.to_bytes(4, "big")
