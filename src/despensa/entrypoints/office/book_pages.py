"""
Pages of what is counted and proved: cards, ledger and log.

The contract is that of `pages.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from despensa.entrypoints.office.parts import NO_TURNS, FieldError, Figure, Turns
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of cards. Holds: `sheet_url` is empty until every code has been read back."""

    number: str
    made_on: date
    cards: int
    read_back: int
    handed_over: int
    state: State
    sheet_url: str = ""
    destroy_on: date | None = None
    count_url: str = ""
    list_url: str = ""
    shop: str = ""
    shop_url: str = ""
    package_url: str = ""
    return_url: str = ""
    kind: Word = ""


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A line of a print shop's list, or a card that has none: `line` is None."""

    line: int | None
    serial: str
    verdict: Word


@dataclass(frozen=True, slots=True)
class CardReturnPage:
    """`office/card_return.html`: a shop's list held against what was issued."""

    action: str
    number: str
    shop: str
    figures: tuple[Figure, ...] = ()
    lines: tuple[ReturnLine, ...] = ()
    left_out: int = 0
    is_looked_at: bool = False
    is_whole: bool = False
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CardsPage:
    """`office/cards.html`. `handed` is the notice after a card was handed over."""

    figures: tuple[Figure, ...]
    batches: tuple[BatchRow, ...]
    card_number: str = ""
    handed: Word = ""
    errors: tuple[FieldError, ...] = ()
    turns: Turns = NO_TURNS
    may_hand_over: bool = True
    may_order: bool = False


@dataclass(frozen=True, slots=True)
class KindBalance:
    """The accounts of one kind. Units: whole units or minor units of the unit above."""

    kind_word: Word
    accounts: int
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """The trial balance of one unit; it holds when debits equal credits."""

    unit_name: str
    kinds: tuple[KindBalance, ...]
    debit_total: int
    credit_total: int
    state: State


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """`office/ledger.html`."""

    units: tuple[UnitBalance, ...]
    checked_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """An outside witness and the size of the log it last signed."""

    name: str
    size: int
    signed_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One public leaf, newest first."""

    number: int
    written_at: datetime
    kind_word: Word
    text: Word


@dataclass(frozen=True, slots=True)
class LogPage:
    """`office/log.html`. Units: `size` in leaves; `waiting` leaves not yet numbered."""

    origin: str
    size: int
    waiting: int
    root_hex: str
    signed_at: datetime | None
    key_name: str
    state: State
    verified_at: datetime | None
    witnesses: tuple[WitnessRow, ...]
    leaves: tuple[LeafRow, ...]
    turns: Turns = NO_TURNS
