"""
The appeal against a decision: who may bring it, until when, and who may answer it.

An appeal is a grievance attached to one household's decision in one cycle. Its ground, its answer
and the reason of a no come from closed lists; what the household says in its own words lies sealed
beside them and is erased. Whoever had a hand in the decision does not answer it. Upholding it
changes nothing of the published cycle: a child cycle follows.
Source: docs/explanation/design.md sections 1, 2, 7.9 and 7.10; docs/reference/formats.md section 5.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from uuid import UUID

ANSWER_DAYS = 30
TEXT_KEPT_DAYS = 90
ALONE_WAIT_SECONDS = 24 * 3600
TEXT_MAX = 2_000
# invisible, and part of how Arabic is written
_JOINERS = "\u200c\u200d\u200e\u200f"


class Ground(IntEnum):
    """What the household says is wrong. Numbers are never reused."""

    FACT_WRONG = 1
    FACT_MISSING = 2
    FACT_CHANGED = 3
    RULE_MISAPPLIED = 4
    QUANTITY_WRONG = 5


class Answer(IntEnum):
    """How an appeal ends. Numbers are never reused."""

    UPHELD = 1
    NOT_UPHELD = 2
    WITHDRAWN = 3


class Reason(IntEnum):
    """Why an appeal is not upheld: numbers 96 to 111 of all receipts, never reused."""

    FACTS_WERE_RIGHT = 96
    RULE_WAS_FOLLOWED = 97
    NOTHING_NEW_SHOWN = 98
    COUNTS_FROM_NEXT_CYCLE = 99


class Why(IntEnum):
    """Why an appeal cannot be brought or answered."""

    NOT_DECIDED = 1
    TOO_LATE = 2
    BROUGHT_BEFORE = 3
    ANSWERED_BEFORE = 4
    DECIDED_IT = 5
    TOOK_IT_DOWN = 6
    NO_SUCH_APPEAL = 7
    ID_USED_OTHERWISE = 8
    REASON_DOES_NOT_FIT = 9
    TEXT_TOO_LONG = 10
    NOBODY_TO_SEAL_FOR = 11
    NOT_UPHELD = 12
    WAITS_A_DAY = 13


MENDING: dict[Why, str] = {
    Why.NOT_DECIDED: "Nothing was decided about this household in this cycle: there is nothing to "
    "appeal against. See: despensa household show.",
    Why.TOO_LATE: "The last day to appeal against this decision is over: nothing was taken down. "
    "What has changed counts in the next cycle; correct the record for that.",
    Why.BROUGHT_BEFORE: "An appeal against this decision waits for its answer already: nothing was "
    "taken down. Print its paper again instead.",
    Why.ANSWERED_BEFORE: "This appeal was answered before, and its answer stays: nothing was "
    "changed.",
    Why.DECIDED_IT: "Whoever drafted, decided or approved this cycle does not answer an appeal "
    "against it: another person must.",
    Why.TOOK_IT_DOWN: "Whoever took an appeal down does not answer it: another person must.",
    Why.NO_SUCH_APPEAL: "There is no such appeal or decision.",
    Why.ID_USED_OTHERWISE: "Another appeal was taken down under this id: nothing was changed. Take "
    "a new id.",
    Why.REASON_DOES_NOT_FIT: "An appeal that is not upheld has a reason of the list, and no other "
    "answer has one: nothing was changed.",
    Why.TEXT_TOO_LONG: f"What the household says has more than {TEXT_MAX} characters: shorten it.",
    Why.NOBODY_TO_SEAL_FOR: "Nobody of this household is in the register any more: no words can be "
    "kept. Take the appeal down without them.",
    Why.NOT_UPHELD: "This appeal was not upheld: nothing follows from it.",
    Why.WAITS_A_DAY: "One person runs this office: what they decided or took down themselves is "
    "answered 24 hours after it was taken down, not before. Nothing was changed.",
}


class AppealRefused(ValueError):
    """The appeal is not brought or answered; `why` lets a door say it in its language."""

    def __init__(self, why: Why) -> None:
        """Keep why."""
        super().__init__(MENDING[why])
        self.why = why


@dataclass(frozen=True, slots=True)
class Decided:
    """A household's decision as an appeal meets it; `last_day` is that of the dispute window."""

    last_day: date
    is_decided: bool
    has_open_appeal: bool


@dataclass(frozen=True, slots=True)
class Brought:
    """An appeal that was brought; `deciders` drafted, decided or approved its cycle."""

    taken_down_by: UUID
    deciders: Collection[UUID]
    answer: Answer | None


def bring(decision: Decided, *, on: date) -> date:
    """
    Return the last day of the appeal, which is brought on a day.

    Raises: AppealRefused.
    """
    if not decision.is_decided:
        raise AppealRefused(Why.NOT_DECIDED)
    if on > decision.last_day:
        raise AppealRefused(Why.TOO_LATE)
    if decision.has_open_appeal:
        raise AppealRefused(Why.BROUGHT_BEFORE)
    return decision.last_day


def answer(
    appeal: Brought,
    given: Answer,
    *,
    reason: Reason | None = None,
    by: UUID,
    waited_seconds: int | None = None,
) -> bool:
    """
    Return whether a child cycle follows from the answer.

    Where one person runs the workspace, `waited_seconds` is for how long the appeal has waited:
    there a day stands for another pair of eyes, because otherwise nobody ever answers.
    Raises: AppealRefused.
    """
    if appeal.answer is not None:
        raise AppealRefused(Why.ANSWERED_BEFORE)
    if is_own(appeal, by):
        if waited_seconds is None:
            raise AppealRefused(Why.DECIDED_IT if by in appeal.deciders else Why.TOOK_IT_DOWN)
        if waited_seconds < ALONE_WAIT_SECONDS:
            raise AppealRefused(Why.WAITS_A_DAY)
    if (reason is not None) is not (given is Answer.NOT_UPHELD):
        raise AppealRefused(Why.REASON_DOES_NOT_FIT)
    return given is Answer.UPHELD


def is_own(appeal: Brought, by: UUID) -> bool:
    """Return whether somebody had a hand in what is appealed against, or took the appeal down."""
    return by in appeal.deciders or by == appeal.taken_down_by


def answer_by(brought_on: date) -> date:
    """
    Return the day by which an appeal has its answer.

    >>> answer_by(date(2026, 11, 21))
    datetime.date(2026, 12, 21)
    """
    return brought_on + timedelta(days=ANSWER_DAYS)


def text_forgotten_before(today: date) -> date:
    """
    Return the day before which an appeal was answered whose words are erased today.

    >>> text_forgotten_before(date(2027, 2, 19))
    datetime.date(2026, 11, 22)
    """
    return today - timedelta(days=TEXT_KEPT_DAYS - 1)


def own_words(typed: str) -> str:
    r"""
    Return what a household says as it is sealed: one form, lines kept, nothing invisible.

    Raises: AppealRefused when it is too long.

    >>> own_words("  We are five.\r\n ")
    'We are five.'
    """
    lines = unicodedata.normalize("NFC", typed).replace("\t", " ").splitlines()
    kept = ("".join(c for c in line if c.isprintable() or c in _JOINERS) for line in lines)
    text = "\n".join(kept).strip()
    if len(text) > TEXT_MAX:
        raise AppealRefused(Why.TEXT_TOO_LONG)
    return text


def serial(appeal: str) -> str:
    """Return the number of an appeal as people say it; `appeal` is its id in hex."""
    return f"A-{appeal[:12]}"
