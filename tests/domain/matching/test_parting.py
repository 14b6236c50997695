"""Whole names are parted by how a list uses its words, whichever order it writes them in."""

from despensa.domain.matching.parting import given_shares, opens_with_surname, part

GIVEN = ["ROSA", "ANA", "LUIS", "CARLOS", "ELENA"]
SURNAMES = ["QUISPE", "MAMANI", "FLORES", "ROJAS", "HUAMAN"]
NAMES = [[g, s, t] for g in GIVEN for s in SURNAMES for t in SURNAMES if s != t]


def test_a_missing_second_surname_does_not_move_the_first():
    shares = given_shares([*NAMES, ["ROSA", "ELENA", "QUISPE"]])

    assert part(["ROSA", "ELENA", "QUISPE"], shares) == (("ROSA", "ELENA"), ("QUISPE",))
    assert part(["ROSA", "QUISPE", "MAMANI"], shares) == (("ROSA",), ("QUISPE", "MAMANI"))


def test_a_name_in_the_other_order_is_turned():
    shares = given_shares(NAMES)

    assert part(["FLORES", "ROJAS", "LUIS"], shares) == (("LUIS",), ("FLORES", "ROJAS"))


def test_a_list_with_parts_teaches_a_list_without():
    shares = given_shares([["QUISPE", "ROSA"]], [["ROSA"]] * 50, [["QUISPE"]] * 50)

    assert part(["QUISPE", "ROSA"], shares) == (("ROSA",), ("QUISPE",))


def test_unknown_words_are_parted_in_the_middle_and_one_word_is_a_given_name():
    assert part(["A", "B", "C", "D"], {}) == (("A", "B"), ("C", "D"))
    assert part(["AMINA"], {}) == (("AMINA",), ())
    assert part([], {}) == ((), ())


def test_the_sex_beside_names_tells_that_surnames_come_first():
    sexes = {"ROSA": "F", "ANA": "F", "LUIS": "M", "CARLOS": "M", "ELENA": "F"}
    given_first = [(words, sexes[words[0]]) for words in NAMES]
    surname_first = [([*words[1:], words[0]], sex) for words, sex in given_first]

    assert opens_with_surname(surname_first, frozenset())
    assert not opens_with_surname(given_first, frozenset())


def test_known_given_names_tell_it_where_no_sex_is_entered():
    known = frozenset(GIVEN)

    assert opens_with_surname([([*words[1:], words[0]], None) for words in NAMES], known)
    assert not opens_with_surname([(words, None) for words in NAMES], known)
    assert not opens_with_surname([(["A", "B"], None)] * 100, known)


def test_the_middle_one_of_three_words_is_told_by_the_longer_names():
    longer = [["ROSA", "ELENA", "QUISPE", "ROJAS"], ["ANA", "LUISA", "QUISPE", "FLORES"]] * 3

    shares = given_shares([*longer, ["LUIS", "QUISPE", "MAMANI"], ["EVA", "QUISPE", "ROJAS"]])

    assert part(["LUIS", "QUISPE", "MAMANI"], shares) == (("LUIS",), ("QUISPE", "MAMANI"))


def test_a_list_of_surnames_first_is_parted_so_where_its_words_say_nothing():
    assert part(["A", "B"], {}, surname_first=True) == (("B",), ("A",))
