"""Forms in which values are compared: spellings of one thing meet, different things do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.matching import values


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("محمد", "Mohammed"),
        ("يوسف", "Youssef"),
        ("الحسن", "Al-Hassan"),
        ("Elsayed", "Al Sayyid"),
        ("عبد الرحمن", "Abdulrahman"),
        ("Abderrahman", "Abd al-Rahman"),
        ("Юлия", "Yulia"),
        ("Романов", "Romanoff"),
        ("Шевченко", "Shevchenko"),
        ("Александр", "Alexander"),
        ("Цветков", "Cvetkov"),
        ("Ximena", "Ksimena"),
        ("Giménez", "Jiménez"),
        ("Vásquez", "Básques"),
    ],
)
def test_spellings_of_one_name_sound_the_same(first, second):
    heard = [[values.sound(word) for word in values.name_words(name)] for name in (first, second)]

    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    ("first", "second"), [("Rosa", "Ana"), ("Quispe", "Mamani"), ("علي", "خالد"), ("Иван", "Олег")]
)
def test_other_names_sound_otherwise(first, second):
    heard = [[values.sound(word) for word in values.name_words(name)] for name in (first, second)]

    assert heard[0] != heard[1]


@pytest.mark.parametrize("name", ["王 小明", "अनिता शर्मा", "김 민준"])
def test_names_in_a_script_without_a_table_are_compared_as_they_stand(name):
    assert values.name_words(name) == name.split()
    assert values.plain_text(name)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("1984-05-03", "19840503"),
        ("1984-05-03 00:00:00", "19840503"),
        ("1984-05-03T10:20:30Z", "19840503"),
        ("03/05/1984", "19840503"),
        ("3.5.84", "19840503"),
        ("May 3, 1984", "19840503"),
        ("3 de mayo de 1984", "19840503"),
        ("1984-05", "198405"),
        ("1984", "1984"),
        ("19841340", "19841340"),
        ("194704 02", "19470402"),
        ("unknown", ""),
    ],
)
def test_dates_of_many_kinds_have_one_form(written, form):
    assert values.birth_text(written) == form


def test_dates_that_begin_with_the_month_are_seen_by_the_column():
    assert not values.is_day_first(["02/01/1980", "05/31/1980", "12/24/1990"])
    assert values.birth_text("05/03/1984", day_first=False) == "19840503"


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_a_form(text):
    values.birth_text(text)
    values.phone_texts(text)
    values.number_text(text)
    values.street_text(text)
    values.street_numbers(text)
    values.plain_text(text)
    values.sex_text(text)
    assert all(values.sound(word) for word in values.name_words(text))
