"""Signing keys of the office and the log, and the inbox phones seal to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.adapters import hpke
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.domain.encoding import cose, dcbor, p256
from despensa.domain.pin_code import LABEL as PIN_LABEL
from despensa.domain.ports.keeper import PublicKeys
from despensa.domain.proposal import APPROVAL_LABEL

# Each label belongs to one use of the authority key; a new use is added here on purpose.
AUTHORITY_LABELS = frozenset(
    {
        APPROVAL_LABEL,
        PIN_LABEL,
        b"despensa/device/1",
        b"despensa/lease/1",
        b"despensa/slip/1",
        b"despensa/receipt/1",
        b"despensa/decision-slip/1",
        b"despensa/audit-package/1",
    }
)
CHUNK_LABEL = b"despensa/chunk/1"
_APPROVED = 7
# hash of the proposal, approver, kind, time
_OF_AN_APPROVAL = (1, 2, 3, 4)
# the first line of what domain.partner.envelope signs
ANSWER_START = b"(created): "


_ED25519 = ("issuer", "authority", "log", "answers")
# ES256 over P-256, which wallets ask for
_P256 = "wallet"
# the public halves of keys that were exchanged
FORMER = "former-keys"
# the log's key before the one in use: it signs beside it, for whoever knows the log by it
LOG_BEFORE = "log-before.key"


class LabelRefused(ValueError):
    """The key does not sign for this use."""


class Signing:
    """Holds the private halves; implements `ports.keeper.Signatory`."""

    def __init__(
        self, folder: Path, random: Callable[[int], bytes], *, copy: OwnCopy, files: KeyFiles
    ) -> None:
        """Open the keys, making them on first use; approvals are noted in `copy`."""
        self._folder, self._random, self._copy = folder, random, copy
        self._files = files
        self._read_from = self._stamp()
        self._keys, self._wallet, self._log_before = self._opened()
        self._inbox = self._files.read_or_make(folder / "inbox.key", random)
        self._office = self._files.read_or_make(folder / "office.key", random)

    @property
    def issuer(self) -> Ed25519PrivateKey:
        """Return the key that signs cards, as it is now."""
        return self._key("issuer")

    @property
    def wallet(self) -> EllipticCurvePrivateKey:
        """Return the key that signs identity cards in wallets, as it is now."""
        self._look_again()
        return self._wallet

    def public_keys(self) -> PublicKeys:
        """Return the public halves of the keys in use, and those before them."""
        former = {name: tuple(keys) for name, keys in self.former().items()}
        return PublicKeys(
            issuer=_public(self._key("issuer")),
            authority=_public(self._key("authority")),
            log=_public(self._key("log")),
            inbox=_x25519_public(self._inbox),
            office=_x25519_public(self._office),
            answers=_public(self._key("answers")),
            wallet=p256.public_bytes(self.wallet),
            former_issuers=former.get("issuer", ()),
            former_authorities=former.get("authority", ()),
            former_answers=former.get("answers", ()),
            former_wallets=former.get(_P256, ()),
            former_logs=former.get("log", ()),
        )

    def former(self) -> dict[str, list[bytes]]:
        """Return the public halves of keys that were exchanged, by name, newest first."""
        path = self._folder / FORMER
        found: dict[str, list[bytes]] = dcbor.decode(path.read_bytes()) if path.exists() else {}
        return found

    def _key(self, name: str) -> Ed25519PrivateKey:
        """Return a signing key as it is now."""
        self._look_again()
        return self._keys[name]

    def _look_again(self) -> None:
        """Read the keys anew when another process has exchanged one."""
        stamp = self._stamp()
        if stamp != self._read_from:
            (self._keys, self._wallet, self._log_before) = self._opened()
            self._read_from = stamp

    def _opened(
        self,
    ) -> tuple[dict[str, Ed25519PrivateKey], EllipticCurvePrivateKey, Ed25519PrivateKey | None]:
        secrets = {
            name: self._files.read_or_make(self._folder / f"{name}.key", self._random)
            for name in (*_ED25519, _P256)
        }
        keys = {name: Ed25519PrivateKey.from_private_bytes(secrets[name]) for name in _ED25519}
        before, place = None, self._folder / LOG_BEFORE
        if place.exists():
            before = Ed25519PrivateKey.from_private_bytes(self._files.read(place))
        return keys, p256.private_key(secrets[_P256]), before

    def _stamp(self) -> tuple[int, ...]:
        """Return what changes when a key file is put in another's place."""
        names = [*(f"{name}.key" for name in (*_ED25519, _P256)), LOG_BEFORE]
        places = [self._folder / name for name in names]
        return tuple(path.stat().st_ino if path.exists() else 0 for path in places)

    def sign(self, payload: dict[int, Any], *, label: bytes) -> bytes:
        """
        Return a COSE_Sign1 of the authority key over the payload for this label.

        An approval stands in the keeper's own copy before it is signed: one that was forged by
        whoever took the office over is there to be found.
        Raises: LabelRefused when the label is of another key's use.
        """
        if label not in AUTHORITY_LABELS:
            raise LabelRefused(f"the authority key does not sign for {label.decode()}")
        if label == APPROVAL_LABEL:
            self._copy.append({0: _APPROVED, **{key: payload[key] for key in _OF_AN_APPROVAL}})
        key = self._key("authority")
        return cose.sign(payload, label=label, public_key=_public(key), signer=key.sign)

    def sign_bytes(self, message: bytes) -> bytes:
        """
        Return the authority's bare signature over a chunk statement.

        Raises: LabelRefused when the message is no chunk statement.
        """
        if not message.startswith(CHUNK_LABEL):
            raise LabelRefused("only chunk statements are signed bare")
        return self._key("authority").sign(message)

    def sign_log(self, message: bytes) -> bytes:
        """Return the log key's signature over a checkpoint text."""
        return self._key("log").sign(message)

    def cosign_log(self, message: bytes) -> list[tuple[bytes, bytes]]:
        """Return (public key, signature) of the log key before the one in use, if there is one."""
        self._look_again()
        before = self._log_before
        return [] if before is None else [(_public(before), before.sign(message))]

    def sign_answer(self, message: bytes) -> bytes:
        """
        Return the answers key's signature over the signing text of a partner's answer.

        Raises: LabelRefused when the message is no such text.
        """
        if not message.startswith(ANSWER_START):
            raise LabelRefused("only answers to partners are signed with this key")
        return self._key("answers").sign(message)

    def open_inbox(self, sealed: bytes, *, info: bytes) -> bytes:
        """Return what a phone sealed to the inbox key."""
        return hpke.open_sealed(self._inbox, sealed, info)


def public_half(name: str, secret: bytes) -> bytes:
    """Return the public half of a signing key by its name."""
    if name == _P256:
        return p256.public_bytes(p256.private_key(secret))
    return _public(Ed25519PrivateKey.from_private_bytes(secret))


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _x25519_public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
