"""Who may vouch for how many, and when a link ends."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.enrolment.card_binding import (
    SENTENCES,
    CardRefused,
    CardTrouble,
    StockCard,
    trouble_with,
)
from despensa.domain.enrolment.introducer import (
    Introducer,
    IntroducerKind,
    IntroducerRefused,
    Limits,
    NoVouching,
    erase_on,
    require_room,
)

TODAY = date(2026, 11, 21)


@given(st.dates(date(2026, 1, 1), date(2100, 1, 1)))
def test_no_link_lives_for_more_than_twelve_months_or_much_less(day):
    ends = erase_on(day)

    assert ends.day == 1
    assert ends <= date(day.year + 1, day.month, 28)
    assert (ends - day).days > 330


def test_the_limit_is_the_last_that_is_allowed():
    require_room(4, 5)
    with pytest.raises(IntroducerRefused) as refused:
        require_room(5, 5)

    assert refused.value.why is NoVouching.LIMIT_REACHED
    assert "5 households already" in str(refused.value)


def test_a_person_and_an_office_have_limits_of_their_own():
    limits = Limits(person=3, office=40)

    assert [limits.of(kind) for kind in IntroducerKind] == [3, 40]


def test_a_link_names_kind_and_id_and_nothing_else():
    assert Introducer(IntroducerKind.OFFICE, UUID(int=7)).link() == [2, UUID(int=7).bytes]


WHOLE = {"is_dead": False, "is_bound": False, "is_checked": True, "expires_on": TODAY}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"expires_on": date(2026, 11, 20)}, CardTrouble.EXPIRED),
        ({"is_checked": False, "expires_on": date(2026, 1, 1)}, CardTrouble.NOT_CHECKED),
        ({"is_bound": True, "is_checked": False}, CardTrouble.BOUND),
        ({"is_dead": True, "is_bound": True}, CardTrouble.SPOILT),
    ],
)
def test_a_card_is_bound_only_when_nothing_is_against_it(changed, expected):
    assert trouble_with(StockCard(**WHOLE | changed), today=TODAY) is expected


def test_a_number_that_was_never_printed_is_unknown():
    assert trouble_with(None, today=TODAY) is CardTrouble.UNKNOWN


def test_every_trouble_with_a_card_has_its_sentence():
    assert SENTENCES.keys() == set(CardTrouble)
    for trouble in CardTrouble:
        assert str(CardRefused(trouble)) == SENTENCES[trouble]
