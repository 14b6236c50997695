"""
What a demo phone is: its two private keys, its certificate and whom it trusts.

The keys lie in files of the server (protection 3, server-held demo) that only their owner may
read; a real phone makes its own. Source: docs/reference/formats.md section 3.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.domain.device import DeviceCertificate, verify_certificate
from despensa.domain.encoding import cose, dcbor

_KEYS_FILE = "device.keys"
_TRUST_FILE = "trust.cbor"
_KEY_LENGTH = 32
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What the authority certifies: raw Ed25519 and X25519 public keys."""

    signing: bytes
    sealing: bytes


@dataclass(frozen=True, slots=True)
class Trust:
    """The phone's certificate, the keys of authority and issuers, the server's inbox key."""

    certificate_data: bytes
    certificate: DeviceCertificate
    authority_keys: dict[bytes, bytes]
    inbox_key: bytes
    issuer_keys: dict[bytes, bytes]


class DeviceKeys:
    """The private keys of one phone, read from its folder."""

    def __init__(self, folder: Path) -> None:
        data = (folder / _KEYS_FILE).read_bytes()
        self.device_id = data[:_ID_LENGTH]
        self._signing = Ed25519PrivateKey.from_private_bytes(data[_ID_LENGTH:][:_KEY_LENGTH])
        self.sealing_private = data[_ID_LENGTH + _KEY_LENGTH :]
        sealing = X25519PrivateKey.from_private_bytes(self.sealing_private)
        self.public = PublicKeys(
            self._signing.public_key().public_bytes_raw(), sealing.public_key().public_bytes_raw()
        )

    def sign(self, data: bytes) -> bytes:
        """Return the raw Ed25519 signature over bytes."""
        return self._signing.sign(data)


def create_keys(folder: Path, device_id: bytes) -> None:
    """
    Write a new phone's keys into its folder.

    Raises: FileExistsError when the folder already is a phone.
    """
    if len(device_id) != _ID_LENGTH:
        raise ValueError("a device id has 16 bytes")
    signing = Ed25519PrivateKey.generate().private_bytes_raw()
    sealing = X25519PrivateKey.generate().private_bytes_raw()
    write_new(folder / _KEYS_FILE, device_id + signing + sealing)


def has_keys(folder: Path) -> bool:
    """Return whether a folder is a phone."""
    return (folder / _KEYS_FILE).exists()


def write_trust(
    folder: Path,
    certificate: bytes,
    *,
    authority_keys: Sequence[bytes],
    inbox_key: bytes,
    issuer_keys: Sequence[bytes],
) -> None:
    """Write whom the phone trusts; the caller has checked the certificate."""
    fields = {
        0: 1,
        1: certificate,
        2: list(authority_keys),
        3: inbox_key,
        4: list(issuer_keys),
    }
    write_atomically(folder / _TRUST_FILE, dcbor.encode(fields))


def read_trust(folder: Path) -> Trust | None:
    """
    Return whom the phone trusts, or None before it was installed.

    Raises: cose.MalformedSignature, cose.UnknownKey, cose.BadSignature.
    """
    path = folder / _TRUST_FILE
    if not path.exists():
        return None
    fields = dcbor.decode(path.read_bytes())
    keys = key_ring(fields[2])
    certificate = verify_certificate(fields[1], authority_keys=keys)
    return Trust(fields[1], certificate, keys, fields[3], key_ring(fields[4]))


def key_ring(public_keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return raw public keys by their key ids."""
    return {cose.key_id(public): public for public in public_keys}


def write_new(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read and that did not exist before, durably."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: Path, data: bytes) -> None:
    """
    Replace a file that only its owner may read: old or new content after a crash, never half.

    After a power cut the old content may be back; callers must be able to live with that.
    """
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    write_new(new, data)
    new.replace(path)
