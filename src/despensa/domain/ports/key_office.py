"""
The keeper's port for the life of its keys: what there is, and a new one for an old one.

Source: docs/explanation/design.md, section 5; docs/decisions/0029-the-keeper-apart.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

ROTATE, ESCROW = "rotate_key", "escrow_keys"
CUSTODIANS_MIN, CUSTODIANS_MAX = 2, 12
NAME_LENGTH_MAX = 80
AUTHORITY = "authority"
# each may be exchanged while cards, papers, partners and phones of the old one go on
LOG = "log"
ROTATED = ("issuer", AUTHORITY, "answers", "wallet", LOG)


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
class Custodian:
    """Somebody who can open what is sealed to them with their own age identity, alone."""

    name: str
    public: str


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """
    What may be told of the keeper's folder without opening a key.

    `missing` names fixed keys that are not there; `oldest` is the time of the oldest one.
    `link_copies` says of each copy of the card links that exists whether it opens, and
    `cycle_keys_half_kept` how many keys of cycles do not open in both of their files. `custodians`
    open the lock; the copies for custodians were made and tried at these times, 0 for never.
    """

    missing: tuple[str, ...]
    oldest: int
    link_copies: tuple[bool, ...]
    cycle_keys_half_kept: int
    is_locked: bool
    custodians: tuple[str, ...]
    escrowed_at: int
    escrow_custodians: tuple[str, ...]
    drilled_at: int


class CustodiansWrong(ValueError):
    """The custodians named are too few, too many, or one of them twice: the text says which."""


def require_custodians(named: Sequence[Custodian]) -> None:
    """
    Refuse custodians of whom one alone holds everything, or two hold the same key.

    Raises: CustodiansWrong.
    """
    if not CUSTODIANS_MIN <= len(named) <= CUSTODIANS_MAX:
        raise CustodiansWrong(
            f"Name {CUSTODIANS_MIN} to {CUSTODIANS_MAX} custodians, not {len(named)}: each of them "
            "opens the keys alone, and one who is ill must not be the only one."
        )
    for values in ({one.name for one in named}, {one.public for one in named}):
        if len(values) != len(named):
            raise CustodiansWrong("Two custodians have the same name or the same public key.")
    if not all(one.name.strip() and len(one.name) <= NAME_LENGTH_MAX for one in named):
        raise CustodiansWrong(f"A custodian's name has 1 to {NAME_LENGTH_MAX} signs.")


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

    def escrow(self, *, proposal: bytes, approval: bytes, at: int) -> bytes:
        """
        Return the copy of the keys that an approved proposal names, sealed to its custodians.

        Raises: ApprovalInvalid; CustodiansWrong.
        """

    def note_drill(self, digest: bytes, *, at: int) -> None:
        """
        Write down that the newest copy was tried and is the keys in use.

        Raises: AccessRefused for any other file.
        """

    def rotate(self, *, proposal: bytes, approval: bytes, at: int) -> KeyChange:
        """Exchange the key that the proposal names. Raises: ApprovalInvalid."""
