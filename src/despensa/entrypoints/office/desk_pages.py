"""What the pages of the desk show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, Fact, FieldError, Figure
from despensa.entrypoints.office.states import Word


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """A named office: what it is, and for how many households it vouches, of how many."""

    name: Word
    office: Word
    kind_word: Word
    area_name: Word
    vouched: int
    allowed: int


@dataclass(frozen=True, slots=True)
class DeskPage:
    """`office/desk.html`: what the desk did today, and what it may do."""

    figures: tuple[Figure, ...]
    offices: tuple[OfficeRow, ...]
    may_enrol: bool
    may_set: bool
    card_number: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one heading; a folded group opens when one of its fields is filled or wrong."""

    title: Word
    fields: tuple[ChangeField, ...]
    is_folded: bool = False
    is_open: bool = True
    note: Word = ""


@dataclass(frozen=True, slots=True)
class PersonBlock:
    """One person of the form."""

    number: int
    groups: tuple[FieldGroup, ...]


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """`office/desk_enrol.html`: the form of a household with the people who are there."""

    household: FieldGroup
    people: tuple[PersonBlock, ...]
    beside: tuple[FieldGroup, ...]
    is_agreed: bool
    hidden: tuple[tuple[str, str], ...]
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`office/desk_check.html`: everything that was typed, once more, before it is written."""

    groups: tuple[tuple[Word, tuple[Fact, ...]], ...]
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    """
    `office/desk_enrolled.html`: the household is there; its card, now or later.

    `pairs` wait for somebody to look at them: one of its people may be registered already.
    """

    household_id: UUID
    number: str
    cards: tuple[str, ...]
    pairs: tuple[UUID, ...] = ()
    card_number: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskFormPage:
    """
    `office/desk_form.html`: a short form; `notes` stand above its fields.

    `back_url` and `back_word` lead back to where it was opened from, else to the desk.
    """

    title: Word
    action: str
    fields: tuple[ChangeField, ...]
    button: Word
    notes: tuple[Word, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    errors: tuple[FieldError, ...] = ()
    back_url: str = ""
    back_word: Word = ""


@dataclass(frozen=True, slots=True)
class PaperPart:
    """What a paper says in one language."""

    language: str
    direction: Literal["ltr", "rtl"]
    title: str
    sentences: tuple[str, ...]
    things: tuple[str, ...]
    until_label: str
    until_words: str
    things_label: str
    given: str
    words_label: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """`office/desk_paper.html`: what a person takes away, in their language and another script."""

    answer_id: UUID
    serial: str
    parts: tuple[PaperPart, ...]
    words: str
    code_url: str
    language: str
    languages: tuple[Choice, ...]
    paper: Literal["a6", "a4"]
