"""The appeal: in time, once, and answered by somebody who had no hand in the decision."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from despensa.domain import appeal as appeals
from despensa.domain.appeal import Answer, AppealRefused, Brought, Decided, Reason, Why

CLOSES, LAST = date(2026, 11, 23), date(2027, 2, 21)
ANA, JORGE, NOUR, SAMIR = (UUID(int=number) for number in range(4))
DECIDED = Decided(LAST, is_decided=True, has_open_appeal=False)
BROUGHT = Brought(ANA, (JORGE, NOUR), None)


def test_an_appeal_is_brought_until_its_last_day():
    assert appeals.bring(DECIDED, on=LAST) == LAST


@pytest.mark.parametrize(
    "decision, on, why",
    [
        (DECIDED, LAST + timedelta(days=1), Why.TOO_LATE),
        (replace(DECIDED, is_decided=False), CLOSES, Why.NOT_DECIDED),
        (replace(DECIDED, has_open_appeal=True), CLOSES, Why.BROUGHT_BEFORE),
    ],
)
def test_an_appeal_that_is_not_brought_says_why(decision, on, why):
    with pytest.raises(AppealRefused) as refused:
        appeals.bring(decision, on=on)

    assert refused.value.why is why


def test_only_an_upheld_appeal_makes_a_child_cycle():
    assert appeals.answer(BROUGHT, Answer.UPHELD, by=SAMIR) is True
    assert appeals.answer(BROUGHT, Answer.NOT_UPHELD, reason=Reason(96), by=SAMIR) is False
    assert appeals.answer(BROUGHT, Answer.WITHDRAWN, by=SAMIR) is False


@pytest.mark.parametrize(
    "given, reason",
    [(Answer.UPHELD, Reason(97)), (Answer.NOT_UPHELD, None), (Answer.WITHDRAWN, Reason(98))],
)
def test_a_no_has_a_reason_and_nothing_else_has(given, reason):
    with pytest.raises(AppealRefused) as refused:
        appeals.answer(BROUGHT, given, reason=reason, by=SAMIR)

    assert refused.value.why is Why.REASON_DOES_NOT_FIT


def test_what_a_household_says_keeps_its_lines_and_its_script():
    said = appeals.own_words("  Somos\tcinco.\r\nنحن\u200cخمسة\x00 e\u0301 ")

    assert said == "Somos cinco.\nنحن\u200cخمسة é"
    with pytest.raises(AppealRefused) as refused:
        appeals.own_words("é" * 2_001)
    assert refused.value.why is Why.TEXT_TOO_LONG


@pytest.mark.parametrize(
    "appeal, by, why",
    [
        (BROUGHT, JORGE, Why.DECIDED_IT),
        (BROUGHT, NOUR, Why.DECIDED_IT),
        (BROUGHT, ANA, Why.TOOK_IT_DOWN),
        (replace(BROUGHT, answer=Answer.NOT_UPHELD), SAMIR, Why.ANSWERED_BEFORE),
    ],
)
def test_who_may_not_answer_does_not(appeal, by, why):
    with pytest.raises(AppealRefused) as refused:
        appeals.answer(appeal, Answer.UPHELD, by=by)

    assert refused.value.why is why
