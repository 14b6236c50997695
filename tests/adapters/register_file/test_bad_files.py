"""Files that cannot be read at all: each gets a sentence with the next step, and nothing is taken."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.adapters.register_file.reader import read_register
from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.domain.catalogue import load_catalogue
from tests.adapters.register_file.builders import TODAY, a_person, a_template_text, codes, read

GOOD = a_template_text(a_person(), a_person("2", full_name="Ñusta Peña"))
HEADINGS = ("household_number", "person_number", "full_name")


def a_workbook(*rows, sheet="Register", **sheets):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        for name, lines in {sheet: rows, **sheets}.items():
            written = workbook.add_worksheet(name)
            for row, cells in enumerate(lines):
                for column, value in enumerate(cells):
                    written.write(row, column, value)
    return stream.getvalue()


def changed(workbook, part, old, new):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def outcome(content):
    try:
        return "", read(content)
    except RegisterFileError as refused:
        return str(refused), None


def a_zip(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


GOOD_WORKBOOK = a_workbook(HEADINGS, ("1", "1", "Ana"))
SHEET_1 = "xl/worksheets/sheet1.xml"

BAD = {
    "empty": b"",
    "empty-blank": b" \r\n \n",
    "no_rows": GOOD.splitlines()[0].encode(),
    "wrong_kind": b"a,b,c\r\n1,2,3\r\n",
    "not_a_table": b"<html><body>error</body></html>",
    "no_rows-json": b'{"results": []}',
    "not_submissions-json": b'[{"name": "Ana"}]',
    "not_submissions-xml": b"<catalog><book/></catalog>",
    "not_json": b'[{"_uuid": "1", "_id": 1',
    "not_xml": b"<data><meta><instanceID>uuid:1</instanceID>",
    "not_xml-entity": b'<!DOCTYPE d [<!ENTITY a "b">]><data><meta/></data>',
    "one_page": b'{"next": "https://x/?start=100", "results": []}',
    "not_a_table-pdf": b"%PDF-1.7 x",
    "not_text": b"\x00\x01\x02\x03\x00\x00binary",
    "old_or_protected": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook",
    "too_many_columns": (",".join(f"c{n}" for n in range(100_000)) + "\r\n").encode(),
    "mixed_encodings": GOOD.encode() + "3,1,José,female,head\r\n".encode("cp1252"),
    "encoding_unknown": a_template_text(a_person(full_name="محمد الخطيب")).encode("cp1256"),
    "cut_off": GOOD.encode()[:-16],
    "cut_off-quotation": (GOOD + '3,1,"Ana').encode(),
    "quotation": (GOOD + '3,1,"Ana" Ruiz,female,head\r\n').encode(),
    "line_too_long": b"a" * (2 * 1024 * 1024),
    "heading_repeated": b"household_number,person_number,full_name,full_name\r\n1,1,A,B\r\n",
    "damaged": GOOD_WORKBOOK[: len(GOOD_WORKBOOK) // 2],
    "damaged-signature": b"PK\x03\x04 nothing",
    "damaged-doctype": changed(
        GOOD_WORKBOOK, SHEET_1, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'
    ),
    "not_a_workbook": a_zip(**{"readme.txt": "hello"}),
    "zip_bomb": a_zip(**{"xl/workbook.xml": b"0" * (64 * 1024 * 1024)}),
    "zip_bomb-parts": a_zip(**{f"part{n}": b"" for n in range(1_001)}),
    "too_many_columns-workbook": a_workbook(HEADINGS, (*[""] * 1_100, "far")),
    "too_many_rows-workbook": changed(GOOD_WORKBOOK, SHEET_1, b'r="A2"', b'r="A1048576"'),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_refused_with_a_sentence_and_a_next_step(name):
    limits = Limits(rows_max=1_000) if name.startswith("too_many_rows") else None

    with pytest.raises(RegisterFileError) as refused:
        read(BAD[name], filename="list.csv", limits=limits)

    assert refused.value.code == name.partition("-")[0]
    assert str(refused.value).startswith("list.csv")
    assert str(refused.value).endswith(".")


def test_a_sheet_that_claims_a_far_corner_is_refused_before_it_is_opened():
    far = changed(GOOD_WORKBOOK, SHEET_1, b'r="C2"', b'r="XFD1048576"')

    with pytest.raises(RegisterFileError) as refused:
        read(far)

    assert refused.value.code == "too_many_columns"


def test_a_part_longer_than_it_says_is_refused():
    honest = a_zip(**{"xl/workbook.xml": b"0" * 4096})
    at = honest.rindex(b"PK\x01\x02") + 24
    lying = honest[:at] + (8).to_bytes(4, "little") + honest[at + 4 :]

    with pytest.raises(RegisterFileError) as refused:
        read(lying)

    assert refused.value.code == "damaged"


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(RegisterFileError, match="cannot be opened") as refused:
        read(tmp_path / "absent.csv")

    assert refused.value.code == "unreadable"


def test_an_unknown_country_is_said():
    with pytest.raises(RegisterFileError, match="no country code"):
        read(GOOD, country="Narnia")


def test_too_large_files_and_too_many_rows_are_said():
    for limits, code in (
        (Limits(file_bytes_max=20), "too_large"),
        (Limits(rows_max=1), "too_many_rows"),
    ):
        with pytest.raises(RegisterFileError) as refused:
            read(GOOD, limits=limits)
        assert refused.value.code == code


def test_a_row_cut_off_at_the_end_of_the_file_rejects_its_household():
    register = read(GOOD + "3,1,Ana")

    assert codes(register) == ["row_cut_off"]
    assert register.accepted_rows == 2


def test_a_last_row_without_line_end_is_whole_when_all_its_cells_are_there():
    assert read(GOOD.rstrip()).accepted_rows == 2


def test_a_row_with_too_many_cells_rejects_its_household():
    register = read(GOOD + "3,1,Ruiz, Ana,female,head\r\n")

    assert "cells_surplus" in codes(register)


def test_formulas_are_values_when_they_have_results_and_faults_when_not():
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        sheet = workbook.add_worksheet("Register")
        sheet.write_row(0, 0, (*HEADINGS, "displaced"))
        sheet.write_row(1, 0, ("1", "1", "Ana"))
        sheet.write_formula(1, 3, "=FALSE()", value=False)
        sheet.write_row(2, 0, ("2", "1"))
        sheet.write_formula(2, 2, '="Eva"', value="")
    content = changed(
        stream.getvalue(), SHEET_1, b"<v></v></c></row></sheetData>", b"</c></row></sheetData>"
    )

    register = read(content, filename="r.xlsx")

    assert register.households[0].facts == {"displaced": False}
    assert [(one.code, one.row, one.column) for one in register.errors] == [
        ("formula_without_value", 3, "full_name")
    ]


def test_formula_text_in_a_name_is_text_and_refused():
    register = read(a_template_text(a_person(full_name="=cmd|' /C calc'!A0")))

    assert codes(register) == ["name_formula"]


@given(st.binary(max_size=400))
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused_with_a_sentence(content):
    sentence, register = outcome(content)

    if register is None:
        assert sentence.endswith(".")
    else:
        assert register.rows_in == register.accepted_rows + register.rejected_rows


@given(st.integers(0, len(GOOD_WORKBOOK) - 1), st.binary(min_size=1, max_size=6))
@settings(max_examples=150)
def test_a_workbook_with_changed_bytes_is_read_or_refused(at, noise):
    sentence, register = outcome(GOOD_WORKBOOK[:at] + noise + GOOD_WORKBOOK[at + len(noise) :])

    assert register is not None or sentence.endswith(".")


def test_the_future_depends_on_the_day_given():
    person = a_template_text(a_person(birth_date="2026-11-25"))

    later = read_register(
        person.encode(),
        filename="r.csv",
        today=date(2026, 12, 1),
        workspace_country="ES",
        catalogue=load_catalogue(),
    )

    assert date(2026, 11, 25) > TODAY
    assert codes(read(person)) == ["date_future"]
    assert later.accepted_rows == 1
