"""Every row and every column is accounted for, whatever the file holds."""

import subprocess
import sys
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.adapters.register_file.faulty_rows import REASON_HEADING, write_faulty_rows
from despensa.adapters.register_file.reader import open_register
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.register import dry_run_report
from tests.adapters.register_file.builders import (
    TODAY,
    a_person,
    a_template_text,
    read,
    read_people,
)

CELLS = {
    "household_number": ["1", "2", "3", "", "=1", "٤"],
    "person_number": ["1", "2", "3", ""],
    "full_name": ["Ana", "محمد", "=1+1", "", "12", "  "],
    "birth_date": ["1990", "2030-01-01", "", "x", "01/02/2003"],
    "sex": ["female", "F", "?", ""],
    "role": ["head", "member", "collector", "", "x"],
    "collector": ["", "primary", "alternate"],
    "phone": ["", "600112233", "x"],
    "document_type": ["", "passport"],
    "document_number": ["", "A1"],
    "displaced": ["", "yes", "no", "maybe"],
    "voto": ["", "SECRET"],
}
PEOPLE = st.lists(
    st.fixed_dictionaries({k: st.sampled_from(v) for k, v in CELLS.items()}), max_size=12
)


@given(PEOPLE)
@settings(max_examples=200)
def test_rows_in_are_accepted_plus_rejected_and_every_rejected_row_can_be_explained(people):
    rows = [
        one for one in people if any(cell.strip() for name, cell in one.items() if name != "voto")
    ]
    if not rows:
        return

    register = read(a_template_text(*people, headings=list(CELLS)))

    report = dry_run_report(register)
    assert report["rows_in"] == report["accepted"] + report["rejected"] == len(rows)
    assert sum(one.rows for one in register.households) == report["accepted"]
    assert sum(len(one.rows) for one in register.rejected) == report["rejected"]
    assert bool(register.errors) == bool(register.rejected)
    assert all(error.mend for error in register.errors)
    accepted = [one.source_record_id for one in register.households]
    assert len(set(accepted)) == len(accepted)
    assert not {one.source_record_id for one in register.rejected} & set(accepted)
    assert "SECRET" not in repr(register)


def test_the_faulty_rows_can_be_mended_and_read_again(tmp_path):
    register = read_people(
        a_person(),
        a_person("2", phone="+34600112233", voto="SECRET"),
        a_person("2", "2", sex="?"),
        a_person("3", full_name="=HYPERLINK(1)"),
    )

    for name in ("faulty.csv", "faulty.xlsx"):
        assert write_faulty_rows(register, tmp_path / name) == register.rejected_rows == 3
        again = read(tmp_path / name, filename=name)
        assert [one.code for one in again.errors] == [one.code for one in register.errors]
        assert [one.column for one in again.ignored_columns] == [REASON_HEADING]
        assert again.dropped_columns == ()

    text = (tmp_path / "faulty.csv").read_text(encoding="utf-8-sig")
    assert "SECRET" not in text
    assert "'+34600112233" in text
    assert "'=HYPERLINK(1)" in text
    mended = text.replace("?", "female").replace("'=HYPERLINK(1)", "Eva")
    assert read(mended).accepted_rows == 3
    assert read(mended).households[0].persons[0].phones == ("+34600112233",)


def test_faulty_rows_of_a_workbook_keep_their_sheets(tmp_path, shared_samples):
    name = "hope-rdi-invalid-rows.xlsx"
    register = read(shared_samples / name, filename=name, country="AF")

    assert write_faulty_rows(register, tmp_path / "faulty.xlsx") == 13
    again = read(tmp_path / "faulty.xlsx", filename="faulty.xlsx", country="AF")

    assert (again.rows_in, again.accepted_rows) == (13, 0)
    assert [one.code for one in again.errors] == [one.code for one in register.errors]


def test_reading_needs_neither_django_nor_a_workspace():
    code = (
        "import sys; from tests.adapters.register_file.builders import *;"
        "assert read_people(a_person()).accepted_rows == 1;"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_long_file_is_read_household_by_household_in_little_memory(tmp_path):
    path = tmp_path / "long.csv"
    rows = a_template_text(*(a_person(str(at)) for at in range(20_000)))
    path.write_text(rows, encoding="utf-8")
    options = {"today": TODAY, "workspace_country": "ES", "catalogue": load_catalogue()}
    with open_register(path, filename="long.csv", **options) as warm:
        next(warm.outcomes)

    tracemalloc.start()
    with open_register(path, filename="long.csv", **options) as register:
        accepted = sum(outcome.draft is not None for outcome in register.outcomes)
        _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert accepted == 20_000
    assert peak_bytes < 12 * 1024 * 1024
