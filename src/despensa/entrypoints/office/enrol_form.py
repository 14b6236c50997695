"""
The form of a household at the desk: which fields it shows, and what was typed becomes a desk form.

Decides nothing about people: `domain.enrolment.desk` says what is wrong, by person and field.
"""

from collections.abc import Mapping, Sequence

from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from despensa.domain.catalogue import Catalogue, Fact, Subject
from despensa.domain.enrolment.desk import (
    PEOPLE_MAX,
    DeskForm,
    Fault,
    household_fields,
    person_fields,
)
from despensa.entrypoints.office import form_words
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import FieldGroup, PersonBlock
from despensa.entrypoints.office.fault_words import MEND_WORDS
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.parts import Fact as Answer
from despensa.entrypoints.office.states import Word

ALWAYS = ("full_name", "birth_date", "sex", "role")
PARTS = ("given_names", "surname_1", "surname_2")
DOCUMENTS = (
    "document_type", "document_country", "document_number", "document_2_type",
    "document_2_country", "document_2_number",
)  # fmt: skip
PHONES = ("phone", "phone_2", "collector")
CONSENT = "consent"
_TEXT_MAX = 500
_PART_NOT_IN_NAME = gettext_lazy(
    "This part does not occur in the full name: write it as it stands there, or leave it empty."
)
_CONSENT_MISSING = gettext_lazy(
    "Ask whether the household agrees. Without that nothing is written: give a paper instead."
)


def people_in(given: QueryDict) -> int:
    """Return how many people the form has."""
    written = given.get("people", "1")
    return min(max(int(written), 1), PEOPLE_MAX) if written.isdecimal() else 1


def typed(given: QueryDict, catalogue: Catalogue) -> DeskForm:
    """Return what was typed, field by field."""
    own = person_fields(catalogue)
    return DeskForm(
        {name: _text(given, f"h_{name}") for name in household_fields(catalogue)},
        tuple(
            {name: _text(given, f"p{at}_{name}") for name in own} for at in range(people_in(given))
        ),
    )


def household_group(given: QueryDict, catalogue: Catalogue, areas: Sequence[Choice]) -> FieldGroup:
    """Return the fields of the household; the area is chosen among those in reach."""
    facts = catalogue.of(Subject.HOUSEHOLD)
    area = ChangeField(
        "h_area", "select", form_words.label("area_name"), tuple(areas),
        [given.get("h_area", "")], is_required=True,
    )  # fmt: skip
    address = ChangeField(
        "h_address", "text", form_words.label("address"), values=[given.get("h_address", "")]
    )
    fields = (area, address, *(_fact(given, "h_", fact) for fact in facts))
    return FieldGroup(form_words.label("household"), fields)


def person_block(given: QueryDict, catalogue: Catalogue, at: int, wrong: set[str]) -> PersonBlock:
    """Return the fields of one person: what is always asked, and what may be there."""
    facts = catalogue.of(Subject.REGISTRANT)
    prefix = f"p{at}_"

    def group(title: Word, fields: Sequence[ChangeField], note: Word = "") -> FieldGroup:
        is_open = any(field.value or field.id in wrong for field in fields)
        return FieldGroup(title, tuple(fields), is_folded=True, is_open=is_open, note=note)

    def asked(names: Sequence[str]) -> list[ChangeField]:
        return [_field(given, prefix, name) for name in names]

    return PersonBlock(
        at + 1,
        (
            FieldGroup("", tuple(asked(ALWAYS))),
            group(
                gettext_lazy("The name in its parts"), asked(PARTS),
                gettext_lazy("Only where the person says which part is which; none is needed."),
            ),
            group(
                gettext_lazy("Documents"), asked(DOCUMENTS),
                gettext_lazy("None is needed. Who has no papers has the same rights."),
            ),
            group(gettext_lazy("Phones, and who collects"), asked(PHONES)),
            group(
                gettext_lazy("What a rule or the delivery needs to know"),
                [_fact(given, prefix, fact) for fact in facts],
            ),
        ),
    )  # fmt: skip


def field_errors(
    faults: Sequence[Fault], *, people: int, is_agreed: bool
) -> tuple[FieldError, ...]:
    """Return faults at the fields of the form, each with whose it is."""
    errors = [] if is_agreed else [FieldError(f"id_{CONSENT}", _CONSENT_MISSING)]
    for one in faults:
        field = f"h_{_SHOWN_AS.get(one.name, one.name)}"
        whose = ""
        if one.person is not None:
            field = f"p{one.person}_{one.name or 'full_name'}"
            if people > 1:
                whose = gettext("Person %(number)s: ") % {"number": one.person + 1}
        errors.append(FieldError(f"id_{field}", f"{whose}{_mend(one)}"))
    return tuple(errors)


_SHOWN_AS = {"area_pcode": "area", "area_name": "area", "": "area"}


def answers(
    form: DeskForm, catalogue: Catalogue, area: Word
) -> tuple[tuple[Word, tuple[Answer, ...]], ...]:
    """Return everything that was typed under the questions it answers; what is empty is left out."""
    facts = {fact.name: fact for fact in catalogue.facts}
    home = {name: text for name, text in form.household.items() if not name.startswith("area_")}
    groups: list[tuple[Word, tuple[Answer, ...]]] = [
        (
            form_words.label("household"),
            (Answer(form_words.label("area_name"), area), *_answered(home, facts)),
        )
    ]
    for at, person in enumerate(form.people):
        title = gettext("Person %(number)s") % {"number": at + 1}
        groups.append((title, _answered(person, facts)))
    return tuple(groups)


def _answered(typed: Mapping[str, str], facts: Mapping[str, Fact]) -> tuple[Answer, ...]:
    found = []
    for name, text in typed.items():
        if not text.strip():
            continue
        fact = facts.get(name)
        listed = form_words.choices(name) if fact is None else form_words.fact_choices(fact)
        word = next((one.word for one in listed if one.value == text), text)
        question = form_words.label(name) if fact is None else form_words.fact_label(fact)
        found.append(Answer(question, word))
    return tuple(found)


def _mend(fault: Fault) -> str:
    if fault.code not in MEND_WORDS:
        return str(_PART_NOT_IN_NAME)
    column = fault.name and _asked(fault.name)
    return str(MEND_WORDS[fault.code]).format_map({"column": column, **fault.parameters})


def _asked(name: str) -> str:
    try:
        return f"«{form_words.label(name)}»"
    except KeyError:
        return name


def _field(given: QueryDict, prefix: str, name: str) -> ChangeField:
    listed = form_words.choices(name)
    if name not in ("sex", "role") and listed:
        listed = (Choice("", "–"), *listed)
    value = given.get(f"{prefix}{name}", _FIRST.get((prefix, name), _ELSE.get(name, "")))
    return ChangeField(
        f"{prefix}{name}", "select" if listed else "text", form_words.label(name), listed,
        [value], form_words.hint(name), is_required=False,
    )  # fmt: skip


# the first person is mostly the head; nobody's sex is guessed
_FIRST = {("p0_", "role"): "head"}
_ELSE = {"role": "member", "sex": "unknown"}


def _fact(given: QueryDict, prefix: str, fact: Fact) -> ChangeField:
    listed = form_words.fact_choices(fact)
    name = f"{prefix}{fact.name}"
    return ChangeField(
        name, "select" if listed else "text", form_words.fact_label(fact), listed,
        [given.get(name, "")],
    )  # fmt: skip


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "")[: 4 * _TEXT_MAX]
