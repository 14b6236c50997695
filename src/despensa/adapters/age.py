"""
Files that named people can open: the age format, so that any age program opens them as well.

Source: https://age-encryption.org/v1 (C2SP age); the work is done by pyrage.
"""

from collections.abc import Sequence
from pathlib import Path

import pyrage

IDENTITY_PREFIX = "AGE-SECRET-KEY-"


class AgeRefused(ValueError):
    """A file, a public key or an identity of age is not what it should be: the text says how."""


def new_identity() -> tuple[str, str]:
    """Return a fresh identity (AGE-SECRET-KEY-1...) and its public key (age1...)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def require_public(text: str) -> str:
    """Return the text of a public key. Raises: AgeRefused."""
    return str(_recipient(text))


def seal_to(plain: bytes, public_keys: Sequence[str]) -> bytes:
    """Return an age file in text form; the owner of any of the keys opens it alone."""
    return bytes(pyrage.encrypt(plain, [_recipient(one) for one in public_keys], armored=True))


def seal_file_to(source: Path, target: Path, public_keys: Sequence[str]) -> None:
    """Seal a whole file, however long, into another; the owner of any of the keys opens it alone."""
    pyrage.encrypt_file(str(source), str(target), [_recipient(one) for one in public_keys])


def open_with(sealed: bytes, identity: str) -> bytes:
    """Return what an age file holds. Raises: AgeRefused."""
    try:
        return bytes(pyrage.decrypt(sealed, [_identity(identity)]))
    except pyrage.DecryptError as error:
        raise AgeRefused(
            "This key does not open the file: it was made for other people, or it is damaged."
        ) from error


def seal_under(plain: bytes, passphrase: str) -> bytes:
    """Return an age file that the passphrase opens."""
    return bytes(pyrage.passphrase.encrypt(plain, passphrase))


def open_under(sealed: bytes, passphrase: str) -> bytes:
    """Return what an age file under a passphrase holds. Raises: AgeRefused."""
    try:
        return bytes(pyrage.passphrase.decrypt(sealed, passphrase))
    except pyrage.DecryptError as error:
        raise AgeRefused("The passphrase does not open the file.") from error


def _identity(text: str) -> pyrage.x25519.Identity:
    for line in text.splitlines():
        if line.startswith(IDENTITY_PREFIX):
            try:
                return pyrage.x25519.Identity.from_str(line.strip())
            except pyrage.IdentityError as error:
                raise AgeRefused("This is no age identity: a sign of it is wrong.") from error
    raise AgeRefused(f"No line begins with {IDENTITY_PREFIX}: this is no age identity.")


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise AgeRefused(
            f"{text[:80]} is no public key of age: it begins with age1 and has 62 signs. "
            "age-keygen -y prints it."
        ) from error
