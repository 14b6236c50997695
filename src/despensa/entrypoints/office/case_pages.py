"""What the page about cases shows; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date

from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class CaseRow:
    """
    One case; it names a phone and a point, and never a household.

    `judge_url` is empty for who may not say what it was, and where it is closed.
    """

    id: str
    cause: Word
    phone_mark: str
    point_name: str
    on: date | None
    goods: str
    set_aside: int
    state: State
    verdict: Word = ""
    judge_url: str = ""


@dataclass(frozen=True, slots=True)
class CasesPage:
    """`office/cases.html`: the cases in reach; posts `verdict` to a row's judge_url."""

    rows: tuple[CaseRow, ...]
    verdicts: tuple[Choice, ...]
    errors: tuple[FieldError, ...] = ()
