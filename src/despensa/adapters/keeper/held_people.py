"""New people whose keys stay in the keeper's process: what `NewPeople` does, by wrapped keys."""

from collections.abc import Sequence
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters.keeper.vault import Vault
from despensa.domain import sealing
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.transparency import sealed_row


class PeopleSealer(Protocol):
    """
    Seals columns and journal rows of people by their place in a batch.

    Guarantee: every value and row gets its own nonce; no key leaves unwrapped.
    """

    def seal(
        self,
        people: Sequence[KeyedPerson],
        column: sealing.Column,
        values: Sequence[tuple[int, bytes, bytes]],
    ) -> list[bytes]:
        """Return the stored bytes of first values of one column, as (place, row id, DCBOR)."""

    def seal_rows(
        self,
        people: Sequence[KeyedPerson],
        entry: bytes,
        rows: Sequence[tuple[int, int, bytes]],
    ) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, as (place, index, body)."""


class HeldPeople:
    """Implements `PeopleSealer` over the vault's keys."""

    def __init__(self, vault: Vault) -> None:
        """Unwrap with the vault."""
        self._vault = vault

    def seal(
        self,
        people: Sequence[KeyedPerson],
        column: sealing.Column,
        values: Sequence[tuple[int, bytes, bytes]],
    ) -> list[bytes]:
        """Return the stored bytes of first values of one column, as (place, row id, DCBOR)."""
        before, after = sealing.first_place(self._vault.workspace, column)
        keys = self._ciphers(people)
        nonces = self._vault.nonces(len(values))
        return [
            sealing.FIRST_HEAD + nonce + keys[who].encrypt(nonce, value, before + row + after)
            for (who, row, value), nonce in zip(values, nonces, strict=True)
        ]

    def seal_rows(
        self,
        people: Sequence[KeyedPerson],
        entry: bytes,
        rows: Sequence[tuple[int, int, bytes]],
    ) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, as (place, index, body)."""
        keys, context = self._ciphers(people), sealed_row.row_context(entry, 0)[:-4]
        nonces = self._vault.nonces(len(rows))
        return [
            nonce + keys[who].encrypt(nonce, body, context + index.to_bytes(4, "big"))
            for (who, index, body), nonce in zip(rows, nonces, strict=True)
        ]

    def _ciphers(self, people: Sequence[KeyedPerson]) -> list[AESGCM]:
        return [AESGCM(self._vault.unwrapped(owner)) for owner in people]
