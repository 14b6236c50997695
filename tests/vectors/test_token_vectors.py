"""The vectors of names and search tokens, and that the table in the code is the table's file."""

import json

import pytest

from despensa.adapters.keeper.vault import Vault
from despensa.domain.matching.normalise import fold, phonetic, words
from despensa.domain.matching.search_text import SearchText, TokenKind, query_texts
from despensa.domain.matching.transliteration import TABLE_1
from tests.vectors import make_token_vectors


def read(name):
    return json.loads((make_token_vectors.FOLDER / name).read_text(encoding="utf-8"))


NAMES = read("names.json")
PEOPLE = read("people.json")
QUERIES = read("queries.json")


def by_name(case):
    return case.get("name") or case["query"]


def test_the_files_are_what_their_maker_makes():
    for name, content in make_token_vectors.files().items():
        written = (make_token_vectors.FOLDER / name).read_text(encoding="utf-8")
        assert written == content, f"{name}: run python -m tests.vectors.make_token_vectors"


def test_the_table_of_the_code_is_the_table_of_the_file():
    text = (make_token_vectors.FOLDER / "translit-1.tsv").read_text(encoding="utf-8")
    heading, *rows = [line.split("\t") for line in text.rstrip("\n").split("\n")]

    assert heading == ["character", "code_point", "letters"]
    assert {sign: letters for sign, _, letters in rows} == TABLE_1
    assert all(point == f"U+{ord(sign):04X}" for sign, point, _ in rows)


@pytest.mark.parametrize("case", NAMES["cases"], ids=by_name)
def test_a_name_folds_as_written(case):
    assert words(case["written"]) == case["words"]
    assert fold(case["written"]) == case["fold"]
    assert [phonetic(word) for word in case["words"]] == case["phonetic"]


@pytest.mark.parametrize("case", PEOPLE["cases"], ids=by_name)
def test_a_person_has_these_texts(case):
    texts = make_token_vectors.texts_of(case)

    assert [[int(text.kind), text.text] for text in texts] == [
        [text["kind"], text["text"]] for text in case["texts"]
    ]


@pytest.fixture
def vault(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    return Vault(
        folder,
        workspace=bytes(16),
        copy=None,
        random=lambda length: bytes.fromhex(PEOPLE["search_key"])[:length],
    )


@pytest.mark.parametrize("case", PEOPLE["cases"], ids=by_name)
def test_the_keeper_makes_these_tokens(case, vault):
    texts = [SearchText(TokenKind(text["kind"]), text["text"]) for text in case["texts"]]

    assert vault.search_tokens(texts) == [text["token"] for text in case["texts"]]


def test_the_keeper_makes_these_references(vault):
    records = [(origin["source"], origin["record"]) for origin in PEOPLE["origins"]]

    made = [reference.hex() for reference in vault.origin_refs(records)]

    assert made == [origin["origin_ref"] for origin in PEOPLE["origins"]]


@pytest.mark.parametrize("case", QUERIES["cases"], ids=by_name)
def test_a_query_asks_for_these_texts(case):
    assert [[int(text.kind), text.text] for text in query_texts(case["query"])] == case["texts"]
