"""
Pages of the catalogue of facts: what may be known, and a new version of it.

The contract is that of `pages.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact in words; `goes_on` is the day its values are destroyed, None while it is needed."""

    name: str
    label: Word
    about: Word
    purposes: Word
    readers: Word
    kept: Word
    state: State
    goes_on: date | None = None


@dataclass(frozen=True, slots=True)
class DestroyedFactRow:
    """A fact whose values were destroyed. `values` is None for whoever may not see counts."""

    name: str
    at: datetime
    values: int | None
    in_backups_until: date


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """`office/catalogue.html`."""

    name: str
    version: int
    published_at: datetime
    hash_hex: str
    facts: tuple[FactRow, ...]
    destroyed: tuple[DestroyedFactRow, ...] = ()
    may_propose: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One difference: what changes about which fact, and from what to what."""

    fact: Word
    what: Word
    before: Word
    after: Word


@dataclass(frozen=True, slots=True)
class CatalogueNewPage:
    """`office/catalogue_new.html`. `text` is the file that was looked into, empty before."""

    version: int
    changes: tuple[ChangeRow, ...] = ()
    text: str = ""
    problems: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()
