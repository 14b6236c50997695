"""
The forms of operations on households: which fields each has, and what was typed becomes an order.

Decides nothing about households: a form that can be read is an order, and `domain.household` says
whether it may be done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from despensa.domain.household.membership import COLLECTS, LIVES_THERE, MemberRole
from despensa.domain.household.operation import REASONS, Carry, Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.situation import Situation
from despensa.domain.registration import newcomer as registration
from despensa.domain.registration.cell import CellFault
from despensa.domain.registration.draft import PersonDraft, Sex
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.fault_words import MEND_WORDS
from despensa.entrypoints.office.household_words import CARRIES
from despensa.entrypoints.office.household_words import REASONS as REASON_WORDS
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.words import SEXES

KIND_OF: Mapping[str, Kind] = {
    "split": Kind.SPLIT,
    "merge": Kind.MERGE,
    "move": Kind.MOVE,
    "birth": Kind.BIRTH,
    "death": Kind.DEATH,
    "leave": Kind.LEAVE,
    "join": Kind.JOIN,
    "head": Kind.NEW_HEAD,
    "collector": Kind.COLLECTOR_NAMED,
    "withdraw": Kind.COLLECTOR_WITHDRAWN,
}
_INSTITUTION = "institution:"
_NOBODY = Choice("", gettext_lazy("nobody now"))
_ROLES = (
    Choice("3", gettext_lazy("In the first place")),
    Choice("4", gettext_lazy("Instead, when the first one cannot come")),
)


class Mending(ValueError):
    """Fields of a form cannot be read; each says how to mend it."""

    def __init__(self, *errors: FieldError) -> None:
        """Hold what is wrong."""
        super().__init__("a form to mend")
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Room:
    """
    What the fields of a household's form choose from.

    `names` are the people that were opened; `guests` the household people may come from, if one
    was named; `collectors` are institutions.
    """

    household: UUID
    situation: Situation
    names: Mapping[UUID, str]
    areas: tuple[Choice, ...]
    collectors: tuple[Choice, ...]
    today: date
    guests: UUID | None = None

    def living(self, household: UUID | None = None) -> tuple[Choice, ...]:
        """Return who lives in a household."""
        return tuple(
            Choice(str(person), self.names.get(person, ""))
            for person in self.situation.living(household or self.household)
        )

    def collecting(self) -> tuple[Choice, ...]:
        """Return who collects for the household, institutions marked as such."""
        institutions = {choice.value: choice.word for choice in self.collectors}
        found = []
        for row in self.situation.current(self.household):
            if row.role in COLLECTS:
                value = f"{_INSTITUTION}{row.holder}" if row.is_institution else str(row.holder)
                word = institutions.get(value) or self.names.get(row.holder, "")
                found.append(Choice(value, word))
        return tuple(found)

    def outside(self) -> tuple[Choice, ...]:
        """Return who may be named a collector: everybody of the household, and institutions."""
        return (*self.living(), *self.collectors)


def fields(kind: Kind, room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    """Return the fields of an operation's form, with what was typed into them before."""
    reasons = tuple(Choice(str(int(one)), REASON_WORDS[one]) for one in REASONS[kind])
    day = given.get("day") or room.today.isoformat()
    return (
        *_FIELDS[kind](room, given),
        ChangeField(
            "reason", "select", gettext_lazy("Why"), reasons, [given.get("reason", "")],
            is_required=True,
        ),
        ChangeField(
            "day", "date", gettext_lazy("From which day"), values=[day], is_required=True,
            hint=gettext_lazy("The first day on which it is so; a past day is possible."),
        ),
    )  # fmt: skip


def order(kind: Kind, room: Room, given: QueryDict, *, other: UUID | None) -> Order:
    """
    Return what was typed as an order.

    Raises: Mending; ChangeRefused where a chosen household is not there.
    """
    version = room.situation.households[room.household].version
    chosen = given.get("collector", "")
    values: dict[str, Any] = {
        "id": _id(given, "operation"),
        "kind": kind,
        "reason": _reason(kind, given),
        "day": _day(given, "day"),
        "household": room.household,
        "expected_version": _number(given.get("version"), version),
        "people": tuple(_ids(given.getlist("people"))),
        "head": id_in(given.get("head")),
        "collector": id_in(chosen.removeprefix(_INSTITUTION)),
        "collector_is_institution": chosen.startswith(_INSTITUTION),
        "collector_role": MemberRole(_number(given.get("collector_role"), 3)),
        "area": id_in(given.get("area")),
    }
    if kind is Kind.SPLIT:
        values |= {
            "other": _id(given, "other_id"),
            "other_head": id_in(given.get("other_head")),
            "carry": Carry(_number(given.get("carry"), int(Carry.BY_MEMBERS))),
        }
    elif other is not None:
        known = room.situation.households.get(other)
        if known is None:
            raise ChangeRefused(Why.NO_SUCH_HOUSEHOLD)
        version = _number(given.get("other_version"), known.version)
        values |= {"other": other, "other_version": version}
    if kind is Kind.BIRTH or (kind is Kind.JOIN and other is None):
        values["newcomers"] = (_id(given, "newcomer"),)
    return Order(**values)


def newcomer(given: QueryDict, today: date) -> PersonDraft:
    """
    Return the person a form registers.

    Raises: Mending.
    """
    sex = given.get("sex", "")
    known = Sex(sex) if sex in {one.value for one in Sex} else Sex.UNKNOWN
    try:
        return registration.newcomer(
            given.get("full_name", ""), given.get("born", ""), known, today=today
        )
    except registration.NewcomerFaulty as faulty:
        raise Mending(*(_error(field, fault) for field, fault in faulty.faults)) from faulty


def _error(field: str, fault: CellFault) -> FieldError:
    if fault.code == "missing":
        return FieldError(f"id_{field}", gettext_lazy("Write the name."))
    sentence = str(MEND_WORDS[fault.code]).format_map(fault.parameters)
    return FieldError(f"id_{field}", sentence)


_Fields = Callable[[Room, QueryDict], tuple[ChangeField, ...]]


def _people(room: Room, given: QueryDict, label: Any) -> ChangeField:
    return ChangeField("people", "checks", label, room.living(), given.getlist("people"))


def _head(room: Room, given: QueryDict, *, hint: Any = "") -> ChangeField:
    choices = (_NOBODY, *room.living())
    label = gettext_lazy("New head of those who stay")
    return ChangeField("head", "select", label, choices, [given.get("head", "")], hint)


def who_follows(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    """Return the fields that name a head and a collector after somebody is gone."""
    hint = gettext_lazy(
        "A household may be without a head for 60 days, as long as somebody collects."
    )
    return (
        _head(room, given, hint=hint),
        ChangeField(
            "collector", "select", gettext_lazy("Who collects meanwhile"),
            (_NOBODY, *room.outside()), [given.get("collector", "")],
        ),
    )  # fmt: skip


def _split(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    carries = tuple(Choice(str(int(one)), word) for one, word in CARRIES.items())
    same = Choice("", gettext_lazy("the same place"))
    return (
        _people(room, given, gettext_lazy("Who forms the new household")),
        ChangeField(
            "other_head", "select", gettext_lazy("Head of the new household"), room.living(),
            [given.get("other_head", "")], is_required=True,
        ),
        _head(room, given),
        ChangeField(
            "area", "select", gettext_lazy("Where the new household lives"), (same, *room.areas),
            [given.get("area", "")],
        ),
        ChangeField(
            "carry", "radios", gettext_lazy("What is still free in the open cycles"), carries,
            [given.get("carry", "1")],
        ),
    )  # fmt: skip


def _merge(_room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    return (_card(given, gettext_lazy("A card of the household that joins this one")),)


def _card(given: QueryDict, label: Any, *, hint: Any = "") -> ChangeField:
    return ChangeField("other", "text", label, values=[given.get("other", "")], hint=hint)


def _move(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    return (
        ChangeField(
            "area", "select", gettext_lazy("Where it lives now"), room.areas,
            [given.get("area", "")], is_required=True,
        ),
    )  # fmt: skip


def _new_person(given: QueryDict) -> tuple[ChangeField, ...]:
    sexes = tuple(Choice(one.value, SEXES[one.value]) for one in Sex)
    return (
        ChangeField(
            "full_name", "text", gettext_lazy("Full name, as it is written"),
            values=[given.get("full_name", "")],
        ),
        ChangeField("sex", "select", gettext_lazy("Sex"), sexes, [given.get("sex", "unknown")]),
        ChangeField("born", "date", gettext_lazy("Born on"), values=[given.get("born", "")]),
    )  # fmt: skip


def _birth(_room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    return _new_person(given)


def _gone(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    return (_people(room, given, gettext_lazy("Who")), *who_follows(room, given))


def _join(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    hint = gettext_lazy("Leave it empty for somebody who is not registered yet.")
    card = _card(given, gettext_lazy("A card of the household they come from"), hint=hint)
    if room.guests is None:
        return (card, *_new_person(given))
    guests = room.living(room.guests)
    label = gettext_lazy("Who joins")
    return (card, ChangeField("people", "checks", label, guests, given.getlist("people")))


def _new_head(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    label = gettext_lazy("New head")
    return (
        ChangeField(
            "head", "select", label, room.living(), [given.get("head", "")], is_required=True
        ),
    )


def _collector(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    hint = gettext_lazy("Or, below, a card of the household whose head collects for this one.")
    return (
        ChangeField(
            "collector", "select", gettext_lazy("Who collects"), (_NOBODY, *room.outside()),
            [given.get("collector", "")], hint,
        ),
        _card(given, gettext_lazy("Card of the collector's own household")),
        ChangeField(
            "collector_role", "radios", gettext_lazy("How"), _ROLES,
            [given.get("collector_role", "3")],
        ),
    )  # fmt: skip


def _withdraw(room: Room, given: QueryDict) -> tuple[ChangeField, ...]:
    label = gettext_lazy("Who collects no longer")
    return (
        ChangeField(
            "collector", "select", label, room.collecting(), [given.get("collector", "")],
            is_required=True,
        ),
    )  # fmt: skip


_FIELDS: Mapping[Kind, _Fields] = {
    Kind.SPLIT: _split,
    Kind.MERGE: _merge,
    Kind.MOVE: _move,
    Kind.BIRTH: _birth,
    Kind.DEATH: _gone,
    Kind.LEAVE: _gone,
    Kind.JOIN: _join,
    Kind.NEW_HEAD: _new_head,
    Kind.COLLECTOR_NAMED: _collector,
    Kind.COLLECTOR_WITHDRAWN: _withdraw,
}


def head_of(situation: Situation, household: UUID) -> UUID | None:
    """Return the head of a household, or whoever lives there when there is none."""
    return next(
        (row.holder for row in situation.current(household) if row.role in LIVES_THERE), None
    )


def _reason(kind: Kind, given: QueryDict) -> Reason:
    number = _number(given.get("reason"), 0)
    if number not in {int(one) for one in REASONS[kind]}:
        raise Mending(FieldError("id_reason", gettext_lazy("Choose a reason.")))
    return Reason(number)


def _day(given: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError as error:
        message = gettext_lazy("Write a day, such as 2026-11-21.")
        raise Mending(FieldError(f"id_{name}", message)) from error


def _id(given: QueryDict, name: str) -> UUID:
    found = id_in(given.get(name))
    if found is None:
        message = gettext_lazy("The form is not whole. Open it again.")
        raise Mending(FieldError("id_reason", message))
    return found


def _ids(texts: list[str]) -> list[UUID]:
    return [one for one in map(id_in, texts) if one is not None]


def id_in(text: str | None) -> UUID | None:
    """Return the id a field holds, or None."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
