"""What two spellings of a name teach the search, and what they do not."""

import pytest

from despensa.domain.matching.search_text import TokenKind, query_texts
from despensa.domain.matching.variants import PAIRS_MAX, taught


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("Yusuf Haddad", "Joseph Haddad", {("JOSEPH", "YUSUF")}),
        ("Хосе Гарсия", "José García", {("JOSE", "KHOSE")}),
        ("يوسف حداد", "Joseph Haddad", {("JOSEPH", "YWSF")}),
        ("Rosa Quispe", "Rosa Kispe", set()),
        ("Rosa Quispe", "Ana Mamani", set()),
        ("Rosa Quispe", "Rosa Elena Quispe", set()),
        ("Li Ming", "Lu Ming", set()),
        ("Rosa de la Cruz", "Rosa la Kruz", set()),
    ],
)
def test_a_pair_of_words_is_taught_where_the_rest_is_the_same_name(one, other, pairs):
    assert set(taught(one, other)) == pairs
    assert set(taught(other, one)) == pairs


def test_a_long_name_teaches_nothing_when_too_much_of_it_differs():
    one = "Aaaa Bbbb Cccc Dddd Same"
    other = "Эээ Ффф Ггг Ххх Same"

    assert taught(one, other) == ()
    assert len(taught(one.replace("Dddd ", ""), other.replace("Ххх ", ""))) <= PAIRS_MAX


def test_a_known_spelling_is_asked_for_in_the_place_of_the_typed_one():
    plain = query_texts("Joseph Haddad")
    known = query_texts("Joseph Haddad", {"JOSEPH": ("YWSF",)})

    assert set(plain) < set(known)
    assert (TokenKind.WHOLE, "HADDAD\x1fYWSF") in {(text.kind, text.text) for text in known}
    assert query_texts("Joseph", {"JOSEPH": ("YWSF",)}) == []


def test_spellings_do_not_make_a_search_ask_without_end():
    words = ("ANA", "BEA", "CLE", "DIA")
    known = {word: tuple(f"{word}{letter}X" for letter in "BCDF") for word in words}

    assert len(query_texts(" ".join(words), known)) < 1_500
