"""
Exchanging a signing key: the new one made, written down, put in place, the old one destroyed.

Public halves of former keys are kept, so that what they signed stays genuine; of a stolen key
nothing is kept, and what it signed is genuine no longer. The log's key is held by whoever verifies the
log: exchanged in time it signs beside the new one until the next exchange.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.escrow import EscrowMaker
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import FORMER, LOG_BEFORE, Signing, public_half
from despensa.domain import proposal as proposals
from despensa.domain.encoding import cose, dcbor
from despensa.domain.ports.key_office import (
    AUTHORITY,
    LOG,
    ROTATE,
    ROTATED,
    KeyChange,
    KeyStanding,
    KeyState,
)

_ROTATED = 6


class Rotation(EscrowMaker):
    """Implements `ports.key_office.KeyOffice` over the keeper's folder."""

    def __init__(
        self,
        folder: Path,
        *,
        signing: Signing,
        copy: OwnCopy,
        lock: KeeperLock,
        random: Callable[[int], bytes],
        workspace: bytes,
        files: KeyFiles,
        standing: Callable[[], KeyStanding],
    ) -> None:
        """Share the folder, the own copy and the lock; `standing` looks at the folder."""
        self._standing, self._files, self._workspace = standing, files, workspace
        self._folder = folder
        self._signing = signing
        self._copy = copy
        self._lock = lock
        self._random = random

    def states(self) -> list[KeyState]:
        """Return the signing keys, in the order of their names."""
        public = self._signing.public_keys()
        former = {
            "issuer": public.former_issuers,
            "authority": public.former_authorities,
            "answers": public.former_answers,
            "wallet": public.former_wallets,
            LOG: public.former_logs,
        }
        return [
            KeyState(
                name,
                getattr(public, name),
                int((self._folder / f"{name}.key").stat().st_mtime),
                former.get(name, ()),
            )
            for name in sorted(ROTATED)
        ]

    def rotate(self, *, proposal: bytes, approval: bytes, at: int) -> KeyChange:
        """
        Exchange the key that an approved proposal names; again gives the same answer.

        Holds: the new key lies beside the old one before the exchange is written down, and the
        exchange is written down before the new key takes its place: killed anywhere, asking again
        finishes it.
        Raises: ApprovalInvalid.
        """
        with self._lock:
            digest = proposals.proposal_hash(proposal)
            record = self._record(digest)
            name, is_stolen = self._approved(proposal, approval, at, record)
            path = self._folder / f"{name}.key"
            following = self._folder / f"{name}.next"
            if record is None:
                old = public_half(name, self._files.read(path))
                key_files.destroy(following)
                new = public_half(name, self._files.read_or_make(following, self._random))
                self._copy.append(
                    {0: _ROTATED, 1: name, 2: at, 3: old, 4: digest, 5: new, 6: is_stolen}
                )
            else:
                old, new = record[3], record[5]
            if public_half(name, self._files.read(path)) == old:
                self._put_in_place(name, old, is_stolen=is_stolen)
        return KeyChange(name, old, new, is_stolen)

    def standing(self) -> KeyStanding:
        """Return how the folder stands."""
        return self._standing()

    def change_under(self, proposal_hash: bytes) -> KeyChange | None:
        """Return the exchange that was made under a proposal, None when there was none."""
        record = self._record(proposal_hash)
        if record is None:
            return None
        return KeyChange(record[1], record[3], record[5], bool(record[6]))

    def _approved(
        self, canonical: bytes, signed: bytes, at: int, record: dict[int, Any] | None
    ) -> tuple[str, bool]:
        ring = self._signing.public_keys().authority_ring()
        if record is not None:
            # begun in time, perhaps by the key that is trusted no longer
            at = record[2]
            if record[1] == AUTHORITY:
                ring[cose.key_id(record[3])] = record[3]
        approved = proposals.verify_approval(signed, authority_keys=ring)
        asked = proposals.parse(canonical)
        proposals.check_use(asked, approved, action=ROTATE, now=at)
        if len(asked.parameters) != 2 or asked.parameters[0] not in ROTATED:
            raise proposals.ApprovalInvalid("the proposal names no key that can be exchanged")
        name, is_stolen = asked.parameters
        return str(name), bool(is_stolen)

    def _record(self, digest: bytes) -> dict[int, Any] | None:
        for record in self._copy.records():
            if record[0] == _ROTATED and record[4] == digest:
                return record
        return None

    def _put_in_place(self, name: str, old: bytes, *, is_stolen: bool) -> None:
        former = self._signing.former()
        known = [one for one in former.get(name, []) if one != old]
        kept = known if is_stolen else [old, *known]
        # written first: whoever reads the new key must find the old one among the former
        key_files.write(self._folder / FORMER, dcbor.encode(former | {name: kept}))
        if name == LOG and not is_stolen:
            before = self._folder / LOG_BEFORE
            key_files.destroy(before)
            self._files.write(before, self._files.read(self._folder / "log.key"), self._random)
        key_files.replace(self._folder / f"{name}.next", self._folder / f"{name}.key")
