"""
The lock of the keeper's folder: one age file that each custodian, and the start, opens alone.

`keys.age` holds the storage keys under which every secret of the folder is sealed. Those who open
it are the custodians, and the identity of the start: under a passphrase in `start.age`, or given to
the process by the system. Source: docs/decisions/0031-locked-keys.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from despensa.adapters import age
from despensa.adapters.keeper import key_files
from despensa.domain.encoding import dcbor
from despensa.domain.ports.key_office import Custodian, require_custodians

LOCK_FILE, START_FILE, CUSTODIANS_FILE = "keys.age", "start.age", "custodians"
_FIELDS = frozenset(range(5))


class LockDamaged(ValueError):
    """The lock of the folder cannot be read, or is another workspace's."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What `keys.age` holds: the storage keys, the one in use first, and who may open them."""

    workspace: bytes
    storage_keys: tuple[bytes, ...] = field(repr=False)
    custodians: tuple[Custodian, ...]
    starts: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Put the lock in its place: the old one or this one, whatever happens."""
        plain = dcbor.encode(
            {
                0: 1,
                1: self.workspace,
                2: list(self.storage_keys),
                3: _lines(self.custodians),
                4: list(self.starts),
            }
        )
        public = [*(one.public for one in self.custodians), *self.starts]
        key_files.write(folder / CUSTODIANS_FILE, dcbor.encode(_lines(self.custodians)))
        key_files.write(folder / LOCK_FILE, age.seal_to(plain, public))


def is_locked(folder: Path) -> bool:
    """Return whether the secrets of a keeper's folder are sealed."""
    return (folder / LOCK_FILE).exists()


def custodians(folder: Path) -> tuple[Custodian, ...]:
    """Return who may open a folder's lock; their names are no secret of the folder."""
    path = folder / CUSTODIANS_FILE
    lines = dcbor.decode(path.read_bytes()) if path.exists() else []
    return tuple(Custodian(name, public) for name, public in lines)


def opened(folder: Path, *, workspace: bytes, identity: str) -> Lock:
    """
    Return the lock of a folder, opened with an identity.

    Raises: AgeRefused when the identity is not one of those; LockDamaged.
    """
    plain = age.open_with((folder / LOCK_FILE).read_bytes(), identity)
    try:
        fields = dcbor.decode_map(plain, allowed=_FIELDS)
        named = tuple(Custodian(name, public) for name, public in fields[3])
        lock = Lock(fields[1], tuple(fields[2]), named, tuple(fields[4]))
    except (dcbor.EncodingError, KeyError, TypeError, ValueError) as error:
        raise LockDamaged(
            f"{folder / LOCK_FILE} opens and holds something else: bring it back from a copy."
        ) from error
    if lock.workspace != workspace:
        raise LockDamaged(f"{folder / LOCK_FILE} is the lock of another workspace.")
    return lock


def start_identity(folder: Path, passphrase: str) -> str:
    """Return the identity of the start. Raises: AgeRefused; FileNotFoundError where none lies."""
    return age.open_under((folder / START_FILE).read_bytes(), passphrase).decode()


def lock(
    folder: Path,
    *,
    workspace: bytes,
    custodians: Sequence[Custodian],
    before: Lock | None,
    keep_start: Callable[[str], None],
    random: Callable[[int], bytes],
) -> int:
    """
    Lock a folder, or lock it anew for others, and return how many secrets were sealed.

    `before` is the lock so far, opened; `keep_start` puts the identity of the next start where the
    start will find it. Who opened the lock before opens nothing of it any more.
    Holds: killed anywhere, the folder opens for the custodians and for the old start or the new.
    Raises: CustodiansWrong; AgeRefused for a public key that is none.
    """
    require_custodians(custodians)
    identity, public = age.new_identity()
    fresh = random(key_files.SECRET_LENGTH)
    held = () if before is None else before.storage_keys
    starts = () if before is None else before.starts
    named = tuple(custodians)
    Lock(workspace, (fresh, *held), named, (public, *starts)).write(folder)
    keep_start(identity)
    sealed = key_files.KeyFiles(folder, workspace, (fresh, *held)).seal_anew(random)
    Lock(workspace, (fresh,), named, (public,)).write(folder)
    return sealed


def keep_under_passphrase(folder: Path, passphrase: str) -> Callable[[str], None]:
    """Return what puts the identity of the start into the folder, under a passphrase."""
    return lambda identity: key_files.write(
        folder / START_FILE, age.seal_under(identity.encode(), passphrase)
    )


def _lines(named: Sequence[Custodian]) -> list[Any]:
    return [[one.name, one.public] for one in named]
