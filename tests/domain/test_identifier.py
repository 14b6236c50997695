"""Card numbers: drawn evenly, checked, shown in groups, forgiven in how they are typed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain import identifier
from despensa.domain.identifier import ALPHABET, CardNumberError

NUMBERS = identifier.card_numbers(random.Random(7).randbytes, 3_000)
numbers = st.sampled_from(NUMBERS)


def test_drawn_numbers_are_valid_and_different():
    assert len(set(NUMBERS)) == 3_000
    assert all(identifier.is_card_number(number) for number in NUMBERS)
    assert set("".join(NUMBERS)) == set(ALPHABET)


def test_every_character_is_as_likely():
    body = "".join(number[:-1] for number in NUMBERS)
    expected = len(body) / len(ALPHABET)

    assert all(abs(body.count(character) - expected) < 6 * expected**0.5 for character in ALPHABET)


def test_a_repeated_number_is_drawn_again():
    # a source that says the same 9 characters over and over until it is asked the fourth time
    asked = []

    def random_bytes(count):
        asked.append(count)
        return bytes([1] * 9 * 7) if len(asked) < 4 else random.Random(1).randbytes(count)

    first, second = identifier.card_numbers(random_bytes, 2)

    assert first != second
    assert len(asked) >= 4


def test_no_number_is_drawn_when_none_is_wanted():
    assert identifier.card_numbers(random.Random(1).randbytes, 0) == ()


@given(numbers)
def test_a_shown_number_is_typed_back(number):
    shown = identifier.display_card_number(number)

    assert [len(group) for group in shown.split("-")] == [4, 4, 2]
    assert identifier.parse_card_number(shown.lower()) == number


@given(numbers, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(number, place, character):
    if number[place] == character:
        return
    with pytest.raises(CardNumberError):
        identifier.parse_card_number(number[:place] + character + number[place + 1 :])


def test_two_swapped_characters_are_nearly_always_found():
    swaps = found = 0
    for number in NUMBERS[:500]:
        for place in range(9):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            if swapped != number:
                swaps += 1
                found += not identifier.is_card_number(swapped)

    # ISO 7064 promises all but a few per cent of the swaps of the hybrid systems
    assert found / swaps > 0.97


@given(st.text(max_size=30))
def test_any_typed_text_is_a_number_or_an_error(typed):
    try:
        number = identifier.parse_card_number(typed)
    except CardNumberError:
        return
    assert identifier.is_card_number(number)


def test_the_sentence_names_the_characters_that_resemble_others():
    with pytest.raises(CardNumberError, match="0, 1, I, L or O"):
        identifier.parse_card_number("C7Q4-88KD-O2")


def test_the_sentence_never_repeats_what_was_typed():
    with pytest.raises(CardNumberError) as caught:
        identifier.parse_card_number("C7Q488KD2B")

    assert "C7Q4" not in str(caught.value)
