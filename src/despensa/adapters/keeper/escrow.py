"""
Copies of the keys for custodians: made under an approved proposal, brought back on an empty machine.

A copy holds the fixed keys and nothing that is destroyed in its time: no card link, no secret of a
cycle, no key of a fact or a staged file. What was destroyed does not come back with it.
Source: docs/explanation/design.md, section 6; docs/decisions/0031-locked-keys.md.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from despensa.adapters import age
from despensa.adapters.keeper import key_files, standing
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import FORMER, Signing
from despensa.adapters.keeper.vault import SOME_LOST
from despensa.domain import proposal as proposals
from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.ports.key_office import ESCROW, Custodian, require_custodians

_MADE, _TRIED = 10, 11
_FIELDS = frozenset(range(5))


class CopyWrong(ValueError):
    """A copy of the keys cannot be used here: the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class KeyCopy:
    """What a copy for custodians holds: the fixed keys by name, and who was trusted before."""

    workspace: bytes
    made_at: int
    keys: dict[str, bytes] = field(repr=False)
    former: dict[str, list[bytes]]
    digest: bytes

    def restore(self, folder: Path, files: KeyFiles, random: Callable[[int], bytes]) -> None:
        """
        Put the keys into a keeper's folder that has none; again is nothing.

        Raises: CopyWrong where another key lies already; nothing was written then.
        """
        for name, secret in self.keys.items():
            path = folder / f"{name}.key"
            if path.exists() and files.read(path) != secret:
                raise CopyWrong(
                    f"{path} is another key than the one of this copy. Bring the copy back in an "
                    "empty folder."
                )
        key_files.write(folder / "facts" / SOME_LOST, b"")
        key_files.write(folder / FORMER, dcbor.encode(self.former))
        for name, secret in self.keys.items():
            path = folder / f"{name}.key"
            if not path.exists():
                files.write(path, secret, random)


def opened(data: bytes, identity: str, *, workspace: bytes) -> KeyCopy:
    """
    Return a copy of the keys, opened with a custodian's identity.

    Raises: AgeRefused; CopyWrong for another workspace's, or for what is no copy.
    """
    plain = age.open_with(data, identity)
    try:
        fields = dcbor.decode_map(plain, allowed=_FIELDS)
        copy = KeyCopy(fields[1], fields[2], fields[3], fields[4], _digest(data))
        is_whole = fields[0] == 1 and copy.keys.keys() == set(standing.FIXED)
    except (dcbor.EncodingError, KeyError, TypeError, AttributeError) as error:
        raise CopyWrong("This file opens and is no copy of keys.") from error
    if not is_whole:
        raise CopyWrong("This copy of the keys was made by a newer Despensa. Install that one.")
    if copy.workspace != workspace:
        raise CopyWrong("This copy holds the keys of another workspace.")
    return copy


class EscrowMaker:
    """The part of the keeper that copies its keys for custodians; part of `Rotation`."""

    _folder: Path
    _workspace: bytes
    _files: KeyFiles
    _signing: Signing
    _copy: OwnCopy
    _lock: KeeperLock

    def escrow(self, *, proposal: bytes, approval: bytes, at: int) -> bytes:
        """
        Return the copy of the keys that an approved proposal names, for its custodians alone.

        Holds: it stands in the own copy, with its hash and for whom, before it leaves.
        Raises: ApprovalInvalid; CustodiansWrong; AgeRefused.
        """
        ring = self._signing.public_keys().authority_ring()
        approved = proposals.verify_approval(approval, authority_keys=ring)
        asked = proposals.parse(proposal)
        proposals.check_use(asked, approved, action=ESCROW, now=at)
        named = [Custodian(str(name), str(public)) for name, public in asked.parameters]
        require_custodians(named)
        with self._lock:
            data = age.seal_to(self._content(at), [one.public for one in named])
            lines: list[Any] = [[one.name, one.public] for one in named]
            digest, names = _digest(data), tuple(one.name for one in named)
            self._copy.append(
                {0: _MADE, 1: proposals.proposal_hash(proposal), 2: at, 3: lines, 4: digest}
            )
            before = standing.copies(self._folder)
            standing.Copies(at, names, digest, before.tried_at).write(self._folder)
        return data

    def note_drill(self, digest: bytes, *, at: int) -> None:
        """
        Write down that the newest copy was opened and proved to be the keys in use.

        Raises: AccessRefused for any other file.
        """
        with self._lock:
            before = standing.copies(self._folder)
            if not before.digest or before.digest != digest:
                raise AccessRefused(
                    "This is not the newest copy of the keys that the keeper made: try that one, "
                    "or have a new one made (despensa keys escrow)."
                )
            self._copy.append({0: _TRIED, 1: digest, 2: at})
            standing.Copies(before.made_at, before.custodians, digest, at).write(self._folder)

    def _content(self, at: int) -> bytes:
        keys = {name: self._files.read(self._folder / f"{name}.key") for name in standing.FIXED}
        return dcbor.encode({0: 1, 1: self._workspace, 2: at, 3: keys, 4: self._signing.former()})


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
