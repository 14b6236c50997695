from datetime import date, datetime

import pytest

from despensa.domain.registration import cell
from despensa.domain.registration.cell import CellFault, UnresolvedFormula
from despensa.domain.registration.draft import Birth, Precision

TODAY = date(2026, 11, 21)


def birth(value, *, day_first=False):
    return cell.birth(value, today=TODAY, day_first=day_first)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, None), ("", None), ("   ", None), ("  a \t b ", "a b"), (34.0, "34"), (7, "7"),
        (3.5, "3.5"), ("'+34 600", "+34 600"), ("'s", "'s"), ("e\u0301", "é"),
        ("\u200fأحمد\u200e", "أحمد"), ("می\u200cخواهم", "می\u200cخواهم"),
        (datetime(2020, 1, 2), "2020-01-02"),
    ],
)  # fmt: skip
def test_text_is_read_with_single_spaces_and_without_hidden_signs(value, read):
    assert cell.text(value) == read


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (UnresolvedFormula(), "formula_without_value"),
        ("#REF!", "cell_error"),
        ("#N/A", "cell_error"),
        ("x" * 501, "text_too_long"),
    ],
)
def test_cells_without_a_value_are_faults(value, code):
    with pytest.raises(CellFault) as fault:
        cell.text(value)

    assert fault.value.code == code


@pytest.mark.parametrize(
    "name", ["José de la Cruz", "محمد", "Nguyễn Văn A", "O'Brien", "张伟", "Su"]
)
def test_names_of_every_script_are_kept_as_written(name):
    assert cell.name(name) == name


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("=cmd|' /C calc'!A0", "name_formula"),
        ("+1+1", "name_formula"),
        ("-2", "name_formula"),
        ("@SUM(1)", "name_formula"),
        ("'=1+1", "name_formula"),
        ("12345", "name_unreadable"),
        ("Ana\x00", "name_unreadable"),
        ("a" * 201, "name_unreadable"),
    ],
)
def test_what_is_no_name_is_refused(value, code):
    with pytest.raises(CellFault) as fault:
        cell.name(value)

    assert fault.value.code == code


@pytest.mark.parametrize("word", ["yes", "Sí", "OUI", "sim", "نعم", "TRUE", "1", "١", 1.0, True])
def test_yes_is_understood(word):
    assert cell.yes_no(word) is True


@pytest.mark.parametrize("word", ["no", "NON", "não", "لا", "false", "0", "٠", 0, False])
def test_no_is_understood(word):
    assert cell.yes_no(word) is False


@pytest.mark.parametrize("word", ["maybe", "2", "si no"])
def test_neither_yes_nor_no_is_a_fault(word):
    with pytest.raises(CellFault):
        cell.yes_no(word)


@pytest.mark.parametrize(
    ("value", "read", "precision"),
    [
        (None, Birth(), Precision.UNKNOWN),
        ("1990", Birth(1990), Precision.YEAR),
        (1990.0, Birth(1990), Precision.YEAR),
        ("1990-02", Birth(1990, 2), Precision.MONTH),
        ("1990-2-3", Birth(1990, 2, 3), Precision.DAY),
        ("١٩٩٠-٠٢-٠٣", Birth(1990, 2, 3), Precision.DAY),
        ("1990-02-03 00:00:00", Birth(1990, 2, 3), Precision.DAY),
        ("24/10/1980", Birth(1980, 10, 24), Precision.DAY),
        ("10/24/1980", Birth(1980, 10, 24), Precision.DAY),
        ("03.03.1980", Birth(1980, 3, 3), Precision.DAY),
        (date(2001, 5, 6), Birth(2001, 5, 6), Precision.DAY),
        (datetime(2001, 5, 6, 12), Birth(2001, 5, 6), Precision.DAY),
        ("2026-11-21", Birth(2026, 11, 21), Precision.DAY),
    ],
)
def test_birth_dates_are_read_as_far_as_they_are_known(value, read, precision):
    assert birth(value) == read
    assert birth(value).precision is precision


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("35", "date_unreadable"),
        ("33000", "date_unreadable"),
        ("1990-02-30", "date_unreadable"),
        ("1990-13", "date_unreadable"),
        ("03/04/1990", "date_ambiguous"),
        ("2026-11-22", "date_future"),
        ("2027", "date_future"),
        (date(2030, 1, 1), "date_future"),
        ("1850-01-01", "date_too_old"),
        ("0000-01-01", "date_unreadable"),
    ],
)
def test_other_dates_are_faults(value, code):
    with pytest.raises(CellFault) as fault:
        birth(value)

    assert fault.value.code == code


def test_a_file_that_writes_the_day_first_is_not_ambiguous():
    assert birth("03-04-1990", day_first=True) == Birth(1990, 4, 3)


def test_the_bounds_of_a_birth_date_hold_what_is_known():
    assert (Birth(1990).earliest(), Birth(1990).latest()) == (date(1990, 1, 1), date(1990, 12, 31))
    assert Birth(2024, 2).latest() == date(2024, 2, 29)
    assert Birth().earliest() is None


@pytest.mark.parametrize(("value", "read"), [("12", 12), (12.0, 12), ("١٢", 12), ("", None)])
def test_whole_numbers_are_read(value, read):
    assert cell.whole(value) == read


@pytest.mark.parametrize("value", ["1.5", "1,000", "twenty", 1.5, "9" * 16])
def test_other_numbers_are_faults(value):
    with pytest.raises(CellFault):
        cell.whole(value)
