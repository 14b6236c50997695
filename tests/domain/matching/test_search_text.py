import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.matching.normalise import fold
from despensa.domain.matching.search_text import (
    NameParts,
    TokenKind,
    document_text,
    name_parts,
    person_texts,
    query_texts,
)

LETTERS = "aábcçdefghijklmnñoöpqrsßtuüvwxyzابتحدعهنورлюяЖ'"
NAMES = st.text(alphabet=LETTERS, min_size=1, max_size=10).filter(
    lambda name: fold(name) and name.isprintable()
)
REAL = st.sampled_from(
    "Rosa María José Ben Van Li Ana Ali Quispe Mamani O'Brien Muñoz محمد حداد الحداد Жанна".split()
)
NAME = NAMES | REAL


def found(query, texts):
    return bool(set(query_texts(query)) & set(texts))


@given(
    full_name=st.text(max_size=60),
    given=st.none() | st.text(max_size=30),
    surname_1=st.none() | st.text(max_size=30),
    surname_2=st.none() | st.text(max_size=30),
    birth_year=st.none() | st.integers(1900, 2030),
    documents=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=3), st.text(max_size=9))),
    phones=st.lists(st.text(max_size=15)),
)
def test_a_person_has_at_most_sixteen_texts(
    full_name, given, surname_1, surname_2, birth_year, documents, phones
):
    parts = name_parts(full_name, given=given, surname_1=surname_1, surname_2=surname_2)

    texts = person_texts(parts, birth_year=birth_year, documents=documents, phones=phones)

    assert len(texts) == len(set(texts)) <= 16
    assert len(parts.surnames) <= 2
    assert len(parts.given) <= 2


@given(st.lists(NAME, min_size=1, max_size=2), st.lists(NAME, min_size=1, max_size=2))
def test_a_person_is_found_by_given_name_and_surname_in_any_order(given, surnames):
    texts = person_texts(
        name_parts(
            " ".join([*given, *surnames]),
            given=" ".join(given),
            surname_1=surnames[0],
            surname_2=surnames[1] if len(surnames) > 1 else None,
        ),
        birth_year=None,
    )

    first = given[0]
    if len(given) > 1 and len(name_parts("", given=" ".join(given), surname_1="X").given) < 2:
        first = " ".join(given)  # one of them is a particle
    for surname in surnames:
        assert found(f"{first} {surname}", texts)
        assert found(f"{surname}, {first}", texts)


@given(st.lists(NAME, min_size=1, max_size=2), NAME, st.integers(1900, 2030))
def test_a_person_is_found_by_a_surname_and_the_year_of_birth(surnames, given, year):
    parts = name_parts(
        "",
        given=given,
        surname_1=surnames[0],
        surname_2=surnames[1] if len(surnames) > 1 else None,
    )
    texts = person_texts(parts, birth_year=year)

    for surname in surnames:
        assert found(f"{surname} {year}", texts)
        assert found(f"{year:04d} {surname.upper()}", texts)
        assert not found(f"{surname} {year + 1}", texts)


@given(NAME)
def test_one_name_alone_never_searches(name):
    assert query_texts(name) == []
    assert query_texts(f"  {name} -- 12") == []


@given(NAME, NAME, st.none() | st.integers(1900, 2030))
def test_every_text_of_a_name_has_two_parts(given, surname, year):
    texts = person_texts(name_parts("", given=given, surname_1=surname), birth_year=year)

    for text in texts:
        parts = text.text.split("\x1f")
        assert len(parts) == 2
        if text.kind in {TokenKind.WHOLE, TokenKind.PREFIX, TokenKind.SURNAME_YEAR}:
            assert all(parts)


@pytest.mark.parametrize("query", ["", " ", "1984", "rosa", "rosa 7", "٣", "-", "’", "1984 1985"])
def test_too_little_is_no_query(query):
    assert query_texts(query) == []


def test_a_particle_is_no_second_part():
    assert not found("de rosa", person_texts(name_parts("Rosa Quispe"), birth_year=1984))


@pytest.mark.parametrize(
    ("stored", "query"),
    [
        ("Rosa Elena Quispe Mamani", "rosa quispe"),
        ("Rosa Elena Quispe Mamani", "mamani rosa"),
        ("Rosa Elena Quispe Mamani", "elena quispe"),
        ("Rosa Elena Quispe Mamani", "Rosa Elena Quispe Mamani"),
        ("Juan Carlos Alberto Quispe Mamani", "Juan Carlos Alberto Quispe Mamani"),
        ("Juan Carlos Alberto Quispe Mamani", "mamani juan"),
        ("Rosa Quispe", "rossa kispe"),
        ("Rosa Quispe", "ros qui"),
        ("أمينة حداد", "Amina Haddad"),
        ("Amina Haddad", "أمينة حداد"),
        ("أمينة الحداد", "امينة الحداد"),
        ("أمينة الحداد", "Amina Al-Haddad"),
        ("Amina Al-Haddad", "أمينة الحداد"),
        ("حسين عمر", "Hussein Omar"),
        ("Omar Hussein", "عمر حسين"),
        ("إبراهيم هند", "Ibrahim Hind"),
        ("ابراهيم نور", "إبراهيم نور"),
        ("عبد الله حداد", "Abdullah Haddad"),
        ("Жанна Щукина", "Zhanna Shchukina"),
    ],
)
def test_a_stored_name_is_found_by_what_is_typed(stored, query):
    assert found(query, person_texts(name_parts(stored), birth_year=None))


@pytest.mark.parametrize(
    ("stored", "query"),
    [
        ("Rosa Quispe", "rosa mamani"),
        ("Rosa Quispe", "luz quispe"),
        ("أمينة حداد", "Amina Nasser"),
        ("Amina", "amina haddad"),
    ],
)
def test_another_person_is_not_found(stored, query):
    assert not found(query, person_texts(name_parts(stored), birth_year=None))


def test_a_person_of_one_word_is_found_by_year_only():
    texts = person_texts(name_parts("Amina"), birth_year=1990)

    assert {text.kind for text in texts} == {TokenKind.SURNAME_YEAR, TokenKind.PHONETIC_YEAR}
    assert found("amina 1990", texts)
    assert found("أمينة ١٩٩٠", texts)


def test_an_unknown_year_is_asked_for_by_zeros():
    texts = person_texts(name_parts("Amina"), birth_year=None)

    assert found("amina 0000", texts)
    assert not found("amina 1990", texts)


def test_two_surnames_in_one_field_are_two_surnames():
    parts = name_parts("", given="Rosa", surname_1="Quispe Mamani")

    assert parts == NameParts(("QUISPE", "MAMANI"), ("ROSA",))


def test_a_surname_of_two_words_beside_a_second_surname_stays_one():
    parts = name_parts("", given="Rosa", surname_1="Santa Cruz", surname_2="Mamani")

    assert parts == NameParts(("SANTACRUZ", "MAMANI"), ("ROSA",))


def test_parts_that_fold_to_nothing_fall_back_to_the_full_name():
    assert name_parts("Rosa Quispe", given="—", surname_1="—") == NameParts(("QUISPE",), ("ROSA",))
    assert name_parts("???") == NameParts((), ())
    assert person_texts(name_parts("???"), birth_year=1990) == []


@pytest.mark.parametrize("number", ["ab-123 4", "AB1234", "ａｂ１２３４", "ab١٢٣٤", "a.b/۱۲۳۴"])
def test_a_document_is_found_however_its_number_is_written(number):
    assert document_text("passport", "PER", number) == document_text("passport", "PER", "AB1234")


def test_a_document_without_a_number_is_no_text():
    documents = [("other", "PER", "—"), ("other", "PER", "7")]

    texts = person_texts(NameParts((), ()), birth_year=None, documents=documents)

    assert texts == [document_text("other", "PER", "7")]


def test_two_documents_and_two_phones_count():
    texts = person_texts(
        NameParts((), ()),
        birth_year=None,
        documents=[("id", "PER", str(number)) for number in range(5)],
        phones=[f"+5198765432{number}" for number in range(5)],
    )

    kinds = [text.kind for text in texts]
    assert kinds == [TokenKind.DOCUMENT] * 2 + [TokenKind.PHONE] * 2
