"""What the pages about releases show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.entrypoints.office.parts import NO_TURNS, Choice, Turns
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """
    One release: what of which cycle, for whom and what for, until when its copy is here.

    `formats` are the ways in which somebody may take a copy; without them `take_url` is empty.
    """

    number: int
    kind_word: Word
    cycle_name: Word
    recipient: str
    purpose: Word
    destroy_by: date
    taken: int
    state: State
    proposal_id: UUID
    take_url: str = ""
    formats: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingRelease:
    """A release that a second person has not agreed to yet."""

    kind_word: Word
    described: str
    recipient: str
    proposal_id: UUID


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    """`office/releases.html`: what left, what waits, and what may be proposed."""

    rows: tuple[ReleaseRow, ...]
    waiting: tuple[WaitingRelease, ...] = ()
    turns: Turns = NO_TURNS
    may_propose: bool = False
    alone: Word = ""
