"""The register within itself: who is twice is found; twins, sisters and shared phones are not."""

import random
import time

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("splink")

from despensa.adapters.matching import register  # noqa: E402
from despensa.adapters.matching.register import (  # noqa: E402  (after the check for the extra)
    SCHEMA,
    RegisterOrder,
    match_register,
)
from despensa.domain.matching import register_form as forms  # noqa: E402
from despensa.domain.matching.reason_codes import named  # noqa: E402

GIVEN = "Rosa Elena Carmen Lucía Juana Teresa Gloria Marta Isabel Daniela José Luis Carlos Pedro".split()
SURNAMES = (
    "Quispe Mamani García Flores Huamán Rojas López Díaz Torres Vargas Chávez Ramos Peña".split()
)
PEOPLE = 3_000


def a_person(dice, number, home, **fields):
    given, surname = dice.choice(GIVEN), f"{dice.choice(SURNAMES)} {dice.choice(SURNAMES)}"
    values = {
        "person": number.to_bytes(16, "big"),
        "home": home.to_bytes(16, "big"),
        "area": bytes([dice.randrange(9)]) * 16,
        "name": (given, surname),
        "birth": f"{dice.randrange(1940, 2025)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}",
        "sex": dice.choice("MF"),
        "document": f"{dice.randrange(10**8):08d}" if dice.randrange(2) else None,
        "phone": None,
    }
    return values | fields


def sound_of(person):
    return forms.written_apart(None, None, person["name"][:1])[1]


def batch(people):
    columns = {name: [] for name in SCHEMA.names}
    for one in people:
        given, surname = one["name"]
        row = (
            one["person"], one["home"], one["area"],
            *forms.written_apart(surname, None, (given,)),
            one["birth"], one["sex"], one["document"], one["phone"], None,
        )  # fmt: skip
        for name, value in zip(SCHEMA.names, row, strict=True):
            columns[name].append(value)
    return pa.record_batch(columns, schema=SCHEMA)


@pytest.fixture(scope="module")
def found():
    """Return the pairs found among people of whom some are twice and many resemble each other."""
    dice = random.Random(7)
    people, truth, twins = [], set(), set()
    for home in range(PEOPLE // 3):
        head = a_person(dice, len(people), home)
        head["phone"] = f"6{dice.randrange(10**8):08d}"
        people.append(head)
        for _ in range(2):
            # one surname, one phone, one place for all of a household
            child = a_person(dice, len(people), home, area=head["area"], phone=head["phone"])
            family = {sound_of(one) for one in people[-2:] if one["home"] == head["home"]}
            while sound_of(child) in family or child["name"][1] != head["name"][1]:
                child["name"] = (dice.choice(GIVEN), head["name"][1])
            people.append(child)
        if home % 10 == 0:
            people[-1]["birth"] = people[-2]["birth"]
            twins.add(frozenset((people[-1]["person"], people[-2]["person"])))
    for number in range(60):
        once = dice.choice(people[:PEOPLE])
        twice = dict(
            once, person=len(people).to_bytes(16, "big"), home=(9_000 + number).to_bytes(16, "big")
        )
        given, surname = once["name"]
        twice["name"] = (given, surname[:1] + surname[2:])
        twice["document"] = once["document"] if number % 2 else None
        people.append(twice)
        truth.add(frozenset((once["person"], twice["person"])))
    half = len(people) // 2
    matched = match_register(
        [batch(people[:half]), batch(people[half:])], RegisterOrder(memory_mib=1_024),
        time.monotonic, lambda _: None,
    )  # fmt: skip
    return matched, truth, twins


def test_who_is_twice_is_found_and_few_others_are_brought(found):
    matched, truth, _ = found
    pairs = {frozenset((one.first, one.second)) for one in matched.pairs}

    assert len(truth & pairs) >= 0.95 * len(truth)
    assert len(pairs - truth) <= 0.05 * len(truth)


def test_twins_and_those_who_share_a_phone_are_not_brought(found):
    matched, truth, twins = found
    pairs = {frozenset((one.first, one.second)) for one in matched.pairs}

    assert twins
    assert not (twins & pairs) - truth


def test_the_work_grows_with_the_people_not_with_their_pairs(found):
    matched, _, _ = found

    assert matched.candidates <= 5 * matched.people


def test_reasons_are_codes_with_words_and_hold_no_value(found):
    matched, _, _ = found

    for pair in matched.pairs:
        facts = [named(code)[0] for code in pair.reasons]
        assert len(facts) == len(set(facts))
        assert "household" in facts


def test_one_person_alone_resembles_nobody():
    dice = random.Random(1)

    matched = match_register(
        [batch([a_person(dice, 1, 1)])], RegisterOrder(512), time.monotonic, lambda _: None
    )

    assert matched.pairs == []


def test_splink_never_gets_more_pairs_at_once_than_fit_into_memory(monkeypatch):
    dice, handed = random.Random(3), []
    people = [a_person(dice, number, number) for number in range(400)]
    monkeypatch.setattr(register, "_JUDGED_AT_ONCE", 500)
    weigh = register.weigh

    def counted(connection, whom, model, pairs, into):
        handed.append(connection.execute(f"SELECT count(*) FROM {pairs}").fetchall()[0][0])
        weigh(connection, whom, model, pairs, into)

    monkeypatch.setattr(register, "weigh", counted)

    matched = match_register(
        [batch(people)], RegisterOrder(512), time.monotonic, lambda _: None, bare=True
    )

    assert matched.candidates > 1_000
    assert sum(handed) >= 2 * matched.candidates
    assert max(handed) <= 800
