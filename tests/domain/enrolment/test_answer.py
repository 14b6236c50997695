"""The closed lists of refusals and of what to bring: numbers, sentences, days."""

from datetime import date, timedelta
from importlib.resources import files

import pytest
import yaml

from despensa.domain.enrolment.answer import (
    APPEAL_DAYS,
    BRING_ENGLISH,
    COME_WITHIN_DAYS_MAX,
    ENGLISH,
    AnswerWrong,
    Bring,
    EnrolmentReason,
    appointment,
    refusal,
)
from despensa.domain.refusal import ENROLMENT_REASONS

TODAY = date(2026, 11, 21)
REASONS = {
    32: "lives_elsewhere",
    33: "registered_already",
    34: "nobody_present",
    35: "not_agreed",
    36: "no_registration_now",
}
BRINGS = {
    1: "the_people",
    2: "somebody_who_vouches",
    3: "address",
    4: "birth_dates",
    5: "any_document",
    6: "who_decides_for_a_child",
    7: "nothing",
}
SAID = yaml.safe_load(
    files("despensa").joinpath("data/sentences/enrolment.yaml").read_text(encoding="utf-8")
)


def test_the_numbers_are_those_of_the_format():
    assert {int(one): one.name.lower() for one in EnrolmentReason} == REASONS
    assert {int(one): one.name.lower() for one in Bring} == BRINGS
    assert set(REASONS) <= set(ENROLMENT_REASONS)


def test_nobody_is_refused_for_having_no_papers():
    told = " ".join(f"{one.sentence} {one.next_step}" for one in ENGLISH.values()).lower()

    assert not {"document", "identity", "proof", "passport"} & set(told.split())


def test_every_refusal_can_be_appealed_or_mended():
    for reason in EnrolmentReason:
        assert "appeal" in ENGLISH[reason.message_id].next_step
    assert refusal(EnrolmentReason.NOT_AGREED, day=TODAY).appeal_until == TODAY + timedelta(
        APPEAL_DAYS
    )


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_sentence_is_said_in_every_language(language):
    assert SAID["messages"].keys() == ENGLISH.keys()
    assert SAID["bring"].keys() == BRING_ENGLISH.keys()
    for message in SAID["messages"].values():
        assert message[language].keys() == {"sentence", "next_step"}
        assert all(message[language].values())
    assert all(one[language] for one in SAID["bring"].values())


def test_the_english_sentences_are_those_of_the_code():
    for message, said in ENGLISH.items():
        english = SAID["messages"][message]["en"]
        assert (english["sentence"], english["next_step"]) == (said.sentence, said.next_step)
    assert {key: said["en"] for key, said in SAID["bring"].items()} == BRING_ENGLISH


def test_an_appointment_says_each_thing_once_in_order():
    made = appointment([Bring.ADDRESS, Bring.THE_PEOPLE, Bring.ADDRESS], come_by=TODAY, day=TODAY)

    assert made.bring == (Bring.THE_PEOPLE, Bring.ADDRESS)


@pytest.mark.parametrize(
    ("bring", "days"),
    [
        ([], 1),
        ([Bring.NOTHING, Bring.ADDRESS], 1),
        ([Bring.ADDRESS], -1),
        ([Bring.ADDRESS], COME_WITHIN_DAYS_MAX + 1),
    ],
)
def test_an_appointment_that_cannot_be_kept_is_not_made(bring, days):
    with pytest.raises(AnswerWrong):
        appointment(bring, come_by=TODAY + timedelta(days), day=TODAY)
