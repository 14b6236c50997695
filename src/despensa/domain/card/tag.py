"""
The key chain of a card and the pseudonyms made from it.

Decides how a link of the chain becomes the next one, and how tags, accounts, wallets, holder
keys, number lookups and refusal commitments are derived. Who may derive them, and when, is the
keeper's business. The chain goes forward only: an earlier link cannot be made from a later one.
Source: docs/reference/formats.md section 2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEPS_MAX = 240
SECRET_LENGTH = 16
TAG_LENGTH = 16
_LINK_LENGTH = 32
_NEXT = b"despensa/next/1"
_TAG = b"despensa/tag/1"
_ACCOUNT = b"despensa/account/1"
_WALLET = b"despensa/wallet/1"
_HOLDER = b"despensa/holder/1"
_LOOKUP = b"despensa/lookup/1"
_NUMBER = b"despensa/number/1"
_REFUSED = b"despensa/refused/1"
_BLOCK_LENGTH = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class ChainError(ValueError):
    """A step the chain cannot reach: behind the link, or more than 240 ahead of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a card's chain: the secret at the card's first epoch, or a later key."""

    epoch: int
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be a link (the first has 16 bytes, every later one 32)."""
        if len(self.key) not in (SECRET_LENGTH, _LINK_LENGTH):
            raise ChainError("a link is 16 bytes long at first and 32 later")
        if self.epoch < 0:
            raise ChainError("an epoch is never negative")


@dataclass(frozen=True, slots=True)
class SteppedTag:
    """A tag with the step at which it was made: `max(cycle epoch, link epoch)`."""

    step: int
    tag: bytes


def walk(link: Link, step: int) -> Link:
    """
    Return the link of the chain at a later step, at most 240 steps ahead.

    Raises: ChainError when the step lies before the link or too far after it.
    """
    ahead = step - link.epoch
    if ahead < 0:
        raise ChainError(f"step {step} lies before epoch {link.epoch}, and chains go forward only")
    if ahead > STEPS_MAX:
        raise ChainError(f"step {step} lies more than {STEPS_MAX} steps after epoch {link.epoch}")
    key = link.key
    for _ in range(ahead):
        key = _mac(key, _NEXT)
    return Link(step, key) if ahead else link


def walk_all(links: Iterable[Link], step: int) -> Iterator[Link]:
    """
    Yield every link moved forward to a step; a link already beyond it stays as it is.

    Shape: one link per link, in their order.
    Raises: ChainError as `walk`, when a link lies too far behind.
    """
    for link in links:
        yield walk(link, step) if link.epoch < step else link


def tag16(key_at_step: bytes, *, programme: bytes, cycle: bytes) -> bytes:
    """
    Return the tag of a card in one cycle of a programme, from the link at the tag's step.

    >>> link = walk(Link(10, bytes(range(16))), 11)
    >>> tag16(link.key, programme=bytes([1]) * 16, cycle=bytes([2]) * 16).hex()
    '5b78393546f2795ca8b3d23f5c5e227b'
    """
    message = _TAG + _id16(programme) + _id16(cycle)
    return _mac(key_at_step, message)[:TAG_LENGTH]


def tags(
    links: Iterable[Link], *, cycle_epoch: int, programme: bytes, cycle: bytes
) -> list[SteppedTag]:
    """
    Return the tags of many cards in one cycle, each at `max(cycle_epoch, link epoch)`.

    Shape: one tag per link, in their order.
    Raises: ChainError when a link lies more than 240 steps behind the cycle.
    """
    message = _TAG + _id16(programme) + _id16(cycle)
    return [
        SteppedTag(link.epoch, _mac(link.key, message)[:TAG_LENGTH])
        for link in walk_all(links, cycle_epoch)
    ]


def account16(cycle_secret: bytes, *, household: bytes, programme: bytes) -> bytes:
    """Return the account of a household in one cycle, under the cycle's secret (32 bytes)."""
    return _under(cycle_secret, _ACCOUNT, household, programme)


def accounts(cycle_secret: bytes, *, households: Sequence[bytes], programme: bytes) -> list[bytes]:
    """
    Return the accounts of many households in one cycle.

    Shape: one account of 16 bytes per household, in their order.
    """
    return [_under(cycle_secret, _ACCOUNT, household, programme) for household in households]


def wallet16(wallet_secret: bytes, *, household: bytes, programme: bytes) -> bytes:
    """Return the wallet of a household in a programme, under the wallet secret (32 bytes)."""
    return _under(wallet_secret, _WALLET, household, programme)


def holder_key(key_at_holder_epoch: bytes, *, lease: bytes) -> bytes:
    """
    Return the key under which one card's collectors are sealed in one lease.

    Source: RFC 5869 with SHA-256 and an empty salt; docs/reference/formats.md section 2.
    """
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_HOLDER + _id16(lease))
    return derivation.derive(key_at_holder_epoch)


def lookup_key(cycle_secret: bytes, *, lease: bytes) -> bytes:
    """Return the key under which one lease finds typed card numbers, under the cycle's secret."""
    return _mac(_key32(cycle_secret), _LOOKUP + _id16(lease))


def number_lookup8(lookup_key: bytes, number: str) -> bytes:
    """Return the lookup of a typed card number in one lease, under the lease's lookup key."""
    return number_lookups(lookup_key, [number])[0]


def number_lookups(lookup_key: bytes, numbers: Iterable[str]) -> list[bytes]:
    """
    Return the lookups of many card numbers in one lease.

    Shape: one lookup of 8 bytes per number, in their order.
    """
    key = _key32(lookup_key)
    return [_mac(key, _NUMBER + number.encode("ascii"))[:8] for number in numbers]


def commitment32(tag: bytes, *, nonce: bytes) -> bytes:
    """Return what a refusal publishes about a tag; only the holder's receipt has the nonce."""
    return sha256(_REFUSED + _id16(tag) + _id16(nonce)).digest()


def _under(secret: bytes, label: bytes, household: bytes, programme: bytes) -> bytes:
    message = label + _id16(household) + _id16(programme)
    return _mac(_key32(secret), message)[:16]


def _mac(key: bytes, message: bytes) -> bytes:
    """
    Return HMAC-SHA-256 under a key no longer than a block.

    Holds: equal to `hmac.digest`, in a third of its time: a cycle walks every card of a register.
    Source: RFC 2104 section 2.
    """
    padded = key.ljust(_BLOCK_LENGTH, b"\x00")
    inner = sha256(padded.translate(_INNER) + message).digest()
    return sha256(padded.translate(_OUTER) + inner).digest()


def _id16(value: bytes) -> bytes:
    # labels carry no terminator: only fixed lengths keep two different inputs apart
    if len(value) != 16:
        raise ValueError("an identifier here is exactly 16 bytes long")
    return value


def _key32(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError("a secret here is exactly 32 bytes long")
    return value
