"""
A token or hardware module that opens the start: its private key never leaves it (PKCS#11).

`start.token` holds the identity of the start, encrypted to the RSA key of the token that has the
wanted label. The extra `despensa[pkcs11]` brings the library; the module is the maker's.
Source: RFC 8017, section 7.1 (RSAES-OAEP with SHA-1, what every module can do); PKCS#11 2.40.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from despensa.adapters.keeper import key_files

TOKEN_FILE = "start.token"  # noqa: S105  (the name of a file)
BITS_MIN = 2048


class TokenRefused(RuntimeError):
    """The token is not there, its PIN is wrong, or it opens nothing: the text says which."""


@dataclass(frozen=True, slots=True)
class Token:
    """A key of a token: the maker's module, the token's label, and the label of the key."""

    module: Path
    label: str
    key: str

    def opened(self, folder: Path, pin: str) -> str:
        """Return the identity of the start. Raises: TokenRefused."""
        path = folder / TOKEN_FILE
        if not path.exists():
            raise TokenRefused(f"{path} is missing: nothing in the folder is meant for a token.")
        library = _library()
        try:
            with self._found(library).open(user_pin=pin) as session:
                key = session.get_key(object_class=library.ObjectClass.PRIVATE_KEY, label=self.key)
                plain = key.decrypt(path.read_bytes(), mechanism=library.Mechanism.RSA_PKCS_OAEP)
        except library.exceptions.PKCS11Error as error:
            raise TokenRefused(_said(self, error)) from error
        return bytes(plain).decode()

    def keeps_in(self, folder: Path, pin: str) -> Callable[[str], None]:
        """
        Return what puts the identity of the start into the folder, for this token alone.

        Raises: TokenRefused, before anything is changed.
        """
        library = _library()
        try:
            with self._found(library).open(user_pin=pin) as session:
                key = session.get_key(object_class=library.ObjectClass.PUBLIC_KEY, label=self.key)
                modulus = int.from_bytes(key[library.Attribute.MODULUS], "big")
                exponent = int.from_bytes(key[library.Attribute.PUBLIC_EXPONENT], "big")
        except library.exceptions.PKCS11Error as error:
            raise TokenRefused(_said(self, error)) from error
        if modulus.bit_length() < BITS_MIN:
            raise TokenRefused(f"The key {self.key} has fewer than {BITS_MIN} bits: make another.")
        public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        # SHA-1 as RFC 8017 names it by default: OAEP does not rest on its collisions
        wrapped = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303
        return lambda identity: key_files.write(
            folder / TOKEN_FILE, public.encrypt(identity.encode(), wrapped)
        )

    def _found(self, library: Any) -> Any:
        try:
            return library.lib(str(self.module)).get_token(token_label=self.label)
        except library.exceptions.PKCS11Error as error:
            raise TokenRefused(_said(self, error)) from error


def token_of(text: str) -> Token:
    """Return the token of MODULE:TOKEN:KEY. Raises: TokenRefused."""
    parts = text.rsplit(":", 2)
    if len(parts) != 3 or not all(parts):
        raise TokenRefused("Name a token as MODULE:TOKEN:KEY, the module's file and two labels.")
    return Token(Path(parts[0]), parts[1], parts[2])


def _library() -> Any:
    try:
        import pkcs11
        import pkcs11.exceptions
    except ImportError as error:
        raise TokenRefused(
            "Tokens need the extra pkcs11: pip install 'despensa[pkcs11]'."
        ) from error
    return pkcs11


def _said(token: Token, error: Exception) -> str:
    return (
        f"The token {token.label} does not open the keys with its key {token.key} "
        f"({type(error).__name__}). See that it is plugged in, and that the PIN is right."
    )
