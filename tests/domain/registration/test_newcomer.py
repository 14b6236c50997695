"""Who is registered by an operation on a household is read as a register file is."""

from datetime import date

import pytest

from despensa.domain.registration.draft import Birth, Sex
from despensa.domain.registration.newcomer import NewcomerFaulty, newcomer

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "born", "faults"),
    [
        ("", "", [("full_name", "missing")]),
        ("12345", "", [("full_name", "name_unreadable")]),
        ("Luz\x1b[31m", "", [("full_name", "name_unreadable")]),
        ("L" * 201, "", [("full_name", "name_unreadable")]),
        ("=Luz", "", [("full_name", "name_formula")]),
        ("\udcff", "", [("full_name", "name_unreadable")]),
        ("Luz", "2026-11-24", [("born", "date_future")]),
        ("Luz", "1700-01-01", [("born", "date_too_old")]),
        (" ", "soon", [("full_name", "missing"), ("born", "date_unreadable")]),
    ],
)
def test_what_no_file_may_say_no_form_may_say(name, born, faults):
    with pytest.raises(NewcomerFaulty) as told:
        newcomer(name, born, Sex.UNKNOWN, today=TODAY)

    assert [(field, fault.code) for field, fault in told.value.faults] == faults


def test_a_day_may_be_unknown_or_known_to_the_month():
    assert newcomer("محمود", "", Sex.MALE, today=TODAY).birth == Birth()
    assert newcomer("Luz", "2026-10", Sex.FEMALE, today=TODAY).birth == Birth(2026, 10)
