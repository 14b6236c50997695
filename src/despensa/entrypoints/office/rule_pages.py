"""What the pages of the rule builder show; the contract of all pages is in `pages.py`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from despensa.domain.eligibility.document import Path
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.states import State, Word

Reads = Literal[
    "text",
    "whole",
    "constant",
    "choice",
    "day",
    "maybe",
    "maybe_whole",
    "yes_no",
    "born",
    "nothing",
]


@dataclass(frozen=True, slots=True)
class RuleField:
    """
    One field of the builder and where in the rule it stands.

    Shape: `reads` says how what was typed becomes a part of the rule; `nothing` is read by the part
    of the form it belongs to. `language` is that of a text which is not the reader's.
    """

    name: str
    label: Word
    kind: Literal["text", "number", "date", "select", "checks", "textarea", "check"] = "text"
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    hint: Word = ""
    path: Path = ()
    reads: Reads = "nothing"
    language: str = ""
    suggestions: str = ""
    asks_again: str = ""

    @property
    def id(self) -> str:
        """Return the id of the field, which a fault links to."""
        return f"id_{self.name}"

    @property
    def may_be_nothing(self) -> bool:
        """Return whether nothing is one of the choices."""
        return any(choice.value == "" for choice in self.choices)

    @property
    def is_right_to_left(self) -> bool:
        """Return whether its text is written from right to left."""
        return self.language.split("-")[0] in {"ar", "fa", "he", "ur"}


@dataclass(frozen=True, slots=True)
class RuleButton:
    """A button that changes the form: what it does, and where the page goes on after it."""

    do: str
    word: Word
    anchor: str = ""
    about: Word = ""
    is_stop: bool = False


@dataclass(frozen=True, slots=True)
class RuleBlock:
    """
    A part of the form with its fields and parts.

    Shape: `path` is where in the rule it stands. `layout` row: fields beside each other; fold:
    behind its title, open when `is_open`; card: a frame of its own; plain: neither.
    """

    id: str
    title: Word = ""
    path: Path = ()
    note: Word = ""
    layout: Literal["section", "card", "fold", "row", "plain"] = "plain"
    fields: tuple[RuleField, ...] = ()
    blocks: tuple["RuleBlock", ...] = ()
    buttons: tuple[RuleButton, ...] = ()
    summary: Word = ""
    is_open: bool = False

    def every_field(self) -> Iterator[RuleField]:
        """Yield the fields of this block and of all in it."""
        yield from self.fields
        for block in self.blocks:
            yield from block.every_field()


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """How many households are of one area or type, as it may be told."""

    name: Word
    told: Word


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Some households by area, by size and by who lives in them, as it may be told."""

    areas: tuple[BreakdownRow, ...]
    sizes: tuple[BreakdownRow, ...]
    people: tuple[BreakdownRow, ...]


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """An invented household and what it gets by the last version and by this one."""

    sentence: str
    on: date
    before: State | None
    before_goods: str
    after: State
    after_goods: str


@dataclass(frozen=True, slots=True)
class CountPanel:
    """
    `office/parts/rule_count.html`: what may be told of the draft, or why it is not counted yet.

    Holds: every number is coarse already. `token` carries the panel to the next page.
    """

    state: Literal["none", "unfinished", "told", "refused"]
    entitled: Word = ""
    change: Word = ""
    lines: tuple[BreakdownRow, ...] = ()
    reached: Breakdown | None = None
    unreached: Breakdown | None = None
    examples: tuple[ExampleRow, ...] = ()
    missing: tuple[FieldError, ...] = ()
    missing_total: int = 0
    reason: Word = ""
    as_of: datetime | None = None
    left_today: int | None = None
    hash_hex: str = ""
    is_before_last_change: bool = False
    token: str = ""


NOT_COUNTED = CountPanel("none")


@dataclass(frozen=True, slots=True)
class ProgrammeRules:
    """One programme with its published versions, the last first."""

    programme_id: UUID
    name: str
    code: str
    versions: tuple["VersionRow", ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version."""

    version: int
    published_at: datetime
    hash_hex: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """`office/rules.html`."""

    programmes: tuple[ProgrammeRules, ...]


@dataclass(frozen=True, slots=True)
class RuleWritePage:
    """
    `office/rule_write.html`: the whole form.

    Shape: `text` is the rule file as it stands; `blocks` are the form's sections, in order;
    `summary` says each of `errors` with the words of its place; `unshown` are the parts that can
    be written in the file alone.
    """

    programme_id: UUID
    programme_name: str
    text: str
    blocks: tuple[RuleBlock, ...]
    count: CountPanel
    parameters: tuple[str, ...] = ()
    last_version: int | None = None
    errors: tuple[FieldError, ...] = ()
    summary: tuple[FieldError, ...] = ()
    is_checked: bool = False
    unshown: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleChangeRow:
    """One part of a rule that differs, as lines before and after; `is_same` lines stand in both."""

    part: Word
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleLook:
    """What an approver sees of a proposed rule: what it changes, what to look at, and its file."""

    last_version: int | None
    changes: tuple[RuleChangeRow, ...]
    warnings: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class RuleReviewPage:
    """
    `office/rule_review.html`: everything about a draft before a second person sees it.

    Shape: `problems` stand in the way, `warnings` do not; `changes` are against the last version.
    """

    programme_id: UUID
    programme_name: str
    title: str
    text: str
    version: int
    last_version: int | None
    hash_hex: str
    count: CountPanel
    changes: tuple[RuleChangeRow, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleComparePage:
    """`office/rule_compare.html`: two published versions side by side."""

    programme_id: UUID
    programme_name: str
    before: int
    after: int
    versions: tuple[int, ...]
    changes: tuple[RuleChangeRow, ...] = ()
