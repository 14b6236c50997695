"""Reads of programmes with the versions of their rules, for whoever writes the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme that has not ended, with or without a rule."""

    id: UUID
    code: str
    names: Mapping[str, str]
    area: UUID


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One published version of a programme's rule."""

    version: int
    hash: bytes
    published_at: int


def programmes() -> list[ProgrammeRow]:
    """Return the programmes that have not ended, by code."""
    rows = fetch(
        REGISTRY,
        """SELECT id, code, names, area_id FROM programme
           WHERE NOT EXISTS (SELECT 1 FROM programme_end WHERE programme_id = programme.id)
           ORDER BY code""",
    )
    return [ProgrammeRow(*row) for row in rows]


def versions(programme: UUID) -> list[RuleVersion]:
    """Return the published versions of a programme's rule, the last first."""
    rows = fetch(
        REGISTRY,
        """SELECT version, hash, published_at FROM rule WHERE programme_id = %s
           ORDER BY version DESC""",
        (programme,),
    )
    return [RuleVersion(version, bytes(digest), at) for version, digest, at in rows]
