"""
Every bad file of the corpus: refused whole with its code, or every row accepted or rejected.

The files are in git, made by make_corpus.py; what would be large is made here.
"""

import io
import json
import zipfile
from pathlib import Path

import pytest
import yaml

from despensa.adapters.register_file.faulty_rows import faulty_suffixes, write_faulty_rows
from despensa.adapters.register_file.source import RegisterFileError
from despensa.entrypoints.cli import main
from tests.adapters.register_file.builders import codes, read
from tests.corpus.make_corpus import FOLDER, HEAD, HEADINGS, ONE, packed, sheet

EXPECTED = yaml.safe_load((FOLDER.parent / "expected.yaml").read_text(encoding="utf-8"))
READ = {name: one for name, one in EXPECTED.items() if "refused" not in one}


def test_the_corpus_and_what_is_expected_of_it_are_one_list():
    assert {path.name for path in FOLDER.iterdir()} == set(EXPECTED)
    assert len(EXPECTED) > 80


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - set(READ)))
def test_a_file_that_cannot_be_read_is_refused_whole(name):
    with pytest.raises(RegisterFileError) as refused:
        read(FOLDER / name, filename=name)

    assert refused.value.code == EXPECTED[name]["refused"]
    assert name in str(refused.value)
    assert str(refused.value).rstrip().endswith(".")


@pytest.mark.parametrize("name", READ)
def test_every_row_is_accepted_or_rejected_with_a_reason(name):
    expected = READ[name]
    register = read(FOLDER / name, filename=name)

    assert register.rows_in == register.accepted_rows + register.rejected_rows == expected["rows"]
    assert register.accepted_rows == expected["accepted"]
    assert sorted(codes(register)) == sorted(expected["faults"])
    assert sum(one.rows for one in register.households) == register.accepted_rows
    assert sum(len(one.rows) for one in register.rejected) == register.rejected_rows
    dropped = {one.column for one in register.dropped_columns}
    assert set(expected.get("dropped", ())) <= dropped
    assert all(error.mend for error in register.errors)


@pytest.mark.parametrize("name", [name for name, one in READ.items() if one["faults"]])
def test_the_faulty_rows_of_every_file_are_given_back_and_read_again(name, tmp_path):
    register = read(FOLDER / name, filename=name)
    suffix = faulty_suffixes(register, Path(name).suffix)[0]

    assert write_faulty_rows(register, tmp_path / f"f{suffix}") == register.rejected_rows
    again = read(tmp_path / f"f{suffix}", filename=f"f{suffix}")

    assert (again.rows_in, again.source) == (register.rejected_rows, register.source)
    assert again.dropped_columns == ()


def test_the_same_bytes_give_the_same_account_and_no_file_a_traceback(monkeypatch, capsys):
    for name, expected in EXPECTED.items():
        said = []
        for _ in range(2):
            arguments = ["import", str(FOLDER / name), "--dry-run", "--json", "--country", "ES"]
            monkeypatch.setattr("sys.argv", ["despensa", *arguments])
            code = 0
            try:
                main.run()
            except SystemExit as ended:
                code = int(ended.code or 0)
            out, err = capsys.readouterr()
            said.append((code, out))
            assert "Traceback" not in err
        assert said[0] == said[1]
        if "refused" in expected:
            assert said[0] == (2, ""), name
        else:
            report = json.loads(said[0][1])
            assert said[0][0] == (1 if expected["faults"] else 0), name
            assert report["rows_in"] == report["accepted"] + report["rejected"]


def bomb():
    """A workbook whose sheet is 600 MiB of nothing."""
    plain = io.BytesIO(sheet(HEADINGS, ["1", "1", "Ana", "female", "head"]))
    result = io.BytesIO()
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in source.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                out.writestr(entry.filename, source.read(entry))
        with out.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(600):
                part.write(b" " * 1024 * 1024)
    return result.getvalue()


def liar():
    """A packed table that says it is short and is long."""
    content = packed(main__csv=b"KEY,consent\r\n" + b"a" * 10_000)
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + (5).to_bytes(4, "little") + content[at + 28 :]


HEADINGS_100_000 = ",".join(f"c{number}" for number in range(100_000))
LARGE = {
    "too_many_columns": f"{HEADINGS_100_000}\r\n1\r\n".encode,
    "too_many_columns-template": f"{HEAD.strip()},{HEADINGS_100_000}\r\n{ONE}".encode,
    "line_too_long": lambda: HEAD.encode() + b"1,1," + b"a" * 2_000_000 + b",female,head\r\n",
    "zip_bomb": bomb,
    "zip_bomb-packed": lambda: packed(main__csv=b"KEY\r\n" + b"a" * 60_000_000),
    "zip_bomb-parts": lambda: packed(**{f"part{n}__csv": "KEY\r\n" for n in range(2_000)}),
    "damaged-liar": liar,
    "too_large-json": lambda: b"[" + b" " * (65 << 20) + b"]",
    "too_large-xml": lambda: b"<data>" + b" " * (65 << 20) + b"</data>",
    "too_many_columns-json": lambda: json.dumps(
        [{"_uuid": "a", "_id": 1, **{f"q{n}": "x" for n in range(5_000)}}]
    ).encode(),
    "not_xml-wide": lambda: b"<data>" + b"<a/>" * 2_100_000 + b"</data>",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_refused_before_it_costs_much(name):
    with pytest.raises(RegisterFileError) as refused:
        read(LARGE[name](), filename="large.bin")

    assert refused.value.code == name.partition("-")[0]
