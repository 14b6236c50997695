"""
The keeper's port for the life of its keys: what there is, and a new one for an old one.

Source: docs/explanation/design.md, section 5; docs/decisions/0029-the-keeper-apart.md.
"""

from dataclasses import dataclass
from typing import Protocol

ROTATE = "rotate_key"
# each may be exchanged while cards, papers and partners of the old one go on
ROTATED = ("issuer", "authority", "answers")


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as everybody may know it: its public half, since when, and those before it."""

    name: str
    public: bytes
    since: int
    former: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key that took another's place; a stolen one is no longer trusted for anything."""

    name: str
    old: bytes
    new: bytes
    is_stolen: bool


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """
    What may be told of the keeper's folder without opening a key.

    `missing` names fixed keys that are not there; `oldest` is the time of the oldest one.
    `link_copies` says of each copy of the card links that exists whether it opens.
    """

    missing: tuple[str, ...]
    oldest: int
    link_copies: tuple[bool, ...]


class KeyOffice(Protocol):
    """
    Tells about keys and exchanges them.

    Guarantee: a key is exchanged under an approved proposal only, once; the private half of the
    old one is destroyed. Asked again under the same proposal it gives the same answer.
    """

    def states(self) -> list[KeyState]:
        """Return the signing keys, in the order of their names."""

    def standing(self) -> KeyStanding:
        """Return how the keys stand, for whoever looks after the machine."""

    def change_under(self, proposal_hash: bytes) -> KeyChange | None:
        """
        Return the exchange that was made under a proposal, None when there was none.

        With the public half of a stolen authority the approval of its own exchange is verified, so
        that an exchange which was killed before it was announced is announced.
        """

    def rotate(self, *, proposal: bytes, approval: bytes, at: int) -> KeyChange:
        """Exchange the key that the proposal names. Raises: ApprovalInvalid."""
