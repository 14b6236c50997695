"""
The keys of people on their way into the register, held open for one slice of a file.

Each key is made, wrapped and set up once, and seals everything of its person: columns and rows of
the journal. Every value has its own random nonce. Equal to what `vault` does one by one.
"""

from collections.abc import Callable, Iterable, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.domain import sealing
from despensa.domain.transparency import sealed_row

_KEY_LENGTH, _NONCE_LENGTH = 32, sealing.NONCE_LENGTH


class NewPeople:
    """Fresh keys by place; implements `ports.keeper.NewPeople`."""

    def __init__(
        self,
        persons: Sequence[bytes],
        *,
        kek: bytes,
        kek_number: int,
        workspace: bytes,
        random: Callable[[int], bytes],
    ) -> None:
        """Draw a key for each person and wrap it."""
        self._random = random
        self._workspace = workspace
        self.kek = kek_number
        wrap = AESGCM(kek).encrypt
        keys = _parts(random, len(persons), _KEY_LENGTH)
        before, after = sealing.wrapping_place(workspace, kek_number)
        self.wrapped = [
            b"\x01" + nonce + wrap(nonce, key, before + person + after)
            for person, key, nonce in zip(
                persons, keys, _parts(random, len(persons), _NONCE_LENGTH), strict=True
            )
        ]
        self._seals = [AESGCM(key).encrypt for key in keys]

    def seal(
        self, column: sealing.Column, values: Sequence[tuple[int, bytes, bytes]]
    ) -> list[bytes]:
        """Return the stored bytes of first values of one column, as (place, row id, DCBOR)."""
        before, after = sealing.first_place(self._workspace, column)
        seals = self._seals
        return [
            sealing.FIRST_HEAD + nonce + seals[who](nonce, value, before + row + after)
            for (who, row, value), nonce in zip(
                values, _parts(self._random, len(values), _NONCE_LENGTH), strict=True
            )
        ]

    def seal_rows(self, entry: bytes, rows: Iterable[tuple[int, int, bytes]]) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, as (place, index, body)."""
        every = list(rows)
        seals, context = self._seals, sealed_row.row_context(entry, 0)[:-4]
        return [
            nonce + seals[who](nonce, body, context + index.to_bytes(4, "big"))
            for (who, index, body), nonce in zip(
                every, _parts(self._random, len(every), _NONCE_LENGTH), strict=True
            )
        ]


def _parts(random: Callable[[int], bytes], count: int, length: int) -> list[bytes]:
    """Return so many independent random byte strings."""
    drawn = random(count * length)
    return [drawn[at : at + length] for at in range(0, count * length, length)]
