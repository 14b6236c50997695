"""What the pages about goods at the points show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date, datetime

from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.states import Word


@dataclass(frozen=True, slots=True)
class StockPointRow:
    """One point in the list."""

    url: str
    name: str
    code: str
    area_name: str


@dataclass(frozen=True, slots=True)
class ContentRow:
    """What one parcel of a unit holds, in words."""

    name: str
    held: str


@dataclass(frozen=True, slots=True)
class StockPage:
    """`office/stock.html`: the points in reach, and what parcels hold."""

    rows: tuple[StockPointRow, ...]
    contents: tuple[ContentRow, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a day; `counted` and `difference` are None without a count."""

    name: str
    before: int
    received: int
    given: int
    lost: int
    returned: int
    opened: int
    left: int
    counted: int | None
    difference: int | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `reverse_url` is empty where there is nothing to reverse."""

    word: Word
    goods: str
    notes: str
    reason: Word
    staff_name: str
    written_at: datetime
    is_reversed: bool
    reverse_url: str = ""


@dataclass(frozen=True, slots=True)
class StockPointPage:
    """`office/stock_point.html`: the end-of-day report of a point, and its entries."""

    name: str
    code: str
    day: date
    today: date
    items: tuple[ItemRow, ...]
    entries: tuple[EntryRow, ...]
    # where each kind of entry is written; nothing for those who only look
    writes: tuple[Choice, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class StockWritePage:
    """`office/stock_write.html`: the form of one entry; `entry_id` makes sending it twice once."""

    title: Word
    name: str
    code: str
    back_url: str
    entry_id: str
    fields: tuple[ChangeField, ...]
    errors: tuple[FieldError, ...] = ()
