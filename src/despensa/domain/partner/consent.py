"""
What a partner may be told, what for, and who may agree to it.

Nothing is told without a dated consent of the person, and never more than the consent, the
partner's agreement and the catalogue all name. Source: docs/explanation/design.md, sections 2, 9.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from despensa.domain.catalogue import Catalogue, Subject

READER = "partner"
ADULT_AGE = 18
CONSENT_DAYS_MAX = 366
_MONTHS = 12


class About(StrEnum):
    """Whom a request or a consent is about; the standard's words for it are beside."""

    PERSON = "Member"
    HOUSEHOLD = "Group"


class SharedFor(IntEnum):
    """What a partner may ask for; a closed list, numbers are never reused."""

    ASSESS_ASSISTANCE = 1
    DELIVER_ASSISTANCE = 2
    COMPLEMENT_ASSISTANCE = 3

    @property
    def code(self) -> str:
        """Return the purpose as a request writes it."""
        return self.name.lower()


# What every register has beside the catalogue: these and no other typed column.
OWN_FIELDS: Mapping[About, tuple[str, ...]] = {
    About.PERSON: ("full_name", "birth_month", "sex", "area"),
    About.HOUSEHOLD: ("area", "group_size"),
}
_SUBJECTS = {About.PERSON: Subject.REGISTRANT, About.HOUSEHOLD: Subject.HOUSEHOLD}


class Fault(StrEnum):
    """Why a consent cannot be recorded."""

    FIELDS = "Choose at least one field, each once."
    NOT_TOLD = "This partner may not be told one of these fields: leave it out."
    PURPOSE = "This partner may not ask for this purpose: choose another."
    UNTIL = "A consent ends after today, and not after the partner's agreement."
    TOO_LONG = "A consent lasts at most a year: ask again then."
    NOT_GROWN_UP = "Only a grown-up who lives in the household may agree to this."
    FOR_THEMSELVES = "A grown-up agrees for themselves: they must be present."
    OTHER_HOME = "For a child, a grown-up of the same household agrees."
    NOBODY = "Choose people who live in this household now."
    PARTNER_GONE = "This partner may not ask any more: there is nothing to agree to."
    PARTNER_AREA = "This partner may not ask about households of this area."
    NO_HOUSEHOLD = "There is no household with this id."
    NO_CONSENT = "There is no such consent in this household."
    MEANWHILE = "Somebody recorded the same consent just now: look again."


class ConsentRefused(ValueError):
    """A consent that cannot be recorded; `fault` says why and what to do."""

    def __init__(self, fault: Fault) -> None:
        """Say why."""
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as far as consenting goes: home, whether they live there, and the birth month."""

    home: object
    lives_there: bool
    birth_month: date | None


def fields_about(about: About, catalogue: Catalogue) -> tuple[str, ...]:
    """Return every field a partner may be told about a person, or a household."""
    facts = (fact.name for fact in catalogue.of(_SUBJECTS[about]) if READER in fact.readers)
    return (*OWN_FIELDS[about], *facts)


def purpose_of(code: object) -> SharedFor | None:
    """Return the purpose a request names, or None."""
    return next((one for one in SharedFor if one.code == code), None)


def is_minor(birth_month: date | None, today: date) -> bool:
    """
    Return whether somebody is surely under 18; who may be 18 counts as grown up.

    >>> (
    ...     is_minor(date(2008, 11, 1), date(2026, 11, 1)),
    ...     is_minor(date(2008, 12, 1), date(2026, 11, 1)),
    ... )
    (False, True)
    """
    if birth_month is None:
        return False
    months = (today.year - birth_month.year) * _MONTHS + today.month - birth_month.month
    return months < ADULT_AGE * _MONTHS


def check_consent(
    *,
    about: About,
    fields: Sequence[str],
    purpose: SharedFor,
    until: date,
    today: date,
    partner_fields: Collection[str],
    partner_purposes: Collection[int],
    partner_until: date,
    catalogue: Catalogue,
) -> None:
    """
    Refuse a consent to what the partner may not be told, or for too long.

    Raises: ConsentRefused.
    """
    known = fields_about(about, catalogue)
    if not fields or len(set(fields)) != len(fields):
        raise ConsentRefused(Fault.FIELDS)
    for one in fields:
        if one not in known or one not in partner_fields:
            raise ConsentRefused(Fault.NOT_TOLD)
    if int(purpose) not in partner_purposes:
        raise ConsentRefused(Fault.PURPOSE)
    if not today < until <= partner_until:
        raise ConsentRefused(Fault.UNTIL)
    if (until - today).days > CONSENT_DAYS_MAX:
        raise ConsentRefused(Fault.TOO_LONG)


def check_giver(about: About, subject: Somebody, giver: Somebody, *, today: date) -> None:
    """
    Refuse a consent given by somebody who may not give it.

    Holds: grown-up people speak for themselves alone; for a child, and for the household, a
        grown-up who lives there. `subject` of a household is the giver.
    Raises: ConsentRefused.
    """
    if is_minor(giver.birth_month, today) or not giver.lives_there:
        raise ConsentRefused(Fault.NOT_GROWN_UP)
    is_self = subject is giver
    if about is About.HOUSEHOLD or is_self:
        return
    if not is_minor(subject.birth_month, today):
        raise ConsentRefused(Fault.FOR_THEMSELVES)
    if subject.home != giver.home:
        raise ConsentRefused(Fault.OTHER_HOME)
