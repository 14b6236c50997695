"""
Pages of the rooms where work is done in bulk: cycles, imports and proposals.

The contract is that of `pages.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from despensa.entrypoints.office.catalogue_pages import ChangeRow
from despensa.entrypoints.office.pages import CycleSummary
from despensa.entrypoints.office.parts import (
    NO_TURNS,
    Choice,
    Fact,
    FieldError,
    Figure,
    JobProgress,
    Turns,
)
from despensa.entrypoints.office.rule_pages import RuleLook
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class CyclesPage:
    """`office/cycles.html`. `programmes` empty: the reader may draft no cycle, or no rule is there."""

    cycles: tuple[CycleSummary, ...]
    turns: Turns = NO_TURNS
    programmes: tuple[Choice, ...] = ()
    name: str = ""
    opens_on: str = ""
    closes_on: str = ""
    dispute_days: str = "90"
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleStage:
    """One of the stations of a cycle: draft, decided, approved, open, closed, settled, faded."""

    word: Word
    position: Literal["done", "current", "ahead"]
    note: Word = ""


@dataclass(frozen=True, slots=True)
class AreaTotals:
    """Exact counts of households of one area; for staff in scope only, never published."""

    area_name: str
    entitled: int
    not_entitled: int
    needs_information: int


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """What the cycle promises of one item. Units: whole units of the item."""

    item_name: str
    unit_word: Word
    quantity: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """
    The one main action of a page: a form that posts `step` to `url`.

    Holds: `question` is asked before it is sent; empty means that nothing needs to be asked.
    """

    step: str
    word: Word
    note: Word
    url: str
    question: Word = ""


@dataclass(frozen=True, slots=True)
class GoodsEnd:
    """What became of one item of a cycle. Units: whole units of the item."""

    item_name: str
    delivered: int
    in_fund: int
    carried_on: int
    emergency: int
    loss: int


@dataclass(frozen=True, slots=True)
class CycleEnd:
    """
    The life of a cycle after it is open, in `office/parts/cycle_end.html`.

    `next_word` is empty where nothing comes next; `on` is the day on which the next step is done at
    the latest (`is_latest`) or not before, `days_left` until then. `goods` is empty for a reader of a part of the area.
    """

    next_word: Word = ""
    waits_word: Word = ""
    on: date | None = None
    days_left: int = 0
    is_latest: bool = False
    closed_on: date | None = None
    disputed_until: date | None = None
    lists_out: int = 0
    events_waiting: int = 0
    goods: tuple[GoodsEnd, ...] = ()
    backup_days: int = 0


@dataclass(frozen=True, slots=True)
class ChildLine:
    """One child of a cycle; `households` None before it is decided."""

    cycle_id: UUID
    name: str
    state: State
    opens_on: date
    households: int | None
    goods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """How much of an item late entrants got, of how much."""

    item_name: str
    used: int
    whole: int


@dataclass(frozen=True, slots=True)
class CycleFamily:
    """
    What completes or corrects a cycle, or what this one completes.

    `taken` says in sentences why it cannot be opened; `kinds` are the children that may be drafted.
    """

    kind_word: Word = ""
    note: Word = ""
    root_id: UUID | None = None
    root_name: str = ""
    children: tuple[ChildLine, ...] = ()
    shares: tuple[ShareLine, ...] = ()
    recovered: tuple[ItemTotal, ...] = ()
    is_waived: bool | None = None
    taken: tuple[str, ...] = ()
    kinds: tuple[Choice, ...] = ()
    opens_on: str = ""
    closes_on: str = ""


@dataclass(frozen=True, slots=True)
class CyclePage:
    """`office/cycle.html`."""

    summary: CycleSummary
    stages: tuple[CycleStage, ...]
    figures: tuple[Figure, ...]
    items: tuple[ItemTotal, ...]
    areas: tuple[AreaTotals, ...]
    areas_total: AreaTotals
    rule_reference: str
    rule_hash: str
    frozen_on: date | None = None
    next_step: NextStep | None = None
    job: JobProgress | None = None
    proposal_id: UUID | None = None
    other_step: NextStep | None = None
    end: CycleEnd | None = None
    waiting_word: Word = ""
    withdrawal: NextStep | None = None
    family: CycleFamily | None = None
    has_differences: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A household whose facts are not the frozen ones; `url` is empty for who may not open it."""

    number: str
    change: State
    url: str = ""


@dataclass(frozen=True, slots=True)
class CycleDifferencesPage:
    """
    `office/cycle_differences.html`: whose facts changed since a cycle was decided.

    Holds: without `is_compared` it is the question; `rows` are the first of all that are counted.
    """

    cycle_id: UUID
    cycle_name: str
    frozen_on: date
    is_compared: bool = False
    figures: tuple[Figure, ...] = ()
    rows: tuple[DifferenceRow, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the list. Units: rows of the file."""

    import_id: UUID
    file_name: str
    kind_word: Word
    started_at: datetime
    person_name: str
    rows_in: int
    rejected: int
    state: State


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """`office/imports.html`."""

    imports: tuple[ImportRow, ...]
    turns: Turns = NO_TURNS


@dataclass(frozen=True, slots=True)
class ImportNewPage:
    """
    `office/import_new.html`.

    Units: `size_max_mib` in MiB. `template_urls` leads to our own empty files.
    """

    kinds: tuple[Choice, ...]
    kind: str
    size_max_mib: int
    template_urls: tuple[Choice, ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of a file and the field it is read as; an empty field is not read."""

    number: int
    heading: str
    field: str


@dataclass(frozen=True, slots=True)
class ImportColumnsPage:
    """
    `office/import_columns.html`.

    Units: `size_max_mib` in MiB. Holds: no column of a forbidden name is in it.
    """

    file_name: str
    columns: tuple[MappedColumn, ...]
    fields: tuple[Choice, ...]
    size_max_mib: int
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column thrown away before anything was written, and why."""

    sheet: str
    column: str
    reason: Word


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong in the file, at its exact place, with the way to mend it."""

    sheet: str
    row: int
    column: str
    value: str
    problem: Word
    mend: Word


@dataclass(frozen=True, slots=True)
class FaultTotal:
    """How often one reason stands in one column, and where first, with the way to mend it there."""

    sheet: str
    column: str
    count: int
    first_row: int
    problem: Word


@dataclass(frozen=True, slots=True)
class PairCount:
    """How many households of a file became this, and where the first of them is looked at."""

    effect: State
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class ImportDetailPage:
    """
    `office/import_detail.html`.

    Shape: `row_errors` holds the first of `errors_total`, `totals_by_reason` counts all of them, the
    faulty rows file holds them.
    `is_read` is false while the file is read and when it could not be; `is_found` says whether what
    was found in it is known still. `pairs` are what became of the file's households, each with the page of the first of them.
    """

    import_id: UUID
    file_name: str
    kind_word: Word
    started_at: datetime
    person_name: str
    state: State
    figures: tuple[Figure, ...]
    totals: tuple[Fact, ...]
    dropped_columns: tuple[DroppedColumn, ...]
    without_document: int
    row_errors: tuple[RowError, ...]
    errors_total: int
    faulty_rows_url: str = ""
    job: JobProgress | None = None
    next_step: NextStep | None = None
    may_discard: bool = False
    reasons: tuple[Choice, ...] = ()
    proposal_id: UUID | None = None
    errors: tuple[FieldError, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    warnings: tuple[Word, ...] = ()
    columns_url: str = ""
    totals_title: Word = ""
    is_read: bool = True
    is_found: bool = False
    totals_by_reason: tuple[FaultTotal, ...] = ()
    pairs: tuple[PairCount, ...] = ()
    undo_url: str = ""

    @property
    def has_sheets(self) -> bool:
        """Return whether anything named here lies in a named sheet; a CSV file has none."""
        in_rows = any(error.sheet for error in self.row_errors)
        return in_rows or any(column.sheet for column in self.dropped_columns)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal in the list."""

    proposal_id: UUID
    action_word: Word
    summary: Word
    creator_name: str
    created_at: datetime
    expires_at: datetime
    state: State
    is_own: bool
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    """
    `office/proposals.html`. Of a page of what waits, what the reader may decide stands first.

    Holds: `waiting_turns` are those of the first list, `turns` those of the second.
    """

    waiting: tuple[ProposalRow, ...]
    finished: tuple[ProposalRow, ...]
    turns: Turns = NO_TURNS
    waiting_turns: Turns = NO_TURNS


@dataclass(frozen=True, slots=True)
class ProposalOutput:
    """Something with personal fields that leaves the system if this is approved."""

    name: Word
    fields: Word
    count: int
    destroy_by: date | None


@dataclass(frozen=True, slots=True)
class PasskeyChallenge:
    """
    What the browser needs to sign the proposal's hash with a passkey.

    Units: `challenge` and `credential_ids` in base64url without padding.
    """

    challenge: str
    host_name: str
    credential_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """
    `office/proposal.html`.

    Holds: `may_decide` only for a person other than the creator; otherwise `why_not` says why.
    """

    proposal_id: UUID
    action_word: Word
    creator_name: str
    created_at: datetime
    expires_at: datetime
    scope: Word
    reason: Word
    hash_hex: str
    state: State
    totals: tuple[Fact, ...]
    parameters: tuple[Fact, ...]
    inputs: tuple[str, ...]
    outputs: tuple[ProposalOutput, ...]
    may_decide: bool
    why_not: Word = ""
    refuse_reasons: tuple[Choice, ...] = ()
    passkey: PasskeyChallenge | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    refusal: Word = ""
    errors: tuple[FieldError, ...] = ()
    job: JobProgress | None = None
    receipt_url: str = ""
    changes: tuple[ChangeRow, ...] = ()
    correction_url: str = ""
    rule: RuleLook | None = None
