"""
What the vault does for files that come again: compares, makes tokens, seals anew; shows nothing.

Part of `Vault`, which has the keys.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from despensa.domain import sealing
from despensa.domain.matching.search_text import NameParts, SearchText, person_texts
from despensa.domain.ports.keeper import KeyedPerson

_SAID_LABEL = b"despensa/said/1"
_BLOCK_LENGTH = 64


class SourceVault:
    """The doors of a vault that files which come again go through."""

    _search_key: bytes
    _workspace: bytes

    def said_digests(self, said: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
        """
        Return the keyed digest of what a source said of each (origin reference, text), in order.

        Source: docs/reference/formats.md, section 7.
        """
        return self._keyed(_SAID_LABEL, (ref + text for ref, text in said), 16)

    def _keyed(self, label: bytes, texts: Iterable[bytes], length: int) -> list[bytes]:
        """
        Return HMAC-SHA-256(search key, label ‖ text) of each text, its first bytes.

        The key's pads are prepared once: an import asks for millions (RFC 2104, section 2).
        """
        padded = self._search_key.ljust(_BLOCK_LENGTH, b"\x00")
        inner = sha256(bytes(byte ^ 0x36 for byte in padded) + label)
        outer = sha256(bytes(byte ^ 0x5C for byte in padded))
        found = []
        for text in texts:
            inside, outside = inner.copy(), outer.copy()
            inside.update(text)
            outside.update(inside.digest())
            found.append(outside.digest()[:length])
        return found

    def number_tokens(
        self, people: Sequence[tuple[KeyedPerson, Sequence[sealing.Sealed]]]
    ) -> list[list[int]]:
        """
        Return the tokens of each person's sealed documents and phones, in order.

        Not a door: what is opened becomes tokens here and is shown to nobody.
        Raises: sealing.SealBroken.
        """
        found = []
        for owner, values in people:
            key = self._unwrap(owner) if values else sealing.PersonKey(b"")
            opened = sealing.unseal(values, key=key, workspace=self._workspace) if values else []
            numbers = list(zip((item.column for item in values), opened, strict=True))
            texts = person_texts(
                NameParts((), ()),
                birth_year=None,
                documents=[tuple(v) for c, v in numbers if c is sealing.Column.DOCUMENT],
                phones=[v for c, v in numbers if c is sealing.Column.PHONE],
            )
            found.append(self.search_tokens(texts))
        return found

    def renew(
        self, work: Sequence[tuple[KeyedPerson, Sequence[tuple[sealing.Sealed, int]]]]
    ) -> list[list[bytes]]:
        """
        Return sealed values sealed anew under a later version each, in order.

        Not a door: nobody is shown a value. Raises: sealing.SealBroken.
        """
        renewed = []
        for owner, values in work:
            key = self._unwrap(owner)
            opened = sealing.unseal(
                [item for item, _ in values], key=key, workspace=self._workspace
            )
            again = [
                sealing.ToSeal(item.column, item.row, version, value)
                for (item, version), value in zip(values, opened, strict=True)
            ]
            nonces = self._drawn(len(again), sealing.NONCE_LENGTH)
            renewed.append(sealing.seal(again, key=key, workspace=self._workspace, nonces=nonces))
        return renewed

    def search_tokens(self, texts: Sequence[SearchText]) -> list[int]:
        """Return the keyed token of each text, in order."""
        raise NotImplementedError

    def _drawn(self, count: int, length: int) -> list[bytes]:
        raise NotImplementedError

    def _unwrap(self, owner: KeyedPerson) -> sealing.PersonKey:
        raise NotImplementedError
