"""Invented contents of the pages about appeals."""

from dataclasses import replace
from datetime import date, timedelta

from despensa.domain.appeal import Answer, Ground, Reason, Why
from despensa.entrypoints.office import appeal_pages
from despensa.entrypoints.office import appeal_words as words
from despensa.entrypoints.office.parts import Choice, FieldError
from tests.entrypoints.office import invented_people
from tests.entrypoints.office.invented_parts import AN_ID, TODAY, at

PAPERS = (
    Choice("?language=es", "Español"),
    Choice("?language=en", "English"),
    Choice("?language=ar", "العربية"),
)


def form() -> appeal_pages.AppealFormPage:
    return appeal_pages.AppealFormPage(
        household_id=AN_ID,
        number="0a1b2c3d",
        action="/x/",
        decision=replace(invented_people.decisions()[0], appeal_url=""),
        last_day=date(2027, 3, 20),
        answer_until=TODAY + timedelta(days=30),
        grounds=tuple(Choice(str(int(one)), words.ground_word(one)) for one in Ground),
        ground="2",
        text="Somos cinco, no cuatro.",
        hidden=(("request", str(AN_ID)),),
        errors=(FieldError("id_ground", "Choose what the household says."),),
    )


def appeal() -> appeal_pages.AppealPage:
    return appeal_pages.AppealPage(
        appeal_id=AN_ID,
        household_id=AN_ID,
        serial="A-0a1b2c3d4e5f",
        number="0a1b2c3d",
        state=words.STATES[None],
        ground=words.ground_word(Ground.FACT_MISSING),
        text="Somos cinco, no cuatro: nació una niña en octubre.\nنحن خمسة ولسنا أربعة.",
        is_forgotten=False,
        decision=replace(invented_people.decisions()[0], appeal_url=""),
        cycle_name="November 2026",
        money_waits_until=TODAY + timedelta(days=9),
        taken_by="J. Ríos",
        taken_at=at(9, 12),
        last_day=date(2027, 3, 20),
        answer_until=TODAY - timedelta(days=1),
        is_overdue=True,
        brought_papers=PAPERS,
        may_answer=True,
        answers=tuple(Choice(str(int(one)), word) for one, word in words.ANSWERS.items()),
        reasons=tuple(Choice(str(int(one)), words.reason_word(one)) for one in Reason),
    )


def not_for_the_reader() -> appeal_pages.AppealPage:
    return replace(
        appeal(),
        may_answer=False,
        why_not=words.why_word(Why.DECIDED_IT),
        is_overdue=False,
        text="",
    )


def upheld() -> appeal_pages.AppealPage:
    return replace(
        appeal(),
        state=words.STATES[Answer.UPHELD],
        is_overdue=False,
        may_answer=False,
        answer_papers=PAPERS,
        answered_by="Nour Haddad",
        answered_at=at(15, 4),
        child_url="/x/",
        proposal_url="/x/",
        may_prepare=True,
    )


def refused() -> appeal_pages.AppealPage:
    return replace(
        upheld(),
        state=words.STATES[Answer.NOT_UPHELD],
        text="",
        is_forgotten=True,
        reason=words.reason_word(Reason.COUNTS_FROM_NEXT_CYCLE),
        child_url="",
        proposal_url="",
        may_prepare=False,
    )


def appeals() -> appeal_pages.AppealsPage:
    row = appeal_pages.AppealRow(
        appeal_id=AN_ID,
        serial="A-0a1b2c3d4e5f",
        cycle_name="November 2026",
        ground=words.ground_word(Ground.FACT_WRONG),
        taken_at=at(9, 12),
        answer_until=TODAY - timedelta(days=1),
        is_overdue=True,
        state=words.STATES[None],
    )
    later = replace(
        row,
        ground=words.ground_word(Ground.QUANTITY_WRONG),
        answer_until=date(2026, 12, 21),
        is_overdue=False,
    )
    done = [replace(later, state=words.STATES[one]) for one in Answer]
    return appeal_pages.AppealsPage((row, later), tuple(done))


def no_appeals() -> appeal_pages.AppealsPage:
    return appeal_pages.AppealsPage((), ())
