"""
What somebody takes away who was not enrolled today: a refusal, or an appointment.

Decides the closed lists and the days. There is no reason "no papers": who has none is enrolled.
Whoever comes again later gets an appointment, never a refusal. Sentences are data: the English ones
stand here, all languages in `despensa/data/sentences/enrolment.yaml`.
Source: docs/reference/formats.md section 5; docs/explanation/design.md section 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from despensa.domain.refusal import ENROLMENT_REASONS, Sentence

APPEAL_DAYS = 90
COME_WITHIN_DAYS_MAX = 60
COME_WITHIN_DAYS = 14


class EnrolmentReason(IntEnum):
    """Why an enrolment was refused; numbers are never used again."""

    LIVES_ELSEWHERE = 32
    REGISTERED_ALREADY = 33
    NOBODY_PRESENT = 34
    NOT_AGREED = 35
    NO_REGISTRATION_NOW = 36

    @property
    def message_id(self) -> str:
        """
        Return the stable key of the reason's sentences.

        >>> EnrolmentReason.NOT_AGREED.message_id
        'enrolment.not_agreed'
        """
        return f"enrolment.{self.name.lower()}"


class Bring(IntEnum):
    """What to come back with; numbers are never used again."""

    THE_PEOPLE = 1
    SOMEBODY_WHO_VOUCHES = 2
    ADDRESS = 3
    BIRTH_DATES = 4
    ANY_DOCUMENT = 5
    WHO_DECIDES_FOR_A_CHILD = 6
    NOTHING = 7

    @property
    def message_id(self) -> str:
        """
        Return the stable key of its sentence.

        >>> Bring.NOTHING.message_id
        'bring.nothing'
        """
        return f"bring.{self.name.lower()}"


class AnswerWrong(ValueError):
    """The answer cannot be given like this; the text says how to mend it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An enrolment that was refused: why, and until when it can be appealed."""

    reason: EnrolmentReason
    appeal_until: date


@dataclass(frozen=True, slots=True)
class Appointment:
    """
    An enrolment that goes on another day: what to bring, and by when.

    Shape: `bring` in ascending order without repetition; NOTHING only alone.
    """

    bring: tuple[Bring, ...]
    come_by: date


def refusal(reason: EnrolmentReason, *, day: date) -> Refusal:
    """Return the refusal of a day, with its appeal deadline."""
    assert int(reason) in ENROLMENT_REASONS, "the numbers of the format"
    return Refusal(reason, day + timedelta(days=APPEAL_DAYS))


def appointment(bring: Iterable[Bring], *, come_by: date, day: date) -> Appointment:
    """
    Return the appointment made on a day.

    Raises: AnswerWrong when nothing is said of what to bring, or the day is past or too far.
    """
    wanted = tuple(sorted(set(bring)))
    if not wanted:
        raise AnswerWrong("Say what the person should come back with, or that nothing is needed.")
    if Bring.NOTHING in wanted and len(wanted) > 1:
        raise AnswerWrong("Either nothing is needed, or what you marked beside it: not both.")
    latest = day + timedelta(days=COME_WITHIN_DAYS_MAX)
    if not day <= come_by <= latest:
        raise AnswerWrong(
            f"The last day to come must lie between {day.isoformat()} and {latest.isoformat()}."
        )
    return Appointment(wanted, come_by)


APPOINTMENT_MESSAGE = "enrolment.appointment"
ENGLISH: dict[str, Sentence] = {
    APPOINTMENT_MESSAGE: Sentence(
        "Your enrolment was begun and could not be finished today. Nothing about you was kept.",
        "Come back with this paper by the day shown here, at any hour at which the office is open.",
    ),
    "enrolment.lives_elsewhere": Sentence(
        "Your household lives in an area that another office enrols.",
        "Go to the office of your area with this paper. You can appeal until the day shown here.",
    ),
    "enrolment.registered_already": Sentence(
        "Your household is registered already and was not written down a second time.",
        "Ask here for your card or for a new one: it is free. You can appeal with this paper.",
    ),
    "enrolment.nobody_present": Sentence(
        "Nobody of the household was present, and nobody who may speak for it.",
        "Let one person of the household come, or ask for a visit at home. You can appeal.",
    ),
    "enrolment.not_agreed": Sentence(
        "You did not agree to be registered, so nothing was written down.",
        "You can agree on any other day, at any desk. You can appeal with this paper.",
    ),
    "enrolment.no_registration_now": Sentence(
        "This office registers nobody in these weeks; the days are published.",
        "Ask for the next day of registration. You can appeal with this paper.",
    ),
}
BRING_ENGLISH: dict[str, str] = {
    "bring.the_people": "The people who live in the household, or one who can speak for all.",
    "bring.somebody_who_vouches": "Somebody who knows you: a registered person or a named office.",
    "bring.address": "Where the household lives, as people there say it.",
    "bring.birth_dates": "The dates or years of birth, as far as they are known.",
    "bring.any_document": "A document, if there is one: any, also an old one. None is needed.",
    "bring.who_decides_for_a_child": "An adult or an institution that looks after the children.",
    "bring.nothing": "Nothing: come as you are.",
}
