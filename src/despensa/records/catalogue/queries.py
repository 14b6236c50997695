"""Reads of the catalogue of facts: what is in force, what was, and what was destroyed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.catalogue import Catalogue
from despensa.domain.catalogue_change import read_catalogue
from despensa.domain.retention import Published
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


class NoCatalogue(LookupError):
    """No version of the catalogue was ever published here: the workspace was not founded."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version of the catalogue."""

    version: int
    text: str
    hash: bytes
    proposal: UUID | None
    published_at: int


@dataclass(frozen=True, slots=True)
class DestroyedRow:
    """A fact of a version whose values were destroyed, and how many there were."""

    name: str
    version: int
    at: int
    values: int


def versions() -> list[VersionRow]:
    """Return every published version, oldest first."""
    rows = fetch(
        REGISTRY,
        "SELECT version, text, hash, proposal, published_at FROM catalogue ORDER BY version",
    )
    return [VersionRow(v, text, bytes(digest), who, at) for v, text, digest, who, at in rows]


def latest() -> Catalogue:
    """
    Return the version in force, whole.

    Raises: NoCatalogue.
    """
    rows = fetch(REGISTRY, "SELECT text FROM catalogue ORDER BY version DESC LIMIT 1")
    if not rows:
        raise NoCatalogue("This workspace has no catalogue of facts yet: despensa init founds it.")
    return read_catalogue(rows[0][0])


def in_force() -> Catalogue:
    """
    Return what may be stored now: the version in force without facts that were destroyed in it.

    Raises: NoCatalogue.
    """
    found = latest()
    gone = {row.name for row in destroyed() if row.version == found.version}
    return found.without(gone) if gone else found


def history(day_of: Callable[[int], date]) -> list[Published]:
    """Return every version with the workspace's day of its publication, oldest first."""
    return [Published(read_catalogue(row.text), day_of(row.published_at)) for row in versions()]


def destroyed() -> list[DestroyedRow]:
    """Return what was destroyed at the end of its retention, newest first."""
    rows = fetch(
        REGISTRY,
        """SELECT name, version, destroyed_at, destroyed_values FROM catalogue_fact
           WHERE destroyed_at IS NOT NULL ORDER BY destroyed_at DESC, name, version DESC""",
    )
    return [DestroyedRow(*row) for row in rows]
