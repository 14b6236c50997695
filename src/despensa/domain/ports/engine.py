"""
The port through which a register is frozen for a cycle and decided by a rule.

Decides nothing; it says what an engine promises. Source: docs/explanation/design.md section 7.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from despensa.domain.eligibility.rule import Border, Rule

# hears how many households are done and of how many; what it raises ends the work
Telling = Callable[[int, int], None]


def untold(_done: int, _total: int) -> None:
    """Hear of progress and do nothing."""


class EngineError(RuntimeError):
    """The engine could not do its work; the text says what, where and how to go on."""


@dataclass(frozen=True, slots=True)
class RegistryFiles:
    """
    Two CSV files with a header, as PostgreSQL's COPY (FORMAT csv, HEADER) writes them.

    Shape: households: household_id uuid, area uuid or empty, facts JSON. members: household_id
        uuid, birth_month date or empty, birth_precision 0 to 3, sex (1 male, 2 female, 3 other, or
        the word) or empty, facts JSON; optionally member_from and member_until (exclusive), by
        which only the members of the date are taken. Further columns are ignored.
    """

    households: str
    members: str


@dataclass(frozen=True, slots=True)
class FreezeOrder:
    """
    What to freeze and with which secrets.

    Holds: `id_key`, `salt` and `map_key` are 32 random bytes each, made for this cycle; `id_key`
        is used once and never kept. `areas` are the programme's areas with all that lie in them,
        None when the programme covers everybody. `lot_seed` are the 32 bytes that the log holds a
        commitment to, for a rule that draws lots.
    """

    rule: Rule
    on: date
    cycle: bytes
    areas: tuple[bytes, ...] | None
    id_key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    map_key: bytes = field(repr=False)
    lot_seed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FrozenCycle:
    """A frozen register: where it lies, which rule and date it is for, its size and root."""

    folder: str
    rule_hash: bytes
    on: date
    households: int
    members: int
    root: bytes


@dataclass(frozen=True, slots=True)
class OutcomeTotal:
    """
    The totals of one outcome.

    Shape: `quantities` is (unit, sum) for every unit of the rule, in its order.
    """

    outcome: int
    households: int
    members: int
    quantities: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """
    One household's decision.

    Shape: `codes` are the clause codes in the rule's order with + met, - not met, ? unknown in
        front; `lines` is (unit, quantity) without lines of quantity 0.
    """

    row: int
    household: bytes
    outcome: int
    codes: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FrozenSlip:
    """
    What a household needs to check its own decision: its row, salt and path to the cycle's root.

    Holds: leaf data = salt || row bytes; `path` leads from H(00 || leaf data) at `row` of `rows`
        to the root (RFC 6962).
    """

    row: int
    rows: int
    row_bytes: bytes
    salt: bytes
    path: tuple[bytes, ...]
    outcome: int
    codes: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]


class FactsChange(StrEnum):
    """How the facts of a household differ between two freezes."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class MapKey:
    """What opens the map of a frozen folder: the cycle it is bound to, and its key."""

    cycle: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FactsDifference:
    """A household whose facts, as far as the rule reads them, are not the same in two freezes."""

    household: bytes
    change: FactsChange


class Engine(Protocol):
    """
    Freezes and decides a whole register without a loop over it.

    Promises: the same facts and secrets give the same root and the same decisions; every decision
    equals `despensa.domain.eligibility.evaluate` on the household's frozen row; a folder holds
    either a whole frozen cycle or none; nothing leaves the folders named in the call.
    """

    def freeze(
        self, files: RegistryFiles, order: FreezeOrder, folder: str, told: Telling = untold
    ) -> FrozenCycle:
        """
        Write the frozen files of a cycle into a new folder.

        What `told` raises ends it, and leaves nothing behind.
        Raises: EngineError when the folder exists, a file cannot be read or written, a household
            appears twice or a member has no household.
        """
        ...

    def kept(self, folder: str, rule: Rule, *, since: int) -> FrozenCycle | None:
        """
        Return the whole frozen cycle that lies in a folder, frozen for this rule since a moment.

        Units: `since` in seconds of the epoch. None when there is none, or none that opens.
        """
        ...

    def decide(self, folder: str, rule: Rule) -> tuple[OutcomeTotal, ...]:
        """
        Decide every frozen household and return the totals of the three outcomes, in their order.

        Raises: EngineError when the folder was frozen for another rule or cannot be read.
        """
        ...

    def border(self, folder: str, rule: Rule) -> Border | None:
        """Return how far the budget reached down the order; None when it reached everybody."""
        ...

    def decisions(
        self, folder: str, rule: Rule, cycle: bytes, map_key: bytes
    ) -> Iterator[DecisionRow]:
        """Yield the stored decisions by row, for screens and tests; `copy_text` is for tables."""
        ...

    def copy_text(self, folder: str, rule: Rule, cycle: bytes, map_key: bytes) -> Iterator[bytes]:
        """
        Yield the stored decisions as CSV for COPY ... FROM STDIN (FORMAT csv), without a header.

        Shape: household_id uuid, row_id int, outcome smallint, clauses text[] as {+A,-B,?C},
            lines JSON [["parcel",1],...].
        """
        ...

    def slips(
        self, folder: str, rule: Rule, salt: bytes, rows: Sequence[int]
    ) -> tuple[FrozenSlip, ...]:
        """
        Return the slips of some rows, in the order asked.

        Raises: EngineError when there is no such row or nothing has been decided yet.
        """
        ...

    def differences(
        self, then: tuple[str, MapKey], now: tuple[str, MapKey], rule: Rule
    ) -> list[FactsDifference]:
        """
        Return the households whose facts differ between two frozen folders, ascending by id.

        Guarantee: complete for what the rule reads; the folders' random ids do not matter.
        """
        ...

    def destroy(self, folder: str) -> None:
        """Overwrite and remove a frozen folder, whole or half; one that is gone is no error."""
        ...
