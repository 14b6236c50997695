"""The vectors of what a source said: its text, the keeper's digest of it, and what the books keep."""

import json

import pytest

from despensa.adapters.keeper.vault import Vault
from despensa.domain.registration import said
from tests.vectors import make_said_vectors
from tests.vectors.make_said_vectors import BARE, FULL, SOURCE

CONTENT = json.loads((make_said_vectors.FOLDER / "said.json").read_text(encoding="utf-8"))
CASES = [
    pytest.param(household, case, id=case["name"])
    for household, case in zip((FULL, BARE), CONTENT["cases"], strict=True)
]


@pytest.fixture
def vault(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    key = bytes.fromhex(CONTENT["search_key"])
    return Vault(folder, workspace=bytes(16), copy=None, random=lambda length: key[:length])


def test_the_file_is_what_its_maker_makes():
    written = (make_said_vectors.FOLDER / "said.json").read_text(encoding="utf-8")

    assert written == make_said_vectors.text(), "run python -m tests.vectors.make_said_vectors"


@pytest.mark.parametrize(("household", "case"), CASES)
def test_a_household_says_this_under_these_references(household, case, vault):
    records = [household.source_record_id, *(one.source_record_id for one in household.persons)]
    home, *people = vault.origin_refs([(SOURCE, record) for record in records])

    assert [one.decode() for one in said.statements(household)] == [
        one["text"] for one in case["said"]
    ]
    assert [ref.hex() for ref in (home, home, *people)] == [
        one["origin_ref"] for one in case["said"]
    ]


@pytest.mark.parametrize(("household", "case"), CASES)
def test_the_keeper_digests_it_and_the_books_keep_that(household, case, vault):
    told = [(bytes.fromhex(one["origin_ref"]), one["text"].encode()) for one in case["said"]]
    digests = vault.said_digests(told)
    refs = [ref for ref, _ in told][1:]
    spoken = said.Spoken(household, refs, digests)

    stored = said.pack_first(spoken, map(bytes.fromhex, case["people"]))
    kept = said.unpack(stored)

    assert [one.hex() for one in digests] == [one["digest"] for one in case["said"]]
    assert stored.hex() == kept.pack().hex() == case["stored"]
    assert said.is_same(kept, spoken)
    assert not said.is_same(kept, said.Spoken(household, refs, [*digests[:-1], said.NO_MORE]))
