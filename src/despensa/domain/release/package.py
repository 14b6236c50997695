"""
The auditor's package of one cycle: what it holds, in which order, and what two people agree to.

Decides the manifest that the authority signs and the terms of a proposal. The pieces themselves are
made and read by adapters; nothing in them names anybody.
Source: docs/reference/formats.md section 18; docs/explanation/design.md section 7.5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from despensa.domain.encoding import cose, dcbor

ACTION = "release_package"
LABEL = b"despensa/audit-package/1"
PIECES = ("rule", "households", "members", "result", "log")
DAYS_MAX = 365
NAME_MAX = 120
KEY_LENGTH = 32
MANIFEST_BYTES_MAX = 65_536
_VERSION = 1
_KEYS = frozenset(range(19))
_DAY_ZERO = date(1970, 1, 1).toordinal()
_DAYS_RANGE = range(200_000)


class MalformedManifest(ValueError):
    """The bytes are no manifest of a package."""


class Wrong(StrEnum):
    """Why a release cannot be proposed; each says how to mend it."""

    RECIPIENT = "Name the recipient in 1 to 120 characters."
    KEY = "The recipient's key is an X25519 public key of 32 bytes, as 64 hexadecimal digits."
    DESTROY_BY = "The destroy-by date lies after today and within a year."
    NOT_DECIDED = "The cycle is not decided yet: there is nothing to check."
    GONE = "The frozen facts of this cycle were destroyed: no package can be made any more."
    ALONE = "One person runs this workspace: nothing about people may leave it."
    WAITING = "Such a release of this cycle is proposed already."
    BREAKDOWN = "Choose at least one breakdown of the list."
    NOT_FOR_REPORTS = (
        "The catalogue does not hold disability for reports: leave it out, or publish a catalogue "
        "that names this purpose."
    )


class ReleaseWrong(ValueError):
    """A release that cannot be made; `wrong` says why and how to mend it."""

    def __init__(self, wrong: Wrong) -> None:
        """Say why."""
        super().__init__(str(wrong))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class PackageTerms:
    """What two people agree to: who opens the package, with which key, and its end."""

    recipient: str
    key: bytes
    destroy_by: date

    def parameters(self) -> tuple[Any, ...]:
        """Return the terms as a proposal carries them."""
        return (self.recipient, self.key, self.destroy_by.toordinal() - _DAY_ZERO)


def package_terms(parameters: Sequence[Any]) -> PackageTerms:
    """Return the terms a proposal carries."""
    recipient, key, day = parameters
    return PackageTerms(recipient, key, date.fromordinal(_DAY_ZERO + day))


def check_terms(terms: PackageTerms, *, today: date) -> None:
    """
    Refuse terms that may not be agreed to.

    Raises: ReleaseWrong.
    """
    check_recipient(terms.recipient, terms.destroy_by, today=today)
    if len(terms.key) != KEY_LENGTH:
        raise ReleaseWrong(Wrong.KEY)


def check_recipient(recipient: str, destroy_by: date, *, today: date) -> None:
    """
    Refuse a release to nobody, or one without a near end.

    Raises: ReleaseWrong.
    """
    if not recipient.strip() or len(recipient) > NAME_MAX or not recipient.isprintable():
        raise ReleaseWrong(Wrong.RECIPIENT)
    if not 0 < (destroy_by - today).days <= DAYS_MAX:
        raise ReleaseWrong(Wrong.DESTROY_BY)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of the package; units: `length` in bytes."""

    name: str
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a package says of itself, signed by the authority.

    Holds: `salt` is the cycle's: row salts and the seed of its lots follow from it. `units` is
        (number, code) of every unit. `pieces` stand in the order of `PIECES`. `gives_whole` is
        false of a child cycle that gives what is missing to what the rule says, or less.
    """

    package: bytes
    workspace: bytes
    number: int
    cycle: bytes
    programme: bytes
    rule_hash: bytes
    on: date
    households: int
    members: int
    root: bytes
    salt: bytes = field(repr=False)
    recipient: str
    reason: int
    destroy_by: date
    log_vkey: str
    units: tuple[tuple[int, str], ...]
    pieces: tuple[Piece, ...]
    gives_whole: bool = True


def payload(manifest: Manifest) -> dict[int, Any]:
    """
    Return the map that the authority signs.

    Source: docs/reference/formats.md section 18.
    """
    return {
        0: _VERSION,
        1: manifest.package,
        2: manifest.workspace,
        3: manifest.number,
        4: manifest.cycle,
        5: manifest.programme,
        6: manifest.rule_hash,
        7: manifest.on.toordinal() - _DAY_ZERO,
        8: manifest.households,
        9: manifest.members,
        10: manifest.root,
        11: manifest.salt,
        12: manifest.recipient,
        13: manifest.reason,
        14: manifest.destroy_by.toordinal() - _DAY_ZERO,
        15: manifest.log_vkey,
        16: [[number, code] for number, code in manifest.units],
        17: [[piece.name, piece.length, piece.sha256] for piece in manifest.pieces],
        18: int(manifest.gives_whole),
    }


def read_manifest(signed: bytes, keys: Mapping[bytes, bytes] | None) -> Manifest:
    """
    Return the manifest in a COSE_Sign1; with None for keys whatever it says of itself.

    Raises: MalformedManifest; cose.UnknownKey; cose.BadSignature; cose.MalformedSignature.
    """
    parsed = cose.parse(signed)
    if keys is not None:
        cose.verify_parsed(parsed, label=LABEL, keys=keys)
    try:
        return _manifest(dcbor.decode_map(parsed.payload, allowed=_KEYS))
    except (dcbor.EncodingError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise MalformedManifest("the manifest of the package cannot be read") from error


def _manifest(body: Mapping[int, Any]) -> Manifest:
    if body[0] != _VERSION or body.keys() != _KEYS:
        raise MalformedManifest("not a manifest of version 1")
    lengths = [len(body[key]) for key in (1, 2, 4, 5, 6, 10, 11)]
    if lengths != [16, 16, 16, 16, 32, 32, 32]:
        raise MalformedManifest("a hash or an id of the manifest has another length")
    counts = [body[key] for key in (3, 7, 8, 9, 13, 14, 18)]
    if any(type(one) is not int or one < 0 for one in counts):
        raise MalformedManifest("a number of the manifest is none")
    if body[7] not in _DAYS_RANGE or body[14] not in _DAYS_RANGE:
        raise MalformedManifest("a day of the manifest is out of range")
    pieces = tuple(Piece(str(name), int(size), bytes(sha)) for name, size, sha in body[17])
    if tuple(piece.name for piece in pieces) != PIECES or any(p.length < 0 for p in pieces):
        raise MalformedManifest("the pieces of the package are not those of version 1")
    return Manifest(
        package=body[1],
        workspace=body[2],
        number=body[3],
        cycle=body[4],
        programme=body[5],
        rule_hash=body[6],
        on=date.fromordinal(_DAY_ZERO + body[7]),
        households=body[8],
        members=body[9],
        root=body[10],
        salt=body[11],
        recipient=str(body[12]),
        reason=body[13],
        destroy_by=date.fromordinal(_DAY_ZERO + body[14]),
        log_vkey=str(body[15]),
        units=tuple((int(number), str(code)) for number, code in body[16]),
        pieces=pieces,
        gives_whole=bool(body[18]),
    )
