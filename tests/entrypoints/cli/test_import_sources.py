"""Imports from the command line: maps remembered, faulty rows mended, submissions fetched."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.adapters.register_file.builders import a_person, a_template_text
from tests.factories.observing import count
from tests.factories.submissions import HOUSEHOLDS, SECOND, kobo_json, openrosa_xml, with_household

LIST = "Hogar,Nombre\nH1,Ana\n"
MAP = "columns:\n  Hogar: household_number\n  Nombre: full_name\n"


@pytest.fixture
def office(founded_books, at, sign_in):
    sign_in(at(founded_books), "ana")
    return founded_books


def households():
    return count(REGISTRY, "household")


def test_a_map_is_remembered_for_the_next_file_with_the_same_headings(despensa, office, tmp_path):
    first, second, columns = (tmp_path / name for name in ("a.csv", "b.csv", "map.yaml"))
    first.write_text(LIST)
    second.write_text(LIST.replace("H1,Ana", "H2,Eva"))
    columns.write_text(MAP)

    unknown = despensa("import", first)
    assert (unknown.code, unknown.err.count("\n")) == (2, 1)
    assert despensa("import", first, "--map", columns, "--json").code == 0
    again = despensa("import", second, "--json")

    assert again.json["accepted"] == 1
    assert "columns are read as" in again.err
    assert households() == 2
    rows = fetch(REGISTRY, "SELECT fields FROM column_map")
    assert rows == [({"hogar": "household_number", "nombre": "full_name"},)]


def test_the_same_map_twice_leaves_no_second_trace(despensa, office, tmp_path):
    columns = tmp_path / "map.yaml"
    columns.write_text(MAP)
    for name in ("H1,Ana", "H2,Eva"):
        (tmp_path / "list.csv").write_text(LIST.replace("H1,Ana", name))
        assert despensa("import", tmp_path / "list.csv", "--map", columns).code == 0

    (entries,) = fetch(REGISTRY, "SELECT count(*) FROM column_map")

    assert entries == (1,)


def test_a_forbidden_column_cannot_be_mapped(despensa, office, tmp_path):
    (tmp_path / "list.csv").write_text("Hogar,Nombre,Voto\nH1,Ana,A\n")
    (tmp_path / "map.yaml").write_text(MAP + "  Voto: phone\n")

    said = despensa("import", tmp_path / "list.csv", "--map", tmp_path / "map.yaml")

    assert said.code == 2
    assert "cannot be mapped" in said.err
    assert (households(), count(REGISTRY, "column_map")) == (0, 0)


def test_faulty_rows_are_mended_and_only_they_come_in(despensa, office, tmp_path):
    file, faulty = tmp_path / "register.csv", tmp_path / "faulty.csv"
    file.write_text(a_template_text(a_person(), a_person("2", sex="?"), a_person("2", "2")))

    said = despensa("import", file, "--rejected", faulty, "--json")
    assert (said.code, said.json["rejected"], households()) == (1, 2, 1)
    faulty.write_text(faulty.read_text(encoding="utf-8-sig").replace("?", "female"))
    mended = despensa("import", faulty, "--json")

    assert (mended.code, mended.json["accepted"], households()) == (0, 2, 2)


def test_faulty_rows_go_only_where_they_can_be_read_again(despensa, office, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(a_template_text(a_person("2", sex="?")))

    wrong = despensa("import", file, "--dry-run", "--rejected", tmp_path / "faulty.json")
    nowhere = despensa("import", file, "--dry-run", "--rejected", tmp_path / "no" / "f.csv")

    assert (wrong.code, nowhere.code) == (2, 2)
    assert ".csv" in wrong.err
    assert "is no folder" in nowhere.err


def test_the_same_submission_from_another_server_is_the_same_household(despensa, office, tmp_path):
    (tmp_path / "a.json").write_bytes(kobo_json())
    more = with_household("44444444-4444-4444-8444-444444444444")
    (tmp_path / "b.xml").write_bytes(openrosa_xml(more))

    assert despensa("import", tmp_path / "a.json").code == 0
    said = despensa("import", tmp_path / "b.xml", "--json")

    assert "2 were there before" in said.json["done"]
    assert households() == len(more)


def test_submissions_are_fetched_with_a_token_that_is_never_shown(
    despensa, office, tmp_path, monkeypatch
):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Authorization"])
            content = kobo_json({SECOND: HOUSEHOLDS[SECOND]})
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{served.server_port}/api/v2/assets/a/data/"
    (tmp_path / "token").write_text("not-a-secret-1\n")
    try:
        without = despensa("import", "--pull", address)
        told = despensa("import", "--pull", address, "--token-file", tmp_path / "token", "--json")
        monkeypatch.setenv("DESPENSA_FORM_TOKEN", "not-a-secret-2")
        again = despensa("import", "--pull", address, "--dry-run", "--json")
    finally:
        served.shutdown()
        served.server_close()

    assert (without.code, told.code, again.code) == (2, 0, 0)
    assert asked == ["Token not-a-secret-1", "Token not-a-secret-2"]
    assert "not-a-secret" not in told.out + told.err + again.out + again.err
    assert households() == 1
    assert json.loads(told.out)["kind"] == "kobo-json"


@pytest.mark.parametrize("arguments", [[], ["a.csv", "--pull", "https://example.org"]])
def test_a_file_or_an_address_but_not_both(despensa, office, arguments):
    said = despensa("import", *arguments)

    assert said.code == 2
    assert "Name one file" in said.err


def test_the_form_is_written(despensa, tmp_path):
    said = despensa("form", "xlsform", tmp_path / "form.xlsx", "--json")

    assert said.code == 0
    assert said.json["version"] == "core-1-form-1"
    assert (tmp_path / "form.xlsx").read_bytes().startswith(b"PK")
    assert despensa("form", "xlsform", tmp_path / "form.csv").code == 2


def test_areas_come_from_a_boundary_table_and_a_renamed_one_waits(despensa, office, tmp_path):
    table = tmp_path / "areas.csv"
    table.write_text(
        "ADM2_ES,ADM2_AR,ADM2_PCODE,ADM1_ES,ADM1_PCODE,ADM0_PCODE\n"
        "Villa,مدينة,VE9901,Norte,VE99,VE\nOtra,,VE9902,Norte,VE99,VE\n"
    )

    first = despensa("area", "import", table, "--json")
    again = despensa("area", "import", table, "--json")
    table.write_text(table.read_text().replace("Villa", "Villa Nueva"))
    renamed = despensa("area", "import", table, "--json")
    table.write_text(table.read_text().replace(",VE\n", ",ES\n"))
    foreign = despensa("area", "import", table)

    assert (first.json["added"], again.json["added"], again.json["unchanged"]) == (3, 0, 3)
    assert renamed.json["proposal"] is not None
    assert (foreign.code, "your own country" in foreign.err) == (2, True)
    stored = dict(fetch(REGISTRY, "SELECT pcode, names FROM area WHERE pcode LIKE 'VE99%%'"))
    assert stored["VE9901"] == {"es": "Villa", "ar": "مدينة"}
    shown = despensa("proposal", "show", renamed.json["proposal"])
    assert shown.code == 0, shown
