"""
The rows of our own template as text, read household by household without notes about each cell.

The set-based form of `household.assess`: what a cell says is worked out once and remembered, since
most cells repeat. It answers for households in order only; whatever is out of the ordinary it leaves
to the readable form, which finds and says every fault.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from despensa.domain.catalogue import Fact, Subject
from despensa.domain.registration import cell
from despensa.domain.registration.cell import Cell, CellFault
from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)
from despensa.domain.registration.household import PCODE, default_roles, template_roles
from despensa.domain.registration.layout import Columns
from despensa.domain.registration.person import (
    DOCUMENTS_MAX,
    PHONES,
    TEMPLATE_DOCUMENTS,
    read_country,
    read_document_kind,
    read_document_number,
    read_fact,
    read_sex,
)
from despensa.domain.registration.phone import e164
from despensa.domain.registration.row import Findings, Reading, Row

Line = tuple[int, tuple[Cell, ...]]
_REMEMBERED = 1 << 13
_NO_FACTS: dict[str, Any] = {}
_NO_BIRTH = Birth()


class _OutOfOrder(Exception):
    """A household the readable form has to look at."""


class QuickReader:
    """Reads households of one file whose cells are all text."""

    def __init__(self, columns: Columns, reading: Reading) -> None:
        """Find the columns and prepare what remembers their cells."""
        at = {name: place for place, name in columns.fields.items()}
        absent = len(columns.headings)  # a cell that is never filled in stands at the end
        self._home = reading.home
        self._name, self._surname_1, self._surname_2, self._given = (
            at.get(name, absent) for name in ("full_name", "surname_1", "surname_2", "given_names")
        )
        self._number, self._sex, self._birth, self._role, self._collector = (
            at.get(name, absent)
            for name in ("person_number", "sex", "birth_date", "role", "collector")
        )
        self._documents = [
            tuple(at.get(name, absent) for name in names) for _, *names in TEMPLATE_DOCUMENTS
        ]
        self._phones = [at.get(name, absent) for name in PHONES]
        facts = reading.catalogue.of(Subject.REGISTRANT)
        self._facts = [(one.name, at[one.name], _of_fact(one)) for one in facts if one.name in at]
        shared: list[tuple[str, Callable[[Cell], Any]]] = [
            (name, cell.text) for name in ("address", "area_name", "area_pcode")
        ]
        shared += [(one.name, _of_fact(one)) for one in reading.catalogue.of(Subject.HOUSEHOLD)]
        self._shared = [(name, at[name], read) for name, read in shared if name in at]
        self._read_number, self._read_part = _remembered(cell.text), _remembered(cell.name)
        self._read_birth = _remembered(
            partial(cell.birth, today=reading.today, day_first=False), 1 << 15
        )
        self._read_roles = lru_cache(_REMEMBERED)(_roles)

    def household(self, number: str, lines: Sequence[Line]) -> HouseholdDraft | None:
        """Return the household these lines describe, or None where the readable form must look."""
        rows = [(line, (*cells, None)) for line, cells in lines]
        try:
            said = self._said_of_all([cells for _, cells in rows])
            roles = self._roles_of([cells for _, cells in rows])
            persons = tuple(
                [
                    self._person(number, line, cells, own)
                    for (line, cells), own in zip(rows, roles, strict=True)
                ]
            )
        except (CellFault, _OutOfOrder):
            return None
        if len(persons) > 1 and len({one.source_record_id for one in persons}) < len(persons):
            return None
        address, area = said.pop("address", None), said.pop("area_name", None)
        pcode = said.pop("area_pcode", None)
        if pcode is not None and not PCODE.fullmatch(pcode):
            return None
        return HouseholdDraft(number, persons, len(rows), address, area, pcode, said)

    def _said_of_all(self, rows: Sequence[tuple[Cell, ...]]) -> dict[str, Any]:
        """Return what the household's columns say: once, or in all its rows the same."""
        said: dict[str, Any] = {}
        for name, place, read in self._shared:
            written = {cells[place] for cells in rows}
            if len(written) > 1:
                written -= {"", None}
                if len(written) > 1:
                    raise _OutOfOrder
            [one] = written or (None,)
            if one is None or one == "":
                continue
            value = read(one)
            if value is not None:
                said[name] = value
        return said

    def _roles_of(self, rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Role, ...]]:
        read, role, collector = self._read_roles, self._role, self._collector
        roles = [read(cells[role], cells[collector]) for cells in rows]
        every = [one for own in roles for one in own]
        members, heads = every.count(Role.MEMBER), every.count(Role.HEAD)
        if (
            not members
            or heads > 1
            or (heads == 0 and members > 1)
            or every.count(Role.PRIMARY_COLLECTOR) > 1
            or every.count(Role.ALTERNATE_COLLECTOR) > 1
        ):
            raise _OutOfOrder
        return default_roles(roles)

    def _person(
        self, number: str, line: int, cells: tuple[Cell, ...], roles: tuple[Role, ...]
    ) -> PersonDraft:
        own, full_name = self._read_number(cells[self._number]), cell.name(cells[self._name])
        if own is None or full_name is None:
            raise _OutOfOrder
        birth = cells[self._birth]
        facts = {}
        for name, place, read in self._facts:
            written = cells[place]
            if written:
                value = read(written)
                if value is not None:
                    facts[name] = value
        return PersonDraft(
            f"{number}/{own}",
            full_name,
            _sex(cells[self._sex]),
            self._read_birth(birth) if birth else _NO_BIRTH,
            roles,
            line,
            self._parts(cells, full_name),
            self._papers(cells),
            self._numbers(cells),
            facts,
        )

    def _parts(self, cells: tuple[Cell, ...], full_name: str) -> NameParts | None:
        first = second = given = None
        if written := cells[self._surname_1]:
            first = self._read_part(written)
        if written := cells[self._surname_2]:
            second = self._read_part(written)
        if written := cells[self._given]:
            given = self._read_part(written)
        if first is None and second is None and given is None:
            return None
        for part in (first, second, given):
            if part is not None and part not in full_name:
                raise _OutOfOrder
        return NameParts(first, second, tuple(given.split()) if given else ())

    def _papers(self, cells: tuple[Cell, ...]) -> tuple[Document, ...]:
        found: list[Document] = []
        for kind_at, country_at, number_at in self._documents:
            if not (cells[kind_at] or cells[country_at] or cells[number_at]):
                continue
            number, kind = read_document_number(cells[number_at]), _kind(cells[kind_at])
            country = _country(cells[country_at]) or self._home.alpha_3
            if (number is None) != (kind is None):
                raise _OutOfOrder
            if number is not None and kind is not None:
                found.append(Document(kind, country, number))
        return tuple(dict.fromkeys(found[:DOCUMENTS_MAX])) if len(found) > 1 else tuple(found)

    def _numbers(self, cells: tuple[Cell, ...]) -> tuple[str, ...]:
        found: list[str] = []
        for place in self._phones:
            written = cells[place]
            if written and (text := cell.text(written)) is not None:
                number = e164(text, self._home)
                if number is None:
                    raise _OutOfOrder
                found.append(number)
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _remembered(read: Callable[[Cell], Any], most: int = _REMEMBERED) -> Callable[[Cell], Any]:
    return lru_cache(most)(read)


def _of_fact(fact: Fact) -> Callable[[Cell], Any]:
    return _remembered(partial(read_fact, fact=fact))


def _roles(role: Cell, collector: Cell) -> tuple[Role, ...]:
    values = {
        name: (name, value)
        for name, value in (("role", role), ("collector", collector))
        if value is not None and value != ""
    }
    findings = Findings()
    roles = template_roles(Row("", 0, values, ()), findings)
    if findings.errors:
        raise _OutOfOrder
    return roles


@lru_cache(_REMEMBERED)
def _sex(value: Cell) -> Sex:
    return read_sex(value) or Sex.UNKNOWN


_kind = lru_cache(_REMEMBERED)(read_document_kind)
_country = lru_cache(_REMEMBERED)(read_country)
