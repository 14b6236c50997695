"""How the keeper's folder stands: which keys are there, who opens them, what copies there are."""

from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.keeper import key_files, locking
from despensa.adapters.keeper.links import REPLICAS, LinkFile
from despensa.adapters.keeper.twin_keys import TwinKeys
from despensa.domain.encoding import dcbor
from despensa.domain.ports.key_office import KeyStanding

# the keys a workspace has from its first day on, each in a file of its own
FIXED = (
    "answers", "authority", "inbox", "issuer", "journal", "kek-1", "log", "office", "search", "wallet",
)  # fmt: skip
_COPIES = "copies"


@dataclass(frozen=True, slots=True)
class Copies:
    """The last copy made for custodians and the last trial of one; 0 and empty for none."""

    made_at: int = 0
    custodians: tuple[str, ...] = ()
    digest: bytes = b""
    tried_at: int = 0

    def write(self, folder: Path) -> None:
        """Remember it beside the keys."""
        fields = [self.made_at, list(self.custodians), self.digest, self.tried_at]
        key_files.write(folder / _COPIES, dcbor.encode(fields))


def copies(folder: Path) -> Copies:
    """Return what is remembered of copies for custodians."""
    path = folder / _COPIES
    if not path.exists():
        return Copies()
    made_at, custodians, digest, tried_at = dcbor.decode(path.read_bytes())
    return Copies(made_at, tuple(custodians), digest, tried_at)


def standing(folder: Path, links: LinkFile, cycle_keys: TwinKeys) -> KeyStanding:
    """
    Return how the keeper's folder stands; no key is made, and only those of links and cycles read.
    """
    paths = {name: folder / f"{name}.key" for name in FIXED}
    there = [path for path in paths.values() if path.is_file()]
    made = copies(folder)
    return KeyStanding(
        missing=tuple(name for name, path in paths.items() if path not in there),
        oldest=min((int(path.stat().st_mtime) for path in there), default=0),
        link_copies=tuple(links.is_readable(one) for one in REPLICAS if links.exists(one)),
        cycle_keys_half_kept=len(cycle_keys.damaged()),
        is_locked=locking.is_locked(folder),
        custodians=tuple(one.name for one in locking.custodians(folder)),
        escrowed_at=made.made_at,
        escrow_custodians=made.custodians,
        drilled_at=made.tried_at,
    )
