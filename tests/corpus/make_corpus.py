"""
Write the corpus of bad register files anew: python -m tests.corpus.make_corpus

Each case says what must become of it: a code when the file as a whole is refused, otherwise rows,
accepted rows, and the faults in order. Nobody in these files exists.
"""

import gzip
import io
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import yaml

from tests.factories.submissions import FIRST, SECOND, kobo_json, odk_zip, openrosa_xml

FOLDER = Path(__file__).parent / "register"
HEAD = "household_number,person_number,full_name,sex,role\r\n"
ONE = "1,1,Ana Prueba,female,head\r\n"
TWO = "2,1,Eva Prueba,female,head\r\n"
ARABIC = "1,1,ليلى حسن,female,head\r\n"
WIDE = HEAD.strip() + ",birth_date,phone,document_type,document_number\r\n"


def refused(content, code):
    return content, {"refused": code}


def read(content, rows, accepted, *faults, dropped=()):
    expected = {"rows": rows, "accepted": accepted, "faults": list(faults)}
    return content, expected | ({"dropped": list(dropped)} if dropped else {})


def sheet(*rows, name="Register"):
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(book):
    packed = io.BytesIO()
    book.save(packed)
    return steady(packed.getvalue())


def steady(content):
    """Return a packed file without the hours it was made at, so that it is made the same again."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for entry in source.infolist():
            part = re.sub(
                rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", source.read(entry)
            )
            fixed = zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0))
            target.writestr(fixed, part, zipfile.ZIP_DEFLATED)
    return result.getvalue()


HEADINGS = HEAD.strip().split(",")


def changed_part(workbook, part, old, new):
    """Return the workbook with one of its parts edited, as broken exporters write them."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(result, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(entry.filename, content)
    return steady(result.getvalue())


def packed(**files):
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name.replace("__", "."), content)
    return steady(result.getvalue())


def encodings():
    text = HEAD + "1,1,José Muñoz,male,head\r\n"
    yield "utf8-bom.csv", read(text.encode("utf-8-sig"), 1, 1)
    yield "utf16-bom.csv", read(text.encode("utf-16"), 1, 1)
    yield "utf16-no-bom.csv", read(text.encode("utf-16-le"), 1, 1)
    yield "latin1.csv", read(text.encode("cp1252"), 1, 1)
    yield "arabic-utf8.csv", read((HEAD + ARABIC).encode(), 1, 1)
    yield "arabic-1256.csv", refused((HEAD + ARABIC).encode("cp1256"), "encoding_unknown")
    mixed = (HEAD + "1,1,José,male,head\r\n").encode() + "2,1,Peña,female,head\r\n".encode("cp1252")
    yield "mixed-encodings.csv", refused(mixed, "mixed_encodings")
    yield "cut-inside-a-letter.csv", refused((HEAD + "1,1,José").encode()[:-1], "cut_off")
    yield "nul-bytes.csv", refused(HEAD.encode() + b"1,1,A\x00na,female,head\r\n", "not_text")


def separators():
    for name, sign in (("semicolon", ";"), ("tab", "\t"), ("bar", "|")):
        yield f"{name}.csv", read((HEAD + ONE).replace(",", sign).encode(), 1, 1)
    yield "sep-line.csv", read(b"sep=;\r\n" + (HEAD + ONE).replace(",", ";").encode(), 1, 1)
    three = HEAD.replace("\r\n", "\n") + ONE.replace("\r\n", "\r") + TWO + ONE.replace("1,1", "3,1")
    yield "mixed-newlines.csv", read(three.encode(), 3, 3)
    yield "old-mac-newlines.csv", read((HEAD + ONE + TWO).replace("\r\n", "\r").encode(), 2, 2)
    yield (
        "newline-in-quotes.csv",
        read((HEAD + '1,1,"Ana\r\nPrueba",female,head\r\n').encode(), 1, 1),
    )
    yield (
        "quotes-doubled.csv",
        read((HEAD + '1,1,"Ana ""Nena"" Paz",female,head\r\n').encode(), 1, 1),
    )
    yield "separator-in-name.csv", read((HEAD + '1,1,"Paz, Ana",female,head\r\n').encode(), 1, 1)
    surplus = HEAD + "1,1,Paz, Ana,female,head\r\n" + TWO
    yield (
        "surplus-cell.csv",
        read(surplus.encode(), 2, 1, "choice_unknown", "choice_unknown", "cells_surplus"),
    )
    yield "trailing-separators.csv", read((HEAD + ONE.replace("\r\n", ",,,\r\n")).encode(), 1, 1)
    yield "short-rows.csv", read((HEAD + "1,1,Ana\r\n" + TWO).encode(), 2, 2)
    yield "blank-rows.csv", read((HEAD + "\r\n,,,,\r\n" + ONE + "\r\n   ,,\r\n").encode(), 1, 1)
    yield (
        "headings-twice.csv",
        read((HEAD + ONE + HEAD + TWO).encode(), 3, 2, "choice_unknown", "choice_unknown"),
    )
    repeated = HEAD.replace("sex", "full_name") + ONE
    yield "heading-repeated.csv", refused(repeated.encode(), "heading_repeated")


def cut_off():
    yield "empty.csv", refused(b"", "empty")
    yield "blank.csv", refused(b" \r\n\t\r\n", "empty")
    yield "only-headings.csv", refused(HEAD.encode(), "no_rows")
    yield "open-quote.csv", refused((HEAD + ONE + '2,1,"Eva').encode(), "cut_off")
    yield "cut-row.csv", read((HEAD + ONE + "2,1,Ev").encode(), 2, 1, "row_cut_off")
    whole = sheet(HEADINGS, ["1", "1", "Ana", "female", "head"])
    yield "cut.xlsx", refused(whole[: len(whole) // 2], "damaged")
    yield "cut-at-the-end.xlsx", refused(whole[:-30], "damaged")
    yield "cut.json", refused(kobo_json()[:-40], "not_json")
    yield "cut.xml", refused(openrosa_xml()[:-40], "not_xml")
    yield "cut.zip", refused(steady(odk_zip())[:-30], "damaged")


def not_a_register():
    yield (
        "sign-in-page.csv",
        refused(b"<!DOCTYPE html><html><body>Sign in</body></html>", "not_a_table"),
    )
    yield "document.pdf.csv", refused(b"%PDF-1.7\n1 0 obj\n", "not_a_table")
    yield (
        "old-workbook.xls",
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "old_or_protected"),
    )
    yield "gzip.csv", refused(gzip.compress((HEAD + ONE).encode(), mtime=0), "not_text")
    yield "other-headings.csv", refused(b"a,b,c\r\n1,2,3\r\n", "wrong_kind")
    yield "no-headings.csv", refused(ONE.encode() + TWO.encode(), "wrong_kind")
    yield "pictures.zip", refused(packed(a__jpg=b"x", b__jpg=b"y"), "not_a_workbook")
    yield "settings.json", refused(b'{"results": [{"name": "Ana"}]}', "not_submissions")
    yield "numbers.json", refused(b"[1, 2, 3]", "not_submissions")
    yield (
        "first-page.json",
        refused(
            json.dumps(
                {"count": 9, "next": "https://example.org/?start=1", "results": []}
            ).encode(),
            "one_page",
        ),
    )
    yield "not-a-number.json", refused(b'[{"_uuid": "a", "_id": NaN}]', "not_json")
    yield "deep.json", refused(b"[" * 50_000, "not_json")
    yield "catalogue.xml", refused(b"<catalogue><book/></catalogue>", "not_submissions")
    laughs = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><data><x>&b;</x></data>'
    yield "many-laughs.xml", refused(laughs, "not_xml")
    entity = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]><data><x>&a;</x></data>'
    yield "outside-entity.xml", refused(entity, "not_xml")
    yield "deep.xml", refused(b"<a>" * 2_000 + b"</a>" * 2_000, "not_xml")


def rows_that_contradict():
    twice = HEAD + ONE + ONE + TWO
    yield (
        "person-twice.csv",
        read(
            twice.encode(),
            3,
            1,
            "person_number_repeated",
            "several_heads",
            "person_number_repeated",
            "several_heads",
        ),
    )
    apart = HEAD + ONE + TWO + "1,2,Luz Prueba,female,member\r\n"
    yield "household-apart.csv", read(apart.encode(), 3, 3)
    half = HEAD + ONE + "1,2,,male,member\r\n" + TWO
    yield "one-bad-row-of-two.csv", read(half.encode(), 3, 1, "missing")
    headless = HEAD + "1,1,Ana,female,member\r\n1,2,Eva,female,member\r\n" + TWO
    yield "no-head.csv", read(headless.encode(), 3, 1, "no_head")
    yield (
        "two-heads.csv",
        read(
            (HEAD + ONE + "1,2,Eva,female,head\r\n" + TWO).encode(),
            3,
            1,
            "several_heads",
            "several_heads",
        ),
    )
    yield (
        "no-household.csv",
        read((HEAD + ",1,Ana,female,head\r\n" + TWO).encode(), 2, 1, "household_number_missing"),
    )
    yield (
        "all-wrong.csv",
        read(
            (HEAD + ONE.replace("female", "?") + TWO.replace("head", "?")).encode(),
            2,
            0,
            "choice_unknown",
            "choice_unknown",
        ),
    )
    collectors = (
        "household_number,person_number,full_name,role,collector\r\n"
        "1,1,Ana,head,primary\r\n1,2,Eva,member,primary\r\n"
    )
    yield (
        "two-collectors.csv",
        read(collectors.encode(), 2, 0, "several_collectors", "several_collectors"),
    )


def cells():
    formula = HEAD + '1,1,"=HYPERLINK(""http://example.org"",""Ana"")",female,head\r\n' + TWO
    yield "formula-in-name.csv", read(formula.encode(), 2, 1, "name_formula")
    yield (
        "command-in-name.csv",
        read(
            (HEAD + "1,1,@SUM(1+1)*cmd|' /C calc'!A0,female,head\r\n" + TWO).encode(),
            2,
            1,
            "name_formula",
        ),
    )
    yield (
        "control-letters.csv",
        read((HEAD + "1,1,An\x07a,female,head\r\n" + TWO).encode(), 2, 1, "name_unreadable"),
    )
    yield (
        "no-letters.csv",
        read((HEAD + "1,1,12345,female,head\r\n" + TWO).encode(), 2, 1, "name_unreadable"),
    )
    yield (
        "hidden-letters.csv",
        read((HEAD + "1,1,\u202eAna\u200b Paz\u2069,female,head\r\n").encode(), 1, 1),
    )
    yield (
        "long-name.csv",
        read((HEAD + f"1,1,{'a' * 201},female,head\r\n" + TWO).encode(), 2, 1, "name_unreadable"),
    )
    yield "emoji.csv", read((HEAD + "1,1,Ana 🌻 Paz,female,head\r\n").encode(), 1, 1)


def dates_and_numbers():
    dates = [
        "31/12/1990",
        "1990-02-30",
        "03/04/2001",
        "2999-01-01",
        "1850",
        "45000",
        "?",
        "1990-05",
        "١٩٩٠",
    ]
    rows = [f"{n},1,Ana P{n},female,head,{said},,,\r\n" for n, said in enumerate(dates, 1)]
    rows = [row.replace("P", "Prueba ") for row in rows]
    yield (
        "dates.csv",
        read(
            (WIDE + "".join(rows)).encode(),
            9,
            3,
            "date_unreadable",
            "date_ambiguous",
            "date_future",
            "date_too_old",
            "date_unreadable",
            "date_unreadable",
        ),
    )
    numbers = [
        "6.00112233E+08",
        "600 11 22 33",
        "tel",
        "+34600112233x4",
        "0034600112233",
        "٦٠٠١١٢٢٣٣",
    ]
    rows = [f"{n},1,Ana Prueba,female,head,,{said},,\r\n" for n, said in enumerate(numbers, 1)]
    yield "phones.csv", read((WIDE + "".join(rows)).encode(), 6, 3, *["phone_unreadable"] * 3)


def papers_and_errors():
    papers = [
        ("passport", ""),
        ("", "A1"),
        ("library", "A1"),
        ("passport", "=A1"),
        ("passport", "00123"),
    ]
    rows = [
        f"{n},1,Ana Prueba,female,head,,,{kind},{number}\r\n"
        for n, (kind, number) in enumerate(papers, 1)
    ]
    yield (
        "documents.csv",
        read(
            (WIDE + "".join(rows)).encode(),
            5,
            1,
            "document_number_missing",
            "document_kind_missing",
            "choice_unknown",
            "document_number_unreadable",
        ),
    )
    errors = HEAD + "1,1,#REF!,female,head\r\n2,1,Eva,#N/A,head\r\n3,1,Luz,female,head\r\n"
    yield "calculation-errors.csv", read(errors.encode(), 3, 1, "cell_error", "cell_error")
    forbidden = (
        HEAD.strip()
        + ",religión,voter_no,gps_lat,foto,puntaje\r\n"
        + ONE.strip()
        + ",a,b,1.5,d,9\r\n"
    )
    yield (
        "forbidden-columns.csv",
        read(
            forbidden.encode(), 1, 1, dropped=["religión", "voter_no", "gps_lat", "foto", "puntaje"]
        ),
    )


def workbooks():
    born = [*HEADINGS, "birth_date"]
    yield (
        "excel-dates.xlsx",
        read(
            sheet(
                born,
                [1, 1, "Ana Prueba", "female", "head", datetime(1990, 2, 3)],
                [2, 1, "Eva Prueba", "female", "head", date(1985, 12, 31)],
                [3.0, 1.0, "Luz Prueba", "female", "head", 1979],
                [4, 1, "Paz Prueba", "female", "head", 28_945.5],
            ),
            4,
            3,
            "date_unreadable",
        ),
    )
    formula = sheet(
        HEADINGS, [1, 1, "=CONCATENATE(A2,B2)", "female", "head"], [2, 1, "Eva", "female", "head"]
    )
    yield "formula-without-result.xlsx", read(formula, 2, 1, "formula_without_value")
    yield "other-sheets-first.xlsx", refused(sheet(["a", "b"], [1, 2], name="Notes"), "wrong_kind")
    book = openpyxl.load_workbook(io.BytesIO(sheet(["note"], ["x"], name="Notes")))
    register = book.create_sheet("Register")
    register.append([])
    register.append(HEADINGS)
    register.append(["1", "1", "Ana", "female", "head"])
    yield "register-is-second.xlsx", read(saved(book), 1, 1)
    far = openpyxl.load_workbook(io.BytesIO(sheet(HEADINGS, ["1", "1", "Ana", "female", "head"])))
    far.active.cell(row=1_048_576, column=1, value="x")
    yield "last-row-of-the-sheet.xlsx", refused(saved(far), "too_many_rows")
    plain = sheet(HEADINGS, ["1", "1", "Ana", "female", "head"])
    yield (
        "broken-sheet.xlsx",
        refused(changed_part(plain, "xl/worksheets/sheet1.xml", b"</sheetData>", b""), "damaged"),
    )
    doctype = changed_part(
        plain, "xl/worksheets/sheet1.xml", b"<worksheet", b"<!DOCTYPE x><worksheet"
    )
    yield "doctype.xlsx", refused(doctype, "damaged")


def submissions():
    page = json.loads(kobo_json())["results"]
    twice = json.dumps([*page, page[0]]).encode()
    yield (
        "submission-twice.json",
        read(
            twice,
            8,
            2,
            "household_repeated",
            "household_repeated",
            *["person_number_repeated"] * 0,
            "several_heads",
            "several_heads",
        ),
    )
    yield (
        "nameless-person.json",
        read(
            kobo_json(
                {
                    SECOND: {
                        "consent": "yes",
                        "household": {},
                        "members": [{"full_name": "", "role": "head"}],
                    },
                    FIRST: {
                        "consent": "yes",
                        "household": {},
                        "members": [{"full_name": "Ana", "role": "head"}],
                    },
                }
            ),
            4,
            2,
            "missing",
        ),
    )
    nameless = [{**page[0], "_uuid": "", "meta/instanceID": ""}, page[1]]
    yield "no-id.json", refused(json.dumps(nameless).encode(), "submission_without_id")
    yield (
        "place-and-picture.json",
        read(
            kobo_json(donde="40.41 -3.70 0 0", cosa="171.jpg"),
            5,
            5,
            dropped=["donde", "cosa", "_geolocation"],
        ),
    )
    yield (
        "person-of-nobody.zip",
        read(steady(odk_zip(without=(SECOND,))), 4, 3, "member_without_household"),
    )
    yield (
        "people-alone.zip",
        refused(packed(people__csv="PARENT_KEY,full_name\r\nuuid:1,Ana\r\n"), "wrong_kind"),
    )
    yield "empty-table.zip", refused(packed(main__csv="KEY,consent\r\n"), "no_rows")


def cases():
    for group in (
        encodings,
        separators,
        cut_off,
        not_a_register,
        rows_that_contradict,
        cells,
        dates_and_numbers,
        papers_and_errors,
        workbooks,
        submissions,
    ):
        yield from group()


def main():
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.iterdir():
        stale.unlink()
    expected = {}
    for name, (content, what) in cases():
        (FOLDER / name).write_bytes(content)
        expected[name] = what
    text = yaml.safe_dump(expected, allow_unicode=True, sort_keys=True)
    (FOLDER.parent / "expected.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
