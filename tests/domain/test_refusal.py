"""The closed list of reasons: numbers, offers, and sentences in every language."""

from importlib.resources import files

import pytest
import yaml

from despensa.domain.refusal import (
    DELIVERED_MESSAGE,
    ENGLISH,
    ENROLMENT_REASONS,
    AbortReason,
    Offered,
    RefusalReason,
    always_offers_supervised,
    offered,
)

NUMBERS = {
    1: "unreadable",
    2: "cannot_verify",
    3: "not_genuine",
    4: "expired",
    5: "no_session",
    6: "list_missing",
    7: "unknown",
    8: "other_point",
    9: "other_day",
    10: "not_entitled",
    11: "needs_information",
    12: "collected_confirmed",
    13: "collected_unconfirmed",
    14: "collector_not_confirmed",
    15: "out_of_stock",
}
MESSAGES = yaml.safe_load(
    files("despensa").joinpath("data/sentences/refusals.yaml").read_text(encoding="utf-8")
)["messages"]


def test_the_numbers_are_those_of_the_format():
    assert {int(reason): reason.name.lower() for reason in RefusalReason} == NUMBERS
    assert [int(reason) for reason in AbortReason] == [64, 65, 66]
    assert not set(ENROLMENT_REASONS) & set(NUMBERS)


def test_only_three_reasons_may_end_without_food():
    without = {reason.name for reason in RefusalReason if not always_offers_supervised(reason)}

    assert without == {"NOT_GENUINE", "NOT_ENTITLED", "COLLECTED_CONFIRMED"}


@pytest.mark.parametrize("reason", list(RefusalReason))
def test_what_is_offered(reason):
    expected = Offered.SUPERVISED
    if reason is RefusalReason.NOT_GENUINE:
        expected = Offered.REPLACEMENT
    elif not always_offers_supervised(reason):
        expected = Offered.NONE

    assert offered(reason) is expected


def test_a_contested_collection_is_offered_a_supervised_delivery():
    reason = RefusalReason.COLLECTED_CONFIRMED

    assert offered(reason, contest_open=True) is Offered.SUPERVISED
    assert offered(RefusalReason.NOT_ENTITLED, contest_open=True) is Offered.NONE


def test_every_reason_has_its_sentences_in_every_language():
    keys = {reason.message_id for reason in (*RefusalReason, *AbortReason)}

    assert set(MESSAGES) == keys | {DELIVERED_MESSAGE} == set(ENGLISH)
    for key, languages in MESSAGES.items():
        assert set(languages) == {"en", "es", "ar"}, key
        for texts in languages.values():
            assert set(texts) == {"sentence", "next_step"}
            assert all(text.strip() == text and text for text in texts.values())
        english = ENGLISH[key]
        assert languages["en"] == {"sentence": english.sentence, "next_step": english.next_step}


def test_sentences_differ_from_reason_to_reason():
    for language in ("en", "es", "ar"):
        sentences = [languages[language]["sentence"] for languages in MESSAGES.values()]
        assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    "reason", [item for item in RefusalReason if always_offers_supervised(item)]
)
def test_who_is_always_offered_a_supervised_delivery_is_told_so_or_told_the_way(reason):
    words = {"en": "supervised", "es": "supervisada", "ar": "تحت إشراف"}

    for language, word in words.items():
        assert word in MESSAGES[reason.message_id][language]["next_step"]
