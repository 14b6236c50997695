"""
Administrative areas from a boundary table: which places there are, below what, called what.

A p-code is opaque: which place another lies in is what its row says, never what its letters say.
Source: OCHA, Common Operational Datasets, administrative boundaries (COD-AB), tabular form with
columns such as ADM2_PCODE, ADM2_EN, ADM1_PCODE, or adm2_pcode, adm2_name, adm2_name1, lang, lang1.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from despensa.domain.registration.cell import Cell

LEVELS_MAX = 6
AREAS_MAX = 500_000
_PCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_.]{0,31}")
_CODE = re.compile(r"adm(?:in)?_?(\d)_?p_?code")
_NAME_IN = re.compile(r"adm(?:in)?_?(\d)_?(?:name_)?([a-z]{2,3})")
_NAME_NUMBERED = re.compile(r"adm(?:in)?_?(\d)_?name([1-3]?)")
_LANGUAGE = re.compile(r"lang([1-3]?)")
_NOT_LANGUAGES = frozenset({"ref", "alt", "id"})
_UNDETERMINED = "und"
_NAME_MAX = 200
_SPACES = re.compile(r"[\s\-]+")


class GazetteerError(ValueError):
    """The table cannot be used; the message lists every fault with its place."""


@dataclass(frozen=True, slots=True)
class Place:
    """One area of a table; `parent` is None for the country itself."""

    pcode: str
    parent: str | None
    level: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """One area that is there already."""

    pcode: str
    parent: str | None
    level: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """
    What a table would do.

    Shape: `added` and `changed` have parents before children; `changed` holds each area as it will
    be. Areas the table does not name are left as they are.
    """

    added: tuple[Place, ...]
    changed: tuple[Place, ...]
    unchanged: int


@dataclass(slots=True)
class _Sheet:
    codes: dict[int, int] = field(default_factory=dict)
    names: dict[tuple[int, str], int] = field(default_factory=dict)
    numbered: dict[tuple[int, str], int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    ends: int | None = None


@dataclass(slots=True)
class _Found:
    places: dict[str, Place] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


Rows = Iterable[tuple[int, Sequence[Cell]]]


def is_gazetteer(headings: Sequence[str]) -> bool:
    """Return whether a sheet has the columns of a boundary table."""
    return bool(_columns(headings).codes)


def read_places(
    sheets: Iterable[tuple[str, Sequence[str], Rows]], *, today: date
) -> tuple[Place, ...]:
    """
    Return every place the sheets name, parents before children.

    `sheets` are (name, headings, rows), a row being its number and its cells. A row says of its
    finest level where it lies; a place that ended before today is left out.
    Raises: GazetteerError listing all faults: codes that are none, places said to lie in two
    others, or in a place no row names.
    """
    found = _Found()
    for sheet, headings, rows in sheets:
        columns = _columns(headings)
        if columns.codes:
            for number, cells in rows:
                _read_row(found, columns, f"{sheet} row {number}".strip(), cells, today)
    if not found.places and not found.faults:
        found.faults.append("no row has a p-code; the columns are ADM1_PCODE, ADM1_EN and so on")
    if len(found.places) > AREAS_MAX:
        found.faults.append(f"more than {AREAS_MAX:,} areas; import the levels you need")
    if found.faults:
        raise GazetteerError("\n".join(found.faults[:50]))
    return tuple(sorted(found.places.values(), key=lambda one: (one.level, one.pcode)))


def plan_areas(
    places: Sequence[Place], known: Mapping[str, Known], *, root: str, root_codes: Iterable[str]
) -> AreaPlan:
    """
    Return what is new and what changes; a table twice changes nothing the second time.

    `root` is the p-code of the workspace's own area and `root_codes` what tables call it: its name
    and place are the workspace's and never change here.
    Raises: GazetteerError when the table is about another country.
    """
    roots = {root, *root_codes}
    tops = [one for one in places if one.parent is None]
    foreign = [one.pcode for one in tops if one.pcode not in roots]
    if foreign:
        message = (
            f"the table is about {foreign[0]}, and this workspace is about {root}; import the table"
            " of your own country"
        )
        raise GazetteerError(message)
    added: list[Place] = []
    changed: list[Place] = []
    unchanged = 0
    for one in places:
        if one.parent is None:
            continue
        parent = root if one.parent in roots else one.parent
        before = known.get(one.pcode)
        names = dict(one.names) if before is None else {**before.names, **one.names}
        after = Place(one.pcode, parent, one.level, names)
        if before is None:
            added.append(after)
        elif (before.parent, before.level, dict(before.names)) != (parent, one.level, names):
            changed.append(after)
        else:
            unchanged += 1
    return AreaPlan(tuple(added), tuple(changed), unchanged)


def _columns(headings: Sequence[str]) -> _Sheet:
    found = _Sheet()
    for at, heading in enumerate(headings):
        name = _SPACES.sub("_", heading.strip().casefold())
        if match := _CODE.fullmatch(name):
            found.codes.setdefault(int(match.group(1)), at)
        elif match := _NAME_NUMBERED.fullmatch(name):
            found.numbered.setdefault((int(match.group(1)), match.group(2)), at)
        elif match := _NAME_IN.fullmatch(name):
            if match.group(2) not in _NOT_LANGUAGES:
                found.names.setdefault((int(match.group(1)), match.group(2)), at)
        elif match := _LANGUAGE.fullmatch(name):
            found.languages.setdefault(match.group(1), at)
        elif name in ("validto", "valid_to"):
            found.ends = at
    return found


def _read_row(
    found: _Found, columns: _Sheet, place: str, cells: Sequence[Cell], today: date
) -> None:
    if columns.ends is not None and _has_ended(cells[columns.ends], today):
        return
    parent: str | None = None
    levels = [level for level in sorted(columns.codes) if _text(cells[columns.codes[level]])]
    for level in levels:
        pcode = _text(cells[columns.codes[level]])
        if level >= LEVELS_MAX or not _PCODE.fullmatch(pcode):
            found.faults.append(f"{place}: {pcode!r} is no p-code; write letters and digits only")
            return
        if parent is None and level > 0:
            found.faults.append(f"{place}: {pcode} lies in nothing; fill in the levels above it")
            return
        named = _names(columns, cells, level)
        _add(found, place, Place(pcode, parent, level, named))
        parent = pcode


def _add(found: _Found, place: str, one: Place) -> None:
    before = found.places.get(one.pcode)
    if before is None:
        found.places[one.pcode] = one
        return
    if (before.parent, before.level) != (one.parent, one.level):
        found.faults.append(
            f"{place}: {one.pcode} lies in {one.parent} here and in {before.parent} in another row;"
            " correct one of them"
        )
        return
    # Another row of the same place may name it in a language this one does not.
    names = {**before.names, **one.names}
    for language, called in before.names.items():
        if one.names.get(language, called) != called:
            found.faults.append(
                f"{place}: {one.pcode} is called {one.names[language]!r} here and {called!r} in"
                " another row; correct one of them"
            )
            return
    found.places[one.pcode] = Place(one.pcode, one.parent, one.level, names)


def _names(columns: _Sheet, cells: Sequence[Cell], level: int) -> dict[str, str]:
    names: dict[str, str] = {}
    for (of, language), at in columns.names.items():
        if of == level and _text(cells[at]):
            names[language] = _text(cells[at])
    for (of, number), at in columns.numbered.items():
        said = columns.languages.get(number)
        language = _text(cells[said]).casefold()[:3] if said is not None else ""
        if of == level and _text(cells[at]):
            names.setdefault(language or _UNDETERMINED, _text(cells[at]))
    return names


def _has_ended(value: Cell, today: date) -> bool:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value < today
    try:
        return date.fromisoformat(_text(value)[:10]) < today
    except ValueError:
        return False


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split())[:_NAME_MAX]
