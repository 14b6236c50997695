"""
Decide a correction: which places change, from what to what, and why it may not be.

Values are checked as an import checks them. Source: docs/explanation/design.md, sections 2 and 5.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from despensa.domain.catalogue import Catalogue, FactValueError, Subject
from despensa.domain.correction.slot import Change, Field, Record, Slot
from despensa.domain.registration import cell
from despensa.domain.registration.country import Country, countries
from despensa.domain.registration.layout import DOCUMENT_KINDS
from despensa.domain.registration.phone import e164

NEW = "new"
CHANGES_MAX = 12
NUMBERS_MAX = 2
ADDRESS_MAX = 300
_SEXES = (None, 1, 2, 3)
_DOCUMENT_NUMBER = re.compile(r"(?=.*[0-9A-Za-z])[0-9A-Za-z \-/.]{2,40}")
_PARTS_PLACE = Slot(Field.NAME_PARTS)


class Why(StrEnum):
    """Why a correction is not taken; doors translate it."""

    NOTHING_CHANGES = "nothing_changes"
    TOO_MANY = "too_many"
    CHANGED_MEANWHILE = "changed_meanwhile"
    ID_USED_OTHERWISE = "id_used_otherwise"
    NO_SUCH_PERSON = "no_such_person"
    ERASED = "erased"
    NAME_WRONG = "name_wrong"
    PARTS_WRONG = "parts_wrong"
    BIRTH_WRONG = "birth_wrong"
    SEX_WRONG = "sex_wrong"
    ADDRESS_WRONG = "address_wrong"
    DOCUMENT_WRONG = "document_wrong"
    PHONE_WRONG = "phone_wrong"
    FACT_WRONG = "fact_wrong"
    NO_SUCH_CORRECTION = "no_such_correction"
    DECIDED_BEFORE = "decided_before"
    UNDONE_BEFORE = "undone_before"
    REASON_DOES_NOT_FIT = "reason_does_not_fit"


SENTENCES: Mapping[Why, str] = {
    Why.NOTHING_CHANGES: "Nothing is different from what is recorded: change at least one field.",
    Why.TOO_MANY: f"At most {CHANGES_MAX} fields at once: send the rest as another request.",
    Why.CHANGED_MEANWHILE: "The record was changed meanwhile: look at it again, then decide.",
    Why.ID_USED_OTHERWISE: "This request was sent before with other content: begin it anew.",
    Why.NO_SUCH_PERSON: "Nobody with this id lives in this household.",
    Why.ERASED: "This person was erased: nothing of them can be changed.",
    Why.NAME_WRONG: "A name needs letters and at most 200 characters.",
    Why.PARTS_WRONG: "The parts must be words of the full name.",
    Why.BIRTH_WRONG: "Write the birth date as 1990, 1990-02 or 1990-02-28, not in the future.",
    Why.SEX_WRONG: "Sex is female, male, other or not known.",
    Why.ADDRESS_WRONG: f"An address has at most {ADDRESS_MAX} characters.",
    Why.DOCUMENT_WRONG: "A document needs a kind, a country and a number; two at most.",
    Why.PHONE_WRONG: "Write the phone with its calling code, such as +58 412 1234567; two at most.",
    Why.FACT_WRONG: "The catalogue has no such fact, or the fact takes no such value.",
    Why.NO_SUCH_CORRECTION: "There is no such correction.",
    Why.DECIDED_BEFORE: "This correction was decided before: nothing was changed.",
    Why.UNDONE_BEFORE: "This correction was undone, or is about to be: nothing was changed.",
    Why.REASON_DOES_NOT_FIT: "Choose a reason from the list.",
}


class CorrectionRefused(ValueError):
    """The correction is not taken; `why` and `slot` let a door say it where it belongs."""

    def __init__(self, why: Why, slot: Slot | None = None) -> None:
        """Keep the code and the place."""
        super().__init__(SENTENCES[why])
        self.why = why
        self.slot = slot


@dataclass(frozen=True, slots=True)
class Setting:
    """What values are checked against: the day, the workspace's country, the catalogue."""

    today: date
    home: Country
    catalogue: Catalogue
    new_key: Callable[[], str]


def decide(wanted: Mapping[Slot, Any], record: Record, setting: Setting) -> tuple[Change, ...]:
    """
    Return what changes, in the order of the fields.

    `wanted` may repeat what is so. A document or phone with the key "new" gets a row of its own.
    Raises: CorrectionRefused.
    """
    changes: list[Change] = []
    for slot, value in sorted(wanted.items(), key=lambda item: item[0]):
        after = _checked(slot, value, record, setting)
        before = record.get(slot)
        if after != before:
            place = Slot(slot.field, setting.new_key()) if slot.key == NEW else slot
            changes.append(Change(place, before, after))
    if not changes:
        raise CorrectionRefused(Why.NOTHING_CHANGES)
    changes += _parts_that_go(changes, record)
    if len(changes) > CHANGES_MAX:
        raise CorrectionRefused(Why.TOO_MANY)
    after_all = dict(record) | {change.slot: change.after for change in changes}
    _check_whole(after_all, changes)
    return tuple(changes)


def applied(changes: Sequence[Change], record: Record) -> dict[Slot, Any]:
    """
    Return the record after changes that were decided before.

    Raises: CorrectionRefused when a place no longer holds what it held then.
    """
    after = dict(record)
    for change in changes:
        if record.get(change.slot) != change.before:
            raise CorrectionRefused(Why.CHANGED_MEANWHILE, change.slot)
        after[change.slot] = change.after
    return after


def _check_whole(after: Record, changes: Sequence[Change]) -> None:
    """Refuse what only shows when all changes stand together."""
    for field, why in ((Field.DOCUMENT, Why.DOCUMENT_WRONG), (Field.PHONE, Why.PHONE_WRONG)):
        held = [value for slot, value in after.items() if slot.field is field and value is not None]
        touched = next((change.slot for change in changes if change.slot.field is field), None)
        if touched is not None and (len(held) > NUMBERS_MAX or _has_twins(held)):
            raise CorrectionRefused(why, touched)
    named = {Field.FULL_NAME, Field.NAME_PARTS} & {change.slot.field for change in changes}
    if named and not _fit(after.get(_PARTS_PLACE), after[Slot(Field.FULL_NAME)]):
        raise CorrectionRefused(Why.PARTS_WRONG, _PARTS_PLACE)


def _parts_that_go(changes: Sequence[Change], record: Record) -> list[Change]:
    """Return that the parts of a former name are taken away, where nobody wrote new ones."""
    name = next((c.after for c in changes if c.slot.field is Field.FULL_NAME), None)
    parts = record.get(_PARTS_PLACE)
    if name is None or any(c.slot == _PARTS_PLACE for c in changes) or _fit(parts, name):
        return []
    return [Change(_PARTS_PLACE, parts, None)]


def _fit(parts: Sequence[Any] | None, full_name: str) -> bool:
    """Return whether every word of the parts stands in the name."""
    if parts is None:
        return True
    first, second, given = parts
    return set(" ".join([first or "", second or "", *given]).split()) <= set(full_name.split())


def _has_twins(values: Sequence[Any]) -> bool:
    return any(value in values[:place] for place, value in enumerate(values))


def _checked(slot: Slot, value: Any, record: Record, setting: Setting) -> Any:
    """Return a value in the form in which it is stored. Raises: CorrectionRefused."""
    if slot.field in {Field.DOCUMENT, Field.PHONE} and slot.key != NEW and slot not in record:
        raise CorrectionRefused(Why.CHANGED_MEANWHILE, slot)
    try:
        return _READERS[slot.field](slot, value, setting)
    except (cell.CellFault, FactValueError, TypeError, ValueError, KeyError) as error:
        raise CorrectionRefused(_WRONG[slot.field], slot) from error


def _full_name(_slot: Slot, value: Any, _setting: Setting) -> str:
    written = cell.name(value)
    if written is None:
        raise ValueError("a name is missing")
    return written


def _parts(_slot: Slot, value: Any, _setting: Setting) -> list[Any] | None:
    if value is None:
        return None
    first, second, given = value
    parts = [cell.name(first), cell.name(second), [one for one in map(cell.name, given) if one]]
    return parts if any(parts) else None


def _birth(_slot: Slot, value: Any, setting: Setting) -> list[int]:
    written = "-".join(f"{part:02d}" for part in value) if isinstance(value, list) else value
    read = cell.birth(written, today=setting.today, day_first=False)
    return [part for part in (read.year, read.month, read.day) if part is not None]


def _sex(_slot: Slot, value: Any, _setting: Setting) -> int | None:
    if value not in _SEXES or isinstance(value, bool):
        raise ValueError("no such sex")
    return value  # type: ignore[no-any-return]


def _address(_slot: Slot, value: Any, _setting: Setting) -> str | None:
    return cell.text(value, length_max=ADDRESS_MAX)


def _document(_slot: Slot, value: Any, _setting: Setting) -> list[str] | None:
    if value is None:
        return None
    kind, country, number = (cell.text(part) or "" for part in value)
    if kind not in DOCUMENT_KINDS or not _DOCUMENT_NUMBER.fullmatch(number):
        raise ValueError("no such document")
    return [kind, countries()[country.upper()].alpha_3, number]


def _phone(_slot: Slot, value: Any, setting: Setting) -> str | None:
    written = cell.text(value)
    if written is None:
        return None
    number = e164(written, setting.home)
    if number is None:
        raise ValueError("no phone number")
    return number


def _fact(slot: Slot, value: Any, setting: Setting) -> Any:
    fact = setting.catalogue.get(slot.key)
    if fact is None or fact.subject is not _SUBJECT[slot.field]:
        raise KeyError(slot.key)
    return None if value is None else fact.check(value)


_SUBJECT = {
    Field.PERSON_FACT: Subject.REGISTRANT,
    Field.HOUSEHOLD_FACT: Subject.HOUSEHOLD,
}
_READERS: Mapping[Field, Callable[[Slot, Any, Setting], Any]] = {
    Field.FULL_NAME: _full_name,
    Field.NAME_PARTS: _parts,
    Field.BIRTH: _birth,
    Field.SEX: _sex,
    Field.ADDRESS: _address,
    Field.DOCUMENT: _document,
    Field.PHONE: _phone,
    Field.PERSON_FACT: _fact,
    Field.HOUSEHOLD_FACT: _fact,
}
_WRONG: Mapping[Field, Why] = {
    Field.FULL_NAME: Why.NAME_WRONG,
    Field.NAME_PARTS: Why.PARTS_WRONG,
    Field.BIRTH: Why.BIRTH_WRONG,
    Field.SEX: Why.SEX_WRONG,
    Field.ADDRESS: Why.ADDRESS_WRONG,
    Field.DOCUMENT: Why.DOCUMENT_WRONG,
    Field.PHONE: Why.PHONE_WRONG,
    Field.PERSON_FACT: Why.FACT_WRONG,
    Field.HOUSEHOLD_FACT: Why.FACT_WRONG,
}
