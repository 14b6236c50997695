"""
The closed catalogue of facts: what may be known about a person or household, and what for.

Decides which fact names exist, what values they take, for which purpose they may be stored, who
attests and who reads them. It does not decide whether a purpose is alive today: that is asked of
the published rules and agreements. Everything is checked when the catalogue is loaded.
Source: docs/explanation/design.md, section 2 and promise 3.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from despensa.domain.forbidden import LANGUAGES, forbidden_category
from despensa.domain.text_fault import Fault

FactValue = bool | int | str

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CATALOGUE_KEYS = frozenset({"catalogue", "version", "facts"})
_REQUIRED_KEYS = frozenset(
    {"name", "subject", "type", "purposes", "attested_by", "retention_days", "readers", "label"}
)
_OPTIONAL_KEYS = frozenset({"values", "value_labels", "minimum", "maximum", "unit"})
_FILE = "catalogue"
_UNITS = ("currency_minor",)
_READERS = (
    "registrar",
    "approver",
    "programme_manager",
    "field_operator",
    "point_lead",
    "grievance_officer",
    "auditor",
    # another system, about one person who consented to it (domain/partner/consent.py)
    "partner",
)


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message lists every fault with its place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the faults and show them one a line."""
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


class FactValueError(ValueError):
    """A value is none the fact may take; the message names the fact and what it takes."""


class Subject(StrEnum):
    """Whom a fact describes."""

    REGISTRANT = "registrant"
    HOUSEHOLD = "household"


class FactType(StrEnum):
    """What the values of a fact are. Dates are text, YYYY-MM-DD; languages ISO 639 codes."""

    BOOL = "bool"
    INT = "int"
    CHOICE = "choice"
    DATE = "date"
    LANGUAGE = "language"


class Purpose(StrEnum):
    """The only things a fact may be stored for."""

    RULE = "rule"
    REPORT = "report"
    DELIVERY = "delivery"


class Attested(StrEnum):
    """Who says that a fact is so; never an official's judgement of a person."""

    DECLARED = "declared"
    DOCUMENT = "document"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One fact that may be known.

    Units: retention_days counts from the end of the last purpose; an int fact states its unit.
    """

    name: str
    subject: Subject
    type: FactType
    purposes: tuple[Purpose, ...]
    attested_by: tuple[Attested, ...]
    retention_days: int
    readers: tuple[str, ...]
    label: Mapping[str, str]
    values: tuple[str, ...] = ()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    unit: str | None = None

    def check(self, value: object) -> FactValue:
        """
        Return the value unchanged when the fact may take it.

        Raises: FactValueError naming the fact and what it takes, without repeating the value.
        """
        if not self._takes(value):
            message = f"{self.name} takes {self.takes()}"
            raise FactValueError(message)
        assert isinstance(value, bool | int | str)
        return value

    def takes(self) -> str:
        """Return in words which values the fact takes."""
        match self.type:
            case FactType.BOOL:
                return "yes or no"
            case FactType.INT:
                low = "" if self.minimum is None else f" from {self.minimum}"
                high = "" if self.maximum is None else f" up to {self.maximum}"
                return f"a whole number{low}{high}"
            case FactType.CHOICE:
                return "one of " + ", ".join(self.values)
            case FactType.DATE:
                return "a date as YYYY-MM-DD"
            case FactType.LANGUAGE:
                return "a language code of two or three letters, such as es or ar"

    def _takes(self, value: object) -> bool:
        match self.type:
            case FactType.BOOL:
                return isinstance(value, bool)
            case FactType.INT:
                if not isinstance(value, int) or isinstance(value, bool):
                    return False
                above = self.minimum is None or value >= self.minimum
                return above and (self.maximum is None or value <= self.maximum)
            case FactType.CHOICE:
                return isinstance(value, str) and value in self.values
            case FactType.DATE:
                return isinstance(value, str) and _DATE.fullmatch(value) is not None
            case FactType.LANGUAGE:
                return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """
    The facts of one catalogue version, in file order.

    Holds: names are unique, no name falls in a forbidden category, every fact has a purpose.
    """

    name: str
    version: int
    facts: tuple[Fact, ...]
    _by_name: Mapping[str, Fact] = field(repr=False, compare=False, default_factory=dict)

    def get(self, name: str) -> Fact | None:
        """Return the fact of this name, or None when the catalogue has none."""
        return self._by_name.get(name)

    def without(self, names: Collection[str]) -> "Catalogue":
        """Return the catalogue with these facts left out, as if it had never held them."""
        facts = tuple(fact for fact in self.facts if fact.name not in names)
        return Catalogue(self.name, self.version, facts, {fact.name: fact for fact in facts})

    def of(self, subject: Subject) -> tuple[Fact, ...]:
        """Return the facts about registrants or about households, in file order."""
        return tuple(fact for fact in self.facts if fact.subject is subject)


@cache
def load_catalogue(name: str = "core-1") -> Catalogue:
    """
    Return a catalogue shipped with this version, checked.

    Package data is part of the program, so that the answer is the same in every process.
    Raises: CatalogueError when the file has a fault; FileNotFoundError when there is none.
    """
    return parse_catalogue(yaml.safe_load(catalogue_text(name)))


def catalogue_text(name: str = "core-1") -> str:
    """Return the file of a catalogue as it is shipped, which is what is published."""
    path = resources.files("despensa") / "data" / "catalogue" / f"{name}.yaml"
    return path.read_text(encoding="utf-8")


def parse_catalogue(document: object) -> Catalogue:
    """
    Return the catalogue a loaded YAML document holds.

    Raises: CatalogueError listing all faults: unknown or missing keys, forbidden names, values
    that do not fit the type, facts without purpose, names used twice.
    """
    if not isinstance(document, Mapping):
        raise CatalogueError([Fault("no_map", place=_FILE)])
    faults = _key_faults(_FILE, document, _CATALOGUE_KEYS, frozenset())
    entries = document.get("facts", [])
    if not isinstance(entries, list) or not entries:
        faults.append(Fault("no_facts", place=_FILE))
        entries = []
    called = document.get("catalogue")
    if not isinstance(called, str) or not _NAME.fullmatch(called):
        faults.append(Fault("bad_title", place=_FILE))
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        faults.append(Fault("bad_version", place=_FILE))
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            faults.append(Fault("fact_no_map", place=f"fact {number}"))
            continue
        place = f"fact {number} ({entry.get('name', 'without name')})"
        faults.extend(_fact_faults(place, entry))
        if str(entry.get("name")) in seen:
            faults.append(Fault("name_twice", place=place))
        seen.add(str(entry.get("name")))
    if faults:
        raise CatalogueError(faults)
    facts = tuple(_fact(entry) for entry in entries)
    by_name = {fact.name: fact for fact in facts}
    return Catalogue(str(document["catalogue"]), int(document["version"]), facts, by_name)


def _key_faults(
    place: str, entry: Mapping[Any, Any], required: frozenset[str], optional: frozenset[str]
) -> list[Fault]:
    known = ", ".join(sorted(required | optional))
    faults = [
        Fault("key_unknown", place=place, key=repr(key), known=known)
        for key in entry
        if key not in required | optional
    ]
    faults.extend(
        Fault("key_missing", place=place, key=repr(key)) for key in sorted(required - set(entry))
    )
    faults.extend(
        Fault("key_empty", place=place, key=repr(key))
        for key, value in entry.items()
        if value is None
    )
    return faults


def _fact_faults(place: str, entry: Mapping[Any, Any]) -> list[Fault]:
    faults = _key_faults(place, entry, _REQUIRED_KEYS, _OPTIONAL_KEYS)
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        faults.append(Fault("bad_name", place=place))
    else:
        faults.extend(_forbidden_faults(place, "name", [name]))
    faults.extend(_choice_faults(place, entry))
    if entry.get("subject") not in tuple(Subject):
        faults.append(Fault("bad_subject", place=place))
    if entry.get("type") not in tuple(FactType):
        faults.append(Fault("bad_type", place=place, known=", ".join(FactType)))
    for key, allowed in (("purposes", Purpose), ("attested_by", Attested), ("readers", _READERS)):
        faults.extend(_list_faults(place, key, entry.get(key), [str(one) for one in allowed]))
    days = entry.get("retention_days")
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        faults.append(Fault("bad_retention", place=place))
    label = entry.get("label")
    if not isinstance(label, Mapping) or set(label) != set(LANGUAGES):
        faults.append(Fault("bad_label", place=place, known=", ".join(LANGUAGES)))
    else:
        faults.extend(_forbidden_faults(place, "label", [str(one) for one in label.values()]))
    if entry.get("unit") is not None and entry["unit"] not in _UNITS:
        faults.append(Fault("bad_unit", place=place, known=", ".join(_UNITS)))
    return faults


def _choice_faults(place: str, entry: Mapping[Any, Any]) -> list[Fault]:
    faults: list[Fault] = []
    values = entry.get("values")
    if entry.get("type") == FactType.CHOICE:
        named = isinstance(values, list) and all(isinstance(value, str) for value in values)
        if not named or not values or len(set(values)) != len(values):
            faults.append(Fault("bad_values", place=place))
        else:
            faults.extend(_forbidden_faults(place, "value", values))
    elif values is not None:
        faults.append(Fault("values_without_choice", place=place))
    faults.extend(_value_label_faults(place, values, entry.get("value_labels")))
    for key in ("minimum", "maximum"):
        bound = entry.get(key)
        if bound is not None and (entry.get("type") != FactType.INT or type(bound) is not int):
            faults.append(Fault("bad_bound", place=place, key=key))
    return faults


def _value_label_faults(place: str, values: object, labels: object) -> list[Fault]:
    if labels is None:
        return []
    if not isinstance(labels, Mapping) or not isinstance(values, list):
        return [Fault("value_labels_without_choice", place=place)]
    spoken = all(isinstance(one, Mapping) and set(one) == set(LANGUAGES) for one in labels.values())
    if list(labels) != values or not spoken:
        return [Fault("bad_value_labels", place=place, known=", ".join(LANGUAGES))]
    said = [str(text) for one in labels.values() for text in one.values()]
    return _forbidden_faults(place, "value_label", said)


def _list_faults(place: str, key: str, value: object, allowed: Sequence[str]) -> list[Fault]:
    known = ", ".join(allowed)
    if not isinstance(value, list) or not value:
        return [Fault("list_empty", place=place, key=key, known=known)]
    return [
        Fault("list_unknown", place=place, key=key, known=known, found=repr(one))
        for one in value
        if one not in allowed
    ]


def _forbidden_faults(place: str, what: str, texts: Sequence[str]) -> list[Fault]:
    return [
        Fault("forbidden", place=place, key=what, found=repr(text), category=category.value)
        for text in texts
        if (category := forbidden_category(text)) is not None
    ]


def _fact(entry: Mapping[str, Any]) -> Fact:
    return Fact(
        name=entry["name"],
        subject=Subject(entry["subject"]),
        type=FactType(entry["type"]),
        purposes=tuple(Purpose(one) for one in entry["purposes"]),
        attested_by=tuple(Attested(one) for one in entry["attested_by"]),
        retention_days=entry["retention_days"],
        readers=tuple(entry["readers"]),
        label=dict(entry["label"]),
        values=tuple(entry.get("values", ())),
        value_labels=dict(entry.get("value_labels", {})),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        unit=entry.get("unit"),
    )
