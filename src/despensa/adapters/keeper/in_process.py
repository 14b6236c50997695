"""The keeper inside the process: for a demo, tests and one-PC offices."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.keeper import key_files, locking
from despensa.adapters.keeper.bulk import BulkDoor, Search
from despensa.adapters.keeper.cards import CARDS_A_DAY, CardIssuer
from despensa.adapters.keeper.cycles import Cycles
from despensa.adapters.keeper.holders import Holders
from despensa.adapters.keeper.links import LinkFile
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.paying import PaymentDesk
from despensa.adapters.keeper.rotation import Rotation
from despensa.adapters.keeper.signing import Signing
from despensa.adapters.keeper.staging import SealedFiles, Staging
from despensa.adapters.keeper.standing import FIXED, standing
from despensa.adapters.keeper.twin_keys import TwinKeys
from despensa.adapters.keeper.vault import Vault
from despensa.adapters.keeper.wallet import WalletIssuer

# every fixed key was made once: from then on none is made anew
_BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class InProcessKeeper:
    """The doors of the keeper over the key files of one workspace."""

    vault: Vault
    staging: Staging
    cards: CardIssuer
    wallet: WalletIssuer
    cycles: Cycles
    signatory: Signing
    own_copy: OwnCopy
    bulk: BulkDoor
    payments: PaymentDesk
    keys: Rotation

    def close(self) -> None:
        """Let the keeper's own copy go."""
        self.own_copy.close()


def open_keeper(
    *,
    keys: Path,
    staging: Path,
    workspace: bytes,
    random: Callable[[int], bytes] = os.urandom,
    search: Search | None = None,
    cards_a_day: int = CARDS_A_DAY,
    storage_keys: tuple[bytes, ...] = (),
) -> InProcessKeeper:
    """
    Return the keeper of a workspace, making its keys on first use.

    `keys` is the workspace's keys folder, `staging` the folder of files that wait for approval;
    `search` runs the processes of an approved search of the register; `cards_a_day` is the cap;
    `storage_keys` open a locked folder.
    Raises: KeysLocked when the folder is locked and they are not given; KeyMissing when a key is
        gone that was there: a new one would not open what the old one closed.
    """
    folder = keys / "keeper"
    if not storage_keys and locking.is_locked(folder):
        raise key_files.KeysLocked(key_files.LOCKED)
    files = key_files.KeyFiles(folder, workspace, storage_keys)
    files.seal_anew(random)
    _require_whole(folder, files)
    copy = OwnCopy(folder / "own-copy.journal")
    signing = Signing(folder, random, copy=copy, files=files)
    links = LinkFile(folder / "links", workspace=workspace, random=random, files=files)
    lock = KeeperLock(folder / "lock")
    vault = Vault(folder, workspace=workspace, copy=copy, random=random, files=files)
    cards = CardIssuer(
        signing=signing, links=links, copy=copy, lock=lock, random=random, cards_a_day=cards_a_day
    )
    cycle_keys = TwinKeys(folder / "cycles", files=files, random=random)
    # apart from what waits for approval: the door of staged files opens without one
    filed = SealedFiles(folder / "staging/payments", staging / "payments", random, files=files)
    payments = PaymentDesk(
        folder, workspace=workspace, copy=copy, files=files, cycle_keys=cycle_keys,
        staging=filed, signing=signing,
    )  # fmt: skip
    cycles = Cycles(
        folder / "cycles", signing=signing, links=links, lock=lock, copy=copy, random=random,
        keys=cycle_keys,
        holders=Holders(folder, workspace=workspace, copy=copy, files=files, random=random),
    )  # fmt: skip
    _note_whole(folder)
    return InProcessKeeper(
        vault=vault,
        wallet=WalletIssuer(signing=signing, vault=vault, copy=copy, random=random),
        staging=Staging(folder / "staging", staging, random, files=files, copy=copy),
        payments=payments,
        cards=cards,
        cycles=cycles,
        signatory=signing,
        own_copy=copy,
        keys=Rotation(
            folder,
            signing=signing,
            copy=copy,
            lock=lock,
            random=random,
            workspace=workspace,
            files=files,
            standing=lambda: standing(folder, links, cycle_keys),
        ),
        bulk=BulkDoor(
            folder, workspace=workspace, signing=signing, copy=copy, files=files, search=search
        ),
    )


def _require_whole(folder: Path, files: key_files.KeyFiles) -> None:
    """Refuse a folder whose keys were made and are not all there. Raises: KeyMissing."""
    if (folder / _BEGUN).exists():
        for name in FIXED:
            files.read(folder / f"{name}.key")


def _note_whole(folder: Path) -> None:
    """Mark that every fixed key was made."""
    if not (folder / _BEGUN).exists():
        key_files.write(folder / _BEGUN, b"")
