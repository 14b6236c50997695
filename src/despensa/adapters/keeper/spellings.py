"""Words of names that a search learnt: hashed and sealed under keys made of the search key."""

import hmac
from collections.abc import Callable, Sequence
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain import sealing

_WORD_LABEL = b"despensa/word/1"
_WORD_KEY_LABEL = b"despensa/word-key/1"
_VARIANT_LABEL = b"despensa/variant/1"
_signed = Struct("!q24x").unpack


class Spellings:
    """Implements `ports.keeper.SpellingVault`."""

    def __init__(self, search_key: bytes, *, random: Callable[[int], bytes]) -> None:
        """Use the key that search tokens are made with."""
        self._search_key = search_key
        self._word_random = random

    def word_refs(self, words: Sequence[str]) -> list[int]:
        """
        Return the keyed hash of each folded word, in order, as signed 64-bit integers.

        Source: docs/reference/formats.md, section 7.
        """
        return [
            _signed(hmac.digest(self._search_key, _WORD_LABEL + word.encode(), "sha256"))[0]
            for word in words
        ]

    def seal_words(self, words: Sequence[str]) -> list[bytes]:
        """Return each folded word sealed for its own hash, in order."""
        nonces = [self._word_random(sealing.NONCE_LENGTH) for _ in words]
        return [
            nonce + self._words().encrypt(nonce, word.encode(), _word_place(ref))
            for word, nonce, ref in zip(words, nonces, self.word_refs(words), strict=True)
        ]

    def open_words(self, sealed: Sequence[tuple[int, bytes]]) -> list[str]:
        """
        Return the word of each (hash, sealed bytes), in order.

        Raises: sealing.SealBroken when a word was altered, or moved to another hash.
        """
        opened = []
        for ref, data in sealed:
            nonce, word = data[: sealing.NONCE_LENGTH], data[sealing.NONCE_LENGTH :]
            try:
                opened.append(self._words().decrypt(nonce, word, _word_place(ref)).decode())
            except (InvalidTag, ValueError) as error:
                raise sealing.SealBroken("a learnt spelling does not open") from error
        return opened

    def _words(self) -> AESGCM:
        return AESGCM(hmac.digest(self._search_key, _WORD_KEY_LABEL, "sha256"))


def _word_place(ref: int) -> bytes:
    return _VARIANT_LABEL + ref.to_bytes(8, "big", signed=True)
