"""The SQL of levels: which two values reach which degree of agreement."""

import duckdb
import pytest

from despensa.adapters.matching.level_sql import MACROS, conditions
from despensa.domain.matching import comparison as facts
from despensa.domain.matching import values

COLUMNS = frozenset({"given", "surname", "line_2"})


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        for macro in MACROS:
            opened.execute(macro)
        yield opened


def level_of(connection, comparison, left, right):
    """The name of the level two rows reach, or None where a value is missing."""
    null, texts = conditions(comparison, COLUMNS)
    whens = " ".join(f"WHEN {text} THEN {place}" for place, text in enumerate(texts))
    columns = ", ".join(
        f"${name}_{side} AS {name}_{side}" for side in "lr" for name in (left | right)
    )
    found = connection.execute(
        f"SELECT CASE WHEN {null} THEN -1 {whens} ELSE {len(texts)} END FROM (SELECT {columns})",
        {f"{name}_l": value for name, value in left.items()}
        | {f"{name}_r": value for name, value in right.items()},
    ).fetchone()[0]
    return None if found < 0 else comparison.levels[found].name


def named(given, surname):
    """The name columns of a person."""
    row = {}
    for column, name in (("given", given), ("surname", surname)):
        words = values.name_words(name)
        sounds = [values.sound(word) for word in words]
        row |= {
            column: " ".join(words) or None,
            f"{column}_sound": " ".join(sounds) or None,
            f"{column}_words": words,
            f"{column}_sound_words": sounds,
        }
    return row


@pytest.mark.parametrize(
    ("left", "right", "given", "surname"),
    [
        (("Rosa", "Quispe Mamani"), ("ROSA", "Quispe Mamaní"), "same", "same"),
        (("Rosa", "Quispe Mamani"), ("Rosa Elena", "Quispe"), "contained", "contained"),
        (("Rosa", "Quispe Mamani"), ("Roza", "Mamani Quispe"), "sound", "order"),
        (("Rosa", "Quispe"), ("Quispe", "Rosa"), "exchanged", None),
        (("Karim", "Rashid"), ("رشيد", "كريم"), "exchanged", None),
        (("محمد", "حداد"), ("Mohammed", "Haddad"), "sound", "sound"),
        (("Rosa", "Quiste"), ("R", "Quispe"), "contained", "slip"),
        (("Ana María", "de la Cruz"), ("Ana Lucía", "Cruz"), "part", "same"),
        (("Rosa", "Quispe Flores"), ("Ana", "Quispe Rojas"), "different", "near"),
        (("Rosa", ""), ("Rosa", "Quispe"), "same", None),
    ],
)
def test_names(connection, left, right, given, surname):
    rows = named(*left), named(*right)

    assert level_of(connection, facts.GIVEN_NAME, *rows) == given
    assert level_of(connection, facts.SURNAME, *rows) == surname


@pytest.mark.parametrize(
    ("both_in_use", "one", "other", "level"),
    [
        (True, "محمود", "أحمد", "resembling"),
        (False, "محمود", "أحمد", "near"),
        (True, "Andrés", "Andrea", "resembling"),
        (True, "José", "José Luis", "contained"),
        (True, "Mohammed", "Muhammad", "sound"),
        (True, "Rosa", "Nubia", "different"),
    ],
)
def test_two_names_in_use_that_resemble_each_other_are_no_slip(
    connection, both_in_use, one, other, level
):
    left, right = (
        named(name, "Haddad") | {"given_in_use": in_use}
        for name, in_use in ((one, True), (other, both_in_use))
    )

    assert level_of(connection, facts.GIVEN_NAME_IN_USE, left, right) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("19840503", "19840503", "same"),
        ("19840503", "1984", "shorter"),
        ("19840503", "198405", "shorter"),
        ("19840503", "19840305", "exchanged"),
        ("19840503", "19840508", "slip"),
        ("19840503", "19845003", "slip"),
        ("19840503", "194840503", "slip"),
        ("19840503", "19840528", "parts"),
        ("19840503", "19590503", "parts"),
        ("19840503", "19851224", "year"),
        ("19840503", "19591224", "different"),
        ("19840503", None, None),
    ],
)
def test_birth_dates(connection, left, right, level):
    assert level_of(connection, facts.BIRTH_DATE, {"birth": left}, {"birth": right}) == level


def addressed(street, number, line_2=None):
    whole = f"{street}|{number}" if street and number else None
    return {"street": street, "number": number, "address": whole, "line_2": line_2}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (("PINOS", "12"), ("PINOS", "12"), "same"),
        (("PINOS", "12"), ("PINSO", "12"), "near"),
        (("PINOS", "12"), ("PINOS", None), "near"),
        (("PINOS", "12", "MIAMI"), ("MIAMI", "12", "PINOS"), "exchanged"),
        (("PINOS", "12"), ("PINOS", "400"), "street"),
        (("PINOS", "12", "MIAMI"), ("SUCRE", "4", "MIAMI"), "part"),
        (("PINOS", "12"), ("SUCRE", "4"), "different"),
        ((None, None), ("SUCRE", "4"), None),
    ],
)
def test_addresses(connection, left, right, level):
    assert level_of(connection, facts.ADDRESS, addressed(*left), addressed(*right)) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("12345678", "12345678", "same"),
        ("12345678", "12354678", "slip"),
        ("12345678", "2345678", "slip"),
        ("12345678", "88345678", "near"),
        ("12345678", "87654321", "different"),
        (None, "1", None),
    ],
)
def test_documents(connection, left, right, level):
    name = "document_0"

    found = level_of(connection, facts.document(name, "DNI"), {name: left}, {name: right})

    assert found == level


def test_every_level_of_every_comparison_is_a_condition_the_database_understands(connection):
    every = (
        facts.GIVEN_NAME, facts.SURNAME, facts.BIRTH_DATE, facts.AGE, facts.SEX, facts.PHONE,
        facts.EMAIL, facts.ADDRESS, facts.PLACE, facts.HOUSEHOLD, facts.document("document_0", "x"),
        facts.other("other_11", "x"),
    )  # fmt: skip

    for comparison in every:
        _, texts = conditions(comparison, COLUMNS)
        assert len(texts) == len(comparison.levels) - 1
