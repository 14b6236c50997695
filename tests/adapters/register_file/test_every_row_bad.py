"""A file whose every row is wrong costs no more to hold than one with a few wrong rows."""

import csv
import tracemalloc

import pytest

from despensa.adapters.register_file.faulty_rows import REASON_HEADING, write_faulty_rows
from despensa.adapters.register_file.shelf import LeftOut
from despensa.domain.registration.register import Faults
from tests.adapters.register_file.builders import a_person, a_template_text, read

ROWS = 20_000


def all_bad(rows: int) -> str:
    return a_template_text(*(a_person(str(at), birth_date="2012-13-45") for at in range(rows)))


@pytest.fixture(scope="module")
def bad():
    return read(all_bad(ROWS))


def test_every_fault_is_counted_and_read_again_in_order(bad):
    assert (bad.rows_in, bad.accepted_rows, bad.rejected_rows) == (ROWS, 0, ROWS)
    assert isinstance(bad.rejected, LeftOut)
    assert isinstance(bad.errors, Faults)
    assert len(bad.errors) == len(bad.rejected) == ROWS
    assert [error.row for error in bad.errors] == list(range(2, ROWS + 2))
    assert [(one.first.row, one.first.column, one.count) for one in bad.reasons] == [
        (2, "birth_date", ROWS)
    ]


def test_what_is_given_back_is_the_same_whether_it_lay_in_memory_or_not():
    few = read(all_bad(30))
    shelf = LeftOut()
    for household in few.rejected:
        shelf.add(household)
        shelf._put_away()

    assert isinstance(few.rejected, tuple)
    assert tuple(shelf.kept()) == few.rejected


def test_the_faulty_rows_have_them_all(bad, tmp_path):
    path = tmp_path / "faulty.csv"

    assert write_faulty_rows(bad, path) == ROWS
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["household_number"] for row in rows] == [str(at) for at in range(ROWS)]
    assert all("YYYY-MM-DD" in row[REASON_HEADING] for row in rows)


def test_what_is_held_does_not_grow_with_the_faults():
    def held(rows: int) -> int:
        text = all_bad(rows).encode()
        tracemalloc.start()
        try:
            read(text)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = held(2_500), held(7_500)

    assert many < few * 1.25


def test_a_list_of_rows_is_cut_before_it_stands_beside_each_of_them(tmp_path):
    people = [a_person("1", str(at), role="head") for at in range(3_000)]
    register = read(a_template_text(*people))
    heads = [error for error in register.errors if error.code == "several_heads"]

    assert len(heads) == len(people)
    assert heads[0].parameters["rows"] == "2, 3, 4, 5, 6, 7, 8, 9, …, 3001"
    assert write_faulty_rows(register, tmp_path / "faulty.csv") == len(people)
    assert (tmp_path / "faulty.csv").stat().st_size < 1_000_000
