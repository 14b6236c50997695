"""Signing keys of the office and the log, and the inbox phones seal to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.adapters import hpke
from despensa.adapters.keeper import key_files
from despensa.domain.encoding import cose
from despensa.domain.ports.keeper import PublicKeys

# Each label belongs to one use of the authority key; a new use is added here on purpose.
AUTHORITY_LABELS = frozenset(
    {
        b"despensa/approval/1",
        b"despensa/device/1",
        b"despensa/lease/1",
        b"despensa/slip/1",
        b"despensa/receipt/1",
        b"despensa/decision-slip/1",
        b"despensa/audit-package/1",
    }
)
CHUNK_LABEL = b"despensa/chunk/1"
# the first line of what domain.partner.envelope signs
ANSWER_START = b"(created): "


class LabelRefused(ValueError):
    """The key does not sign for this use."""


class Signing:
    """Holds the private halves; implements `ports.keeper.Signatory`."""

    def __init__(self, folder: Path, random: Callable[[int], bytes]) -> None:
        """Open the keys, making them on first use."""

        def signing_key(name: str) -> Ed25519PrivateKey:
            seed = key_files.read_or_make(folder / f"{name}.key", random)
            return Ed25519PrivateKey.from_private_bytes(seed)

        self.issuer = signing_key("issuer")
        self._authority = signing_key("authority")
        self._log = signing_key("log")
        self._answers = signing_key("answers")
        self._inbox = key_files.read_or_make(folder / "inbox.key", random)
        self._office = key_files.read_or_make(folder / "office.key", random)

    def public_keys(self) -> PublicKeys:
        """Return the public halves of the keys in use."""
        return PublicKeys(
            issuer=self.issuer.public_key().public_bytes_raw(),
            authority=self._authority.public_key().public_bytes_raw(),
            log=self._log.public_key().public_bytes_raw(),
            inbox=_x25519_public(self._inbox),
            office=_x25519_public(self._office),
            answers=self._answers.public_key().public_bytes_raw(),
        )

    def sign(self, payload: dict[int, Any], *, label: bytes) -> bytes:
        """
        Return a COSE_Sign1 of the authority key over the payload for this label.

        Raises: LabelRefused when the label is of another key's use.
        """
        if label not in AUTHORITY_LABELS:
            raise LabelRefused(f"the authority key does not sign for {label.decode()}")
        return cose.sign(
            payload,
            label=label,
            public_key=self._authority.public_key().public_bytes_raw(),
            signer=self._authority.sign,
        )

    def sign_bytes(self, message: bytes) -> bytes:
        """
        Return the authority's bare signature over a chunk statement.

        Raises: LabelRefused when the message is no chunk statement.
        """
        if not message.startswith(CHUNK_LABEL):
            raise LabelRefused("only chunk statements are signed bare")
        return self._authority.sign(message)

    def sign_log(self, message: bytes) -> bytes:
        """Return the log key's signature over a checkpoint text."""
        return self._log.sign(message)

    def sign_answer(self, message: bytes) -> bytes:
        """
        Return the answers key's signature over the signing text of a partner's answer.

        Raises: LabelRefused when the message is no such text.
        """
        if not message.startswith(ANSWER_START):
            raise LabelRefused("only answers to partners are signed with this key")
        return self._answers.sign(message)

    def open_inbox(self, sealed: bytes, *, info: bytes) -> bytes:
        """Return what a phone sealed to the inbox key."""
        return hpke.open_sealed(self._inbox, sealed, info)


def _x25519_public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
