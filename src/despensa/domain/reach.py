"""
How far a member of staff may reach: where their roles count, resolved on the tree of areas.

A grant counts in an area with all that lies in it, for one programme or for all, from one day
until another. What is outside does not exist for them. Source: docs/explanation/design.md,
section 9.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

_OUT = (
    "This lies outside the area or the programme your role is for today: nothing was changed. Ask "
    "the security officer for a role that reaches there."
)


class OutOfReach(PermissionError):
    """No role of this person counts there; the text says so and whom to ask."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    Where one grant counts.

    `inside` are the grant's area and all areas in it, None the whole workspace; `above` are the
    areas it lies in. `programme` None is every programme.
    """

    programme: UUID | None
    inside: frozenset[UUID] | None
    above: frozenset[UUID] = frozenset()

    def has(self, area: UUID | None) -> bool:
        """Return whether an area lies in it; None asks for the whole workspace."""
        return self.inside is None or area in self.inside


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything the grants that hold one permission reach together, on one day."""

    stretches: tuple[Stretch, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Return whether it is the whole workspace with every programme."""
        return self.covers(None, None)

    @property
    def areas(self) -> list[UUID] | None:
        """Return the areas whose people are in reach, None for all of the workspace."""
        found: set[UUID] = set()
        for stretch in self.stretches:
            if stretch.inside is None:
                return None
            found |= stretch.inside
        return sorted(found)

    def holds(self, area: UUID) -> bool:
        """Return whether the people of an area are in reach."""
        return any(stretch.has(area) for stretch in self.stretches)

    def programmes_at(self, area: UUID) -> frozenset[UUID] | None:
        """Return the programmes in reach for the people of an area, None for all."""
        there = [stretch for stretch in self.stretches if stretch.has(area)]
        if any(stretch.programme is None for stretch in there):
            return None
        return frozenset(s.programme for s in there if s.programme is not None)

    def covers(self, programme: UUID | None, area: UUID | None) -> bool:
        """
        Return whether one grant reaches the whole of a programme's work in an area.

        None asks for every programme, or for the whole workspace.
        """
        return any(
            stretch.programme in {None, programme} and stretch.has(area)
            for stretch in self.stretches
        )

    def touches(self, programme: UUID, area: UUID) -> bool:
        """Return whether it covers a programme of an area, or a part of that area for it."""
        return any(
            stretch.programme in {None, programme} and (stretch.has(area) or area in stretch.above)
            for stretch in self.stretches
        )

    def require_people(self, area: UUID) -> None:
        """
        Refuse an area whose people no grant reaches, for whatever programme.

        Raises: OutOfReach.
        """
        if not self.holds(area):
            raise OutOfReach(_OUT)

    def require(self, programme: UUID | None, area: UUID | None) -> None:
        """
        Refuse what no single grant covers.

        Raises: OutOfReach.
        """
        if not self.covers(programme, area):
            raise OutOfReach(_OUT)


def smallest_around(areas: Iterable[UUID], parents: Mapping[UUID, UUID | None]) -> UUID | None:
    """
    Return the smallest area that all of these lie in, None when there is none.

    `parents` is the tree: each area with the one it lies in.
    """
    shared: list[UUID] | None = None
    for area in areas:
        line = lineage(area, parents)
        shared = line if shared is None else [one for one in shared if one in line]
    return shared[0] if shared else None


def lineage(area: UUID, parents: Mapping[UUID, UUID | None]) -> list[UUID]:
    """Return an area and those it lies in, the innermost first."""
    line: list[UUID] = []
    at: UUID | None = area
    while at is not None and at not in line:
        line.append(at)
        at = parents.get(at)
    return line
