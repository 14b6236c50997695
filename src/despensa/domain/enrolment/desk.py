"""
What is typed at a desk becomes one household, or every fault with its place in the form.

Nothing is decided here that an import would decide otherwise: the fields are those of the register
template and go through the same rules. Papers are never asked for: every document field may stay
empty. Source: docs/reference/register-files.md; docs/explanation/design.md, section 2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from despensa.domain.catalogue import Catalogue, Subject
from despensa.domain.forbidden import Category, forbidden_category
from despensa.domain.registration.country import Country
from despensa.domain.registration.draft import HouseholdDraft
from despensa.domain.registration.household import Group
from despensa.domain.registration.layout import TEMPLATE_COLUMNS, Kind
from despensa.domain.registration.question import HOUSEHOLD_FIELDS
from despensa.domain.registration.register import assess_group
from despensa.domain.registration.row import Reading, Row

# whoever is enrolled alone has their number from the form, not from a file
_NUMBERS = ("household_number", "person_number")
PERSON_FIELDS = tuple(
    name for name in TEMPLATE_COLUMNS if name not in (*_NUMBERS, *HOUSEHOLD_FIELDS)
)
PEOPLE_MAX = 50


@dataclass(frozen=True, slots=True)
class DeskForm:
    """
    A household as it was typed.

    Shape: field to text, by the names of the register template and the catalogue; an absent or
    empty field is unknown. The first person is no other than the rest.
    """

    household: Mapping[str, str]
    people: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One thing to mend: whose field (None: the household's), which, and why.

    `code` and `parameters` are those of `domain.registration.fault`.
    """

    person: int | None
    name: str
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StrangeField:
    """A field the register has no place for; `category` says why it never will have."""

    name: str
    category: Category | None


class FormFaulty(ValueError):
    """The form cannot become a household yet; each fault says where and how to mend it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Hold the faults in the order of the form."""
        super().__init__("the form has faults")
        self.faults = tuple(faults)


def household_fields(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the fields of a household on the form, facts last."""
    return (*HOUSEHOLD_FIELDS, *(fact.name for fact in catalogue.of(Subject.HOUSEHOLD)))


def person_fields(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the fields of a person on the form, facts last."""
    return (*PERSON_FIELDS, *(fact.name for fact in catalogue.of(Subject.REGISTRANT)))


def strange_fields(form: DeskForm, catalogue: Catalogue) -> list[StrangeField]:
    """Return the fields that are none of the form's, forbidden ones with their category."""
    known, own = set(household_fields(catalogue)), set(person_fields(catalogue))
    names = [name for name in form.household if name not in known]
    names += [name for person in form.people for name in person if name not in own]
    return [StrangeField(name, forbidden_category(name)) for name in dict.fromkeys(names)]


def drafted(
    form: DeskForm, *, number: str, today: date, home: Country, catalogue: Catalogue
) -> HouseholdDraft:
    """
    Return the household of a form; `number` is what its records are known by.

    Holds: what an import of the same fields would make of them.
    Raises: FormFaulty with all faults, not the first one only.
    """
    if not form.people:
        raise FormFaulty([Fault(None, "", "household_without_members")])
    rows = tuple(_row(form, at, number) for at in range(len(form.people)))
    outcome = assess_group(
        Group(number, (), rows), Reading(Kind.TEMPLATE, today, home, catalogue), ("",)
    )
    shared = set(household_fields(catalogue))
    faults = [
        Fault(*_place(one.row, one.column, shared), one.code, one.parameters)
        for one in outcome.findings.errors
    ]
    # a file leaves such a cell out and goes on; here the person is present and can be asked
    faults += [
        Fault(*_place(row, column, shared), code)
        for _, column, code, row in outcome.findings.omitted
    ]
    if faults or outcome.draft is None:
        raise FormFaulty(faults)
    return outcome.draft


def _row(form: DeskForm, at: int, number: str) -> Row:
    typed = {**form.people[at], **(form.household if at == 0 else {})}
    typed |= {"household_number": number, "person_number": str(at + 1)}
    values = {name: (name, text) for name, text in typed.items() if text.strip()}
    return Row("", at + 1, values, ())


def _place(row: int, column: str, shared: set[str]) -> tuple[int | None, str]:
    return (None if column in shared else row - 1), column
