"""
The form of a correction: every field of a record as it is, and what was typed becomes a request.

Decides nothing: `domain.correction` says what may be changed. An emptied field asks that nothing is
known there any more.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.catalogue import Catalogue, Fact, FactType, Subject
from despensa.domain.correction.decide import NEW, NUMBERS_MAX, CorrectionRefused, Why
from despensa.domain.correction.slot import Channel, Field, Reason, Slot
from despensa.domain.registration.layout import DOCUMENT_KINDS
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.correction_words import (
    CHANNELS,
    DOCUMENTS,
    FIELDS,
    NO,
    NOT_KNOWN,
    REASONS,
    SEX_CODES,
    YES,
    fact_words,
    field_word,
)
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.words import SEXES
from despensa.usecases.open_record import OpenedRecord
from despensa.usecases.request_correction import Wanted

_UNKNOWN = Choice("", NOT_KNOWN)
_PART_WORDS = {
    "name_given": gettext_lazy("Given names"),
    "name_surname_1": gettext_lazy("First surname"),
    "name_surname_2": gettext_lazy("Second surname"),
}
_PARTS_HINT = gettext_lazy("Only where the parts are known apart; words of the full name.")
_BIRTH_HINT = gettext_lazy("As far as it is known: 1990, 1990-02 or 1990-02-28.")
_PHONE_HINT = gettext_lazy("With the calling code. Empty it to take the number away.")
_COUNTRY_HINT = gettext_lazy("Three letters, such as VEN.")
_TAKEN_DOWN = (Channel.DESK, Channel.PHONE, Channel.LETTER, Channel.OFFICE)
_WHY = tuple(reason for reason in Reason if reason is not Reason.UNDO)
_SUBJECTS = ((Subject.REGISTRANT, Field.PERSON_FACT), (Subject.HOUSEHOLD, Field.HOUSEHOLD_FACT))


def request_fields(given: Mapping[str, str]) -> tuple[ChangeField, ...]:
    """Return the fields about the request itself."""
    return (
        ChangeField(
            "channel", "select", gettext_lazy("Who asks, and how"),
            tuple(Choice(str(int(one)), CHANNELS[one]) for one in _TAKEN_DOWN),
            [given.get("channel", "1")], is_required=True,
        ),
        ChangeField(
            "reason", "select", gettext_lazy("Why"),
            tuple(Choice(str(int(one)), REASONS[one]) for one in _WHY),
            [given.get("reason", "")], is_required=True,
        ),
    )  # fmt: skip


def record_fields(given: Mapping[str, str], catalogue: Catalogue) -> tuple[ChangeField, ...]:
    """Return the fields of the record with what is recorded, or what was typed before."""

    def text(name: str, label: Any, hint: Any = "") -> ChangeField:
        return ChangeField(name, "text", label, (), [given.get(name, "")], hint=hint)

    fields = [text("full_name", FIELDS[Field.FULL_NAME])]
    fields += [text(name, word, _PARTS_HINT) for name, word in _PART_WORDS.items()]
    fields.append(text("birth", FIELDS[Field.BIRTH], _BIRTH_HINT))
    sexes = tuple(Choice("" if code is None else str(code), SEXES[word])
                  for code, word in SEX_CODES.items())  # fmt: skip
    fields.append(ChangeField("sex", "select", FIELDS[Field.SEX], sexes, [given.get("sex", "")]))
    fields.append(text("address", FIELDS[Field.ADDRESS]))
    for key in _keys(given, "phone_"):
        fields.append(text(f"phone_{key}", FIELDS[Field.PHONE], _PHONE_HINT))
    kinds = (_UNKNOWN, *(Choice(kind, DOCUMENTS[kind]) for kind in DOCUMENT_KINDS))
    for key in _keys(given, "document_kind_"):
        name = f"document_kind_{key}"
        fields.append(
            ChangeField(name, "select", FIELDS[Field.DOCUMENT], kinds, [given.get(name, "")])
        )
        fields.append(
            text(
                f"document_country_{key}",
                pgettext_lazy("document", "Country of the document"),
                _COUNTRY_HINT,
            )
        )
        fields.append(
            text(f"document_number_{key}", pgettext_lazy("document", "Number of the document"))
        )
    for subject, kind in _SUBJECTS:
        fields += [_fact_field(fact, kind, given, catalogue) for fact in catalogue.of(subject)]
    return tuple(fields)


def as_typed(record: OpenedRecord) -> dict[str, str]:
    """Return a record as the form holds it, with room for a new number where there is."""
    typed: dict[str, str] = {}
    held = {Field.PHONE: 0, Field.DOCUMENT: 0}
    for slot, value in sorted(record.values.items(), key=lambda item: item[0]):
        held |= {slot.field: held[slot.field] + 1} if slot.field in held else {}
        typed |= dict(_typed(slot, value))
    if held[Field.PHONE] < NUMBERS_MAX:
        typed[f"phone_{NEW}"] = ""
    if held[Field.DOCUMENT] < NUMBERS_MAX:
        for part in ("kind", "country", "number"):
            typed[f"document_{part}_{NEW}"] = ""
    return typed


def wanted_of(given: QueryDict, person: UUID, household: UUID, catalogue: Catalogue) -> Wanted:
    """
    Return what was typed as a request.

    Raises: CorrectionRefused when the form is not one of ours.
    """
    try:
        return Wanted(
            id=UUID(given.get("request", "")),
            person=person,
            household=household,
            version=given.get("version", ""),
            channel=Channel(int(given.get("channel", ""))),
            reason=Reason(int(given.get("reason", ""))),
            values=dict(_values({name: str(given.get(name, "")) for name in given}, catalogue)),
        )
    except ValueError as error:
        raise CorrectionRefused(Why.REASON_DOES_NOT_FIT) from error


def field_id(slot: Slot | None) -> str:
    """Return the id of the form's field that a place of the record is typed in."""
    if slot is None:
        return "id_channel"
    names = {
        Field.FULL_NAME: "full_name",
        Field.NAME_PARTS: "name_given",
        Field.BIRTH: "birth",
        Field.SEX: "sex",
        Field.ADDRESS: "address",
        Field.DOCUMENT: f"document_number_{slot.key}",
        Field.PHONE: f"phone_{slot.key}",
    }
    return f"id_{names.get(slot.field, f'fact_{slot.key}')}"


def _typed(slot: Slot, value: Any) -> Iterator[tuple[str, str]]:
    match slot.field:
        case Field.FULL_NAME | Field.ADDRESS:
            yield slot.field.name.lower(), value or ""
        case Field.NAME_PARTS:
            first, second, given = value or (None, None, [])
            yield from zip(_PART_WORDS, (" ".join(given), first or "", second or ""), strict=True)
        case Field.BIRTH:
            yield "birth", "-".join(f"{part:02d}" for part in value)
        case Field.SEX:
            yield "sex", "" if value is None else str(value)
        case Field.PHONE:
            yield f"phone_{slot.key}", value or ""
        case Field.DOCUMENT:
            for part, text in zip(("kind", "country", "number"), value, strict=True):
                yield f"document_{part}_{slot.key}", text
        case _:
            typed = ("no", "yes")[value] if isinstance(value, bool) else str(value)
            yield f"fact_{slot.key}", typed


def _values(given: Mapping[str, str], catalogue: Catalogue) -> Iterator[tuple[Slot, Any]]:
    yield Slot(Field.FULL_NAME), given.get("full_name", "")
    names, first, second = (given.get(name, "").strip() for name in _PART_WORDS)
    parts = [first or None, second or None, names.split()]
    yield Slot(Field.NAME_PARTS), parts if any(parts) else None
    yield Slot(Field.BIRTH), given.get("birth", "")
    yield Slot(Field.SEX), int(given["sex"]) if given.get("sex", "").isdecimal() else None
    yield Slot(Field.ADDRESS), given.get("address", "")
    for key in _keys(given, "phone_"):
        yield Slot(Field.PHONE, key), given[f"phone_{key}"] or None
    for key in _keys(given, "document_kind_"):
        parts = [given.get(f"document_{part}_{key}", "") for part in ("kind", "country", "number")]
        yield Slot(Field.DOCUMENT, key), parts if any(parts) else None
    for subject, kind in _SUBJECTS:
        for fact in catalogue.of(subject):
            yield Slot(kind, fact.name), _fact_value(fact, given.get(f"fact_{fact.name}", ""))


def _keys(given: Mapping[str, str], prefix: str) -> list[str]:
    """Return the rows a form holds under a prefix, the new one last."""
    keys = [name.removeprefix(prefix) for name in given if name.startswith(prefix)]
    return sorted(keys, key=lambda key: (key == NEW, key))


def _fact_field(
    fact: Fact, kind: Field, given: Mapping[str, str], catalogue: Catalogue
) -> ChangeField:
    name, label = f"fact_{fact.name}", field_word(Slot(kind, fact.name), catalogue)
    values = [given.get(name, "")]
    if fact.type is FactType.BOOL:
        choices = (_UNKNOWN, Choice("yes", YES), Choice("no", NO))
        return ChangeField(name, "select", label, choices, values)
    if fact.type is FactType.CHOICE:
        known = tuple(
            Choice(value, fact_words(fact.name, value, catalogue)) for value in fact.values
        )
        return ChangeField(name, "select", label, (_UNKNOWN, *known), values)
    return ChangeField(name, "text", label, (), values)


def _fact_value(fact: Fact, typed: str) -> Any:
    if not typed:
        return None
    if fact.type is FactType.BOOL:
        return {"yes": True, "no": False}.get(typed, typed)
    if fact.type is FactType.INT:
        return int(typed) if typed.strip().isdecimal() else typed
    return typed
