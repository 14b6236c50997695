from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.adapters.log_storage import LogFiles
from despensa.domain.transparency import checkpoint

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
VKEY = checkpoint.vkey("example.org/log", KEY.public_key().public_bytes_raw())


class SignedWith:
    """The log's key, remembering every checkpoint text it signed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, message: bytes) -> bytes:
        self.texts.append(message.decode())
        return KEY.sign(message)

    def assert_one_root_a_size(self) -> None:
        roots: dict[int, bytes] = {}
        for text in self.texts:
            seen = checkpoint.parse_text(text)
            assert roots.setdefault(seen.size, seen.root) == seen.root


@pytest.fixture
def sign() -> SignedWith:
    return SignedWith()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def log(folder: Path) -> LogFiles:
    return LogFiles(folder, VKEY)


@pytest.fixture
def leaves() -> Callable[[int, int], list[bytes]]:
    return lambda first, end: [b"leaf %d" % number for number in range(first, end)]
