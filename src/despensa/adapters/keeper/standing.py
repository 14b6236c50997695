"""How the keeper's folder stands: which keys are there, and whether the card links open."""

from pathlib import Path

from despensa.adapters.keeper.links import REPLICAS, LinkFile
from despensa.domain.ports.key_office import KeyStanding

# the keys a workspace has from its first day on, each in a file of its own
FIXED = ("answers", "authority", "inbox", "issuer", "journal", "kek-1", "log", "office", "search")


def standing(folder: Path, links: LinkFile) -> KeyStanding:
    """Return how the keeper's folder stands; no key is made, and only those of the links read."""
    paths = {name: folder / f"{name}.key" for name in FIXED}
    there = [path for path in paths.values() if path.is_file()]
    return KeyStanding(
        missing=tuple(name for name, path in paths.items() if path not in there),
        oldest=min((int(path.stat().st_mtime) for path in there), default=0),
        link_copies=tuple(links.is_readable(one) for one in REPLICAS if links.exists(one)),
    )
