"""What is learnt from patterns alone: shares, levels, and that nothing leads it astray."""

import random
from collections import Counter

import pytest

from despensa.domain.matching.comparison import (
    BIRTH_DATE,
    DOCUMENT,
    GIVEN_NAME,
    PHONE,
    SURNAME,
    reason_of,
)
from despensa.domain.matching.estimate import Counted, classes, household_weights, learn

COMPARISONS = (GIVEN_NAME, SURNAME, BIRTH_DATE, PHONE)
OTHER = tuple(len(comparison.levels) - 1 for comparison in COMPARISONS)
PEOPLE = 1000
PAIRS = PEOPLE * (PEOPLE - 1) / 2


def drawn(dice, agreeing):
    """A pattern in which each fact agrees with its own probability."""
    return tuple(
        0 if dice.random() < share else last for share, last in zip(agreeing, OTHER, strict=True)
    )


def counted(same=200, housemates=800, twins=30, strangers=5000, seed=1):
    dice = random.Random(seed)
    seen = Counter()
    seen.update(drawn(dice, (0.97, 0.95, 0.97, 0.9)) for _ in range(same))
    seen.update(drawn(dice, (0.01, 0.95, 0.0, 0.9)) for _ in range(housemates))
    seen.update(drawn(dice, (0.0, 0.97, 1.0, 0.95)) for _ in range(twins))
    seen.update(drawn(dice, (0.01, 0.3, 0.001, 0.0)) for _ in range(strangers))
    chance = Counter(drawn(dice, (0.01, 0.01, 0.0002, 0.0005)) for _ in range(200_000))
    return Counted(seen, chance, PAIRS, PEOPLE)


def test_the_number_of_pairs_of_one_person_is_found():
    model = learn(COMPARISONS, counted())

    assert model.shares[0] * PAIRS == pytest.approx(200, rel=0.1)
    assert model.same[0][0] > 0.9
    assert model.strangers[0][0] == pytest.approx(0.01, rel=0.2)


def test_twins_and_housemates_are_not_taken_for_one_person():
    model = learn(COMPARISONS, counted())

    one, _, twins, _ = classes(model, (OTHER[0], 0, 0, 0))
    assert one < 0.5 < twins
    one, near, _, _ = classes(model, (OTHER[0], 0, OTHER[2], 0))
    assert one < 0.01 < near
    assert classes(model, (0, 0, 0, 0))[0] > 0.99


def test_a_son_with_his_fathers_name_is_another_person():
    model = learn(COMPARISONS, counted())

    assert classes(model, (0, 0, OTHER[2], 0))[0] < 0.5


def test_a_list_without_anybody_twice_finds_nobody_twice():
    model = learn(COMPARISONS, counted(same=0, twins=0))

    assert model.shares[0] * PAIRS < 5


@pytest.mark.parametrize("strangers", [0, 3])
def test_hardly_any_pairs_leave_the_first_expectations(strangers):
    model = learn(COMPARISONS, Counted({(0, 0, 0, 0): 1}, {OTHER: strangers}, 3.0, 3))

    for table in (model.same, model.strangers, model.housemates):
        for levels in table:
            assert sum(levels) == pytest.approx(1, abs=1e-6)
            assert min(levels) > 0
    assert model.same[0][0] > 0.7


def test_a_fact_nobody_has_says_nothing():
    comparisons = (*COMPARISONS, DOCUMENT)
    with_nothing = counted()
    model = learn(
        comparisons,
        Counted(
            {(*pattern, None): n for pattern, n in with_nothing.candidates.items()},
            {(*pattern, None): n for pattern, n in with_nothing.by_chance.items()},
            PAIRS,
            PEOPLE,
        ),
    )

    assert classes(model, (0, 0, 0, 0, None))[0] > 0.99
    assert all(abs(weight) < 1e-9 for weight in household_weights(model)[-1])


def test_reasons_name_what_agrees_first():
    reached = (3, 0, 0, None)

    assert reason_of(COMPARISONS, reached) == (
        "same surname, same birth date, given name spelt differently"
    )


def test_a_second_name_beside_a_few_documents_makes_other_given_names_no_less_rare():
    with_nothing = counted()
    seen = Counter({(*pattern, None): n for pattern, n in with_nothing.candidates.items()})
    seen.update({(0, 0, 0, 0, 0): 197, (OTHER[0], 0, 0, 0, 0): 3})
    by_chance = {(*pattern, None): n for pattern, n in with_nothing.by_chance.items()}
    by_chance[*OTHER, len(DOCUMENT.levels) - 1] = 10_000

    model = learn((*COMPARISONS, DOCUMENT), Counted(seen, by_chance, PAIRS, PEOPLE))

    assert model.same[0][-1] <= 0.002
    assert classes(model, (OTHER[0], 0, 0, 0, 0))[0] > 0.9
