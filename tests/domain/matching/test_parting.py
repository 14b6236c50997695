"""Whole names are parted by how a list uses its words, whichever order it writes them in."""

from despensa.domain.matching.parting import given_shares, part

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
