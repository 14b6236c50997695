"""The rule of the code's size, and when a sheet may be called ready."""

import pytest

from despensa.domain.card import qr, sheet
from despensa.domain.card.base45 import ALPHABET
from despensa.domain.card.sheet import Problem, ReadBack, SheetProblem


@pytest.mark.parametrize(
    ("length", "side_mm", "level", "modules"),
    [
        (225, 34, "H", 65),
        (228, 34, "H", 69),
        (290, 34, "Q", 65),
        (440, 34, "M", 69),
        (530, 34, "M", 77),
        (225, 30, "H", 65),
        (225, 29, "Q", 61),
        (225, 24, "M", 53),
    ],
)
def test_the_highest_level_with_large_enough_modules_is_taken(length, side_mm, level, modules):
    plan = qr.plan_code("A" * length, side_mm=side_mm)

    assert (plan.level, plan.modules) == (level, modules)


@pytest.mark.parametrize(
    ("side_mm", "size"), [(24, qr.Size.GOOD), (21.3, qr.Size.GOOD), (21.1, qr.Size.SMALL)]
)
def test_small_modules_warn(side_mm, size):
    assert qr.plan_code("A" * 225, side_mm=side_mm).size is size


@pytest.mark.parametrize(
    ("text", "side_mm"),
    [("A" * 225, 17.4), ("A" * 3_400, 300), ("", 34), ("a", 34), ("Ñ", 34)],
)
def test_what_cannot_be_read_is_refused(text, side_mm):
    with pytest.raises(qr.QrError):
        qr.plan_code(text, side_mm=side_mm)


def test_level_l_is_never_chosen():
    levels = {qr.plan_code(ALPHABET[0] * length, side_mm=40).level for length in range(1, 700, 7)}

    assert levels == {"H", "Q", "M"}


def test_the_quiet_zone_is_four_modules():
    plan = qr.plan_code("A" * 225, side_mm=34)

    assert plan.quiet_zone_mm == pytest.approx(4 * 34 / 65)


TEXTS = [f"CARD {index}" for index in range(12)]


def read_all():
    return [ReadBack(*sheet.A4_TEN.place_of(index), text) for index, text in enumerate(TEXTS)]


def test_a_sheet_with_every_code_in_its_place_is_ready():
    check = sheet.check_sheets(read_all(), TEXTS)

    assert check.ready
    assert (check.codes_expected, check.codes_right) == (12, 12)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (lambda found: found[:-1], [SheetProblem(2, 2, Problem.MISSING)]),
        (
            lambda found: [ReadBack(1, 1, "OTHER"), *found[1:]],
            [SheetProblem(1, 1, Problem.DIFFERENT)],
        ),
        (
            lambda found: [
                ReadBack(1, 1, TEXTS[1]),
                ReadBack(1, 2, TEXTS[0]),
                *found[2:],
            ],
            [SheetProblem(1, 1, Problem.DIFFERENT), SheetProblem(1, 2, Problem.DIFFERENT)],
        ),
        (lambda found: [*found, found[3]], [SheetProblem(1, 4, Problem.UNEXPECTED)]),
        (
            lambda found: [*found, ReadBack(2, 3, "MORE")],
            [SheetProblem(2, 3, Problem.UNEXPECTED)],
        ),
        (
            lambda found: [*found, ReadBack(1, 0, "BESIDE")],
            [SheetProblem(1, 0, Problem.UNEXPECTED)],
        ),
    ],
    ids=["missing", "different", "swapped", "twice", "more", "outside"],
)
def test_anything_else_is_not_ready(change, problems):
    check = sheet.check_sheets(change(read_all()), TEXTS)

    assert not check.ready
    assert list(check.problems) == problems


def test_nothing_is_never_ready():
    assert not sheet.check_sheets([], []).ready


@pytest.mark.parametrize(
    ("x_mm", "y_mm", "position"),
    [(20, 14, 1), (104.9, 67.4, 1), (105.1, 14, 2), (20, 283, 9), (190, 283, 10), (10, 14, 0),
     (191, 14, 0), (20, 284, 0), (20, 13, 0)],
)  # fmt: skip
def test_a_point_lies_on_its_card(x_mm, y_mm, position):
    assert sheet.A4_TEN.position_at(x_mm, y_mm) == position


@pytest.mark.parametrize(
    ("x_mm", "y_mm", "position"),
    [(18, 36.1, 1), (103.4, 36.1, 1), (104, 36.1, 0), (106.6, 36.1, 2), (18, 91, 0), (18, 93.1, 3),
     (190, 260, 8), (190, 262, 0)],
)  # fmt: skip
def test_a_gutter_is_no_card(x_mm, y_mm, position):
    assert sheet.A4_EIGHT.position_at(x_mm, y_mm) == position


@pytest.mark.parametrize("layout", sheet.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_the_middle_of_every_card_lies_on_it_and_on_the_page(layout):
    for position in range(1, layout.per_page + 1):
        left, top = layout.corner_of(position)
        middle = left + layout.card_width / 2, top + layout.card_height / 2

        assert layout.position_at(*middle) == position
        assert left + layout.card_width <= layout.page_width
        assert top + layout.card_height <= layout.page_height
