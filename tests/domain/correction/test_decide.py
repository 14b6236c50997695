"""What a correction changes, and why one is not taken; without any database."""

from datetime import date

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.correction.decide import (
    CHANGES_MAX,
    CorrectionRefused,
    Setting,
    Why,
    applied,
    decide,
)
from despensa.domain.correction.slot import Change, Field, Slot, needs_two, value_on
from despensa.domain.registration.country import countries

NAME, PARTS, BIRTH = Slot(Field.FULL_NAME), Slot(Field.NAME_PARTS), Slot(Field.BIRTH)
PHONE, DOCUMENT = Slot(Field.PHONE, "a" * 32), Slot(Field.DOCUMENT, "b" * 32)
NEW_PHONE, NEW_DOCUMENT = Slot(Field.PHONE, "new"), Slot(Field.DOCUMENT, "new")
FACT = Slot(Field.PERSON_FACT, "disability_functional")
RECORD = {
    NAME: "Rosa Quispe Mamani",
    PARTS: ["Quispe", "Mamani", ["Rosa"]],
    BIRTH: [1990, 2],
    Slot(Field.SEX): 2,
    PHONE: "+584121234567",
    DOCUMENT: ["national_id", "VEN", "V-1"],
    FACT: False,
}
SETTING = Setting(date(2026, 11, 21), countries()["VE"], load_catalogue(), lambda: "c" * 32)


def changes(wanted, record=RECORD):
    return {one.slot: (one.before, one.after) for one in decide(wanted, record, SETTING)}


def test_only_what_differs_changes_and_values_are_stored_in_one_form():
    wanted = {NAME: " Rosa  Quispe Mamani ", BIRTH: "1990-02", NEW_PHONE: "0412 555 1234",
              FACT: True}  # fmt: skip

    assert changes(wanted) == {
        Slot(Field.PHONE, "c" * 32): (None, "+584125551234"),
        FACT: (False, True),
    }


def test_the_parts_of_a_former_name_go_with_it_unless_they_still_fit():
    assert changes({NAME: "Rosa Condori"}) == {
        NAME: (RECORD[NAME], "Rosa Condori"),
        PARTS: (RECORD[PARTS], None),
    }
    assert changes({NAME: "Rosa Elena Quispe Mamani"}) == {
        NAME: (RECORD[NAME], "Rosa Elena Quispe Mamani")
    }


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({}, Why.NOTHING_CHANGES),
        ({NAME: "12345"}, Why.NAME_WRONG),
        ({NAME: "=cmd()"}, Why.NAME_WRONG),
        ({NAME: ""}, Why.NAME_WRONG),
        ({PARTS: ["Condori", None, []]}, Why.PARTS_WRONG),
        ({BIRTH: "2027-01-01"}, Why.BIRTH_WRONG),
        ({BIRTH: "1990-02-31"}, Why.BIRTH_WRONG),
        ({Slot(Field.SEX): 7}, Why.SEX_WRONG),
        ({Slot(Field.SEX): True}, Why.SEX_WRONG),
        ({Slot(Field.ADDRESS): "x" * 301}, Why.ADDRESS_WRONG),
        ({NEW_PHONE: "12"}, Why.PHONE_WRONG),
        ({NEW_PHONE: "+58 412 123 45 67"}, Why.PHONE_WRONG),
        ({NEW_DOCUMENT: ["party_card", "VEN", "1"]}, Why.DOCUMENT_WRONG),
        ({NEW_DOCUMENT: ["passport", "Narnia", "12"]}, Why.DOCUMENT_WRONG),
        ({Slot(Field.PHONE, "d" * 32): "+584125551234"}, Why.CHANGED_MEANWHILE),
        ({FACT: "perhaps"}, Why.FACT_WRONG),
        ({Slot(Field.PERSON_FACT, "party"): True}, Why.FACT_WRONG),
        ({Slot(Field.HOUSEHOLD_FACT, "disability_functional"): True}, Why.FACT_WRONG),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_its_reason(wanted, why):
    with pytest.raises(CorrectionRefused) as told:
        changes(wanted)

    assert told.value.why is why


def test_a_third_number_and_too_many_fields_are_refused():
    two = RECORD | {Slot(Field.PHONE, "e" * 32): "+584125550000"}
    many = {Slot(Field.PHONE, f"{n:032x}"): f"+5841255500{n:02d}" for n in range(CHANGES_MAX + 1)}

    for wanted, record, why in (
        ({NEW_PHONE: "+584125551234"}, two, Why.PHONE_WRONG),
        (many, RECORD | dict.fromkeys(many), Why.TOO_MANY),
    ):
        with pytest.raises(CorrectionRefused) as told:
            changes(wanted, record)
        assert told.value.why is why


def test_what_was_decided_changes_nothing_that_moved_meanwhile():
    change = Change(NAME, RECORD[NAME], "Rosa Condori")

    assert applied([change], RECORD)[NAME] == "Rosa Condori"
    assert applied([change, change.reversed()][:1], RECORD) != RECORD
    with pytest.raises(CorrectionRefused):
        applied([change], RECORD | {NAME: "Rosa Choque"})


def test_only_where_somebody_is_reached_changes_without_a_second_person():
    alone = {Field.PHONE, Field.ADDRESS}

    assert {one for one in Field if not needs_two((Change(Slot(one), 1, 2),))} == alone
    assert needs_two((Change(PHONE, 1, 2), Change(NAME, 1, 2)))


def test_a_value_on_a_day_is_what_stood_before_the_first_later_change():
    later = [Change(NAME, "b", "c"), Change(NAME, "a", "b")]

    assert (value_on("c", later), value_on("c", later[:1]), value_on("c", [])) == ("a", "b", "c")
