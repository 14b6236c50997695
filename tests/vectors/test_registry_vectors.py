"""The vectors of the registry's formats: names, tokens, sealed columns, proposals, accounts."""

import json
import os
from typing import Any

import pytest

from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.vault import Vault
from despensa.domain import proposal, sealing
from despensa.domain.encoding import dcbor
from despensa.domain.matching import normalise
from despensa.domain.matching.search_text import SearchText, TokenKind
from tests.vectors import make_registry_vectors as make


def read(name: str) -> dict[str, Any]:
    return json.loads((make.FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture
def vault(tmp_path):
    copy = OwnCopy(tmp_path / "copy")
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "search.key").write_bytes(make.SEARCH_KEY)
    yield Vault(keys, workspace=make.WORKSPACE, copy=copy, random=os.urandom)
    copy.close()


@pytest.mark.parametrize("name", make.FILES)
def test_the_file_is_what_the_code_makes(name):
    assert (make.FOLDER / name).read_text(encoding="utf-8") == make.FILES[name]()


def test_names_fold_and_sound_alike():
    for case in read("tokens/names.json")["cases"]:
        assert normalise.words(case["name"]) == case["words"]
        assert normalise.phonetic(case["fold"]) == case["phonetic"]


def test_the_keeper_makes_the_tokens_and_origins_of_the_vectors(vault):
    vectors = read("tokens/tokens.json")
    texts = [text for person in vectors["people"] for text in person["texts"]]

    tokens = vault.search_tokens([SearchText(TokenKind(t["kind"]), t["text"]) for t in texts])
    [origin] = vault.origin_refs([(vectors["origin"]["source"], vectors["origin"]["record"])])

    assert tokens == [text["token"] for text in texts]
    assert origin.hex() == vectors["origin"]["origin_ref"]


def test_a_person_has_at_most_sixteen_tokens():
    people = read("tokens/tokens.json")["people"]

    assert max(len(person["texts"]) for person in people) <= 16


def test_sealed_columns_open_only_at_their_place():
    vectors = read("sealed/sealed.json")
    workspace = bytes.fromhex(vectors["workspace"])
    key = sealing.unwrap_key(
        bytes.fromhex(vectors["wrapped"]),
        kek=bytes.fromhex(vectors["kek"]),
        person=bytes.fromhex(vectors["person"]),
        workspace=workspace,
        kek_number=vectors["kek_number"],
    )
    for case in vectors["cases"]:
        column, data = sealing.Column(case["column"]), bytes.fromhex(case["sealed"])
        stored = sealing.Sealed(column, bytes.fromhex(case["row"]), data)
        assert sealing.unseal([stored], key=key, workspace=workspace) == [case["value"]]
        moved = sealing.Sealed(column, bytes(16), data)
        with pytest.raises(sealing.SealBroken):
            sealing.unseal([moved], key=key, workspace=workspace)


def test_a_proposal_has_one_encoding_and_one_hash():
    vectors = read("proposal/proposal.json")
    canonical = bytes.fromhex(vectors["canonical"])

    assert proposal.parse(canonical).canonical() == canonical
    assert proposal.proposal_hash(canonical).hex() == vectors["hash"]
    for approval in vectors["approvals"]:
        payload = dcbor.decode(bytes.fromhex(approval["payload"]))
        assert payload[3] == approval["kind"]
        assert (5 in payload) == (approval["kind"] == proposal.ApprovalKind.PASSKEY)


def test_every_account_of_the_vectors_is_another():
    kinds = read("ledger/accounts.json")["kinds"]
    ids = [kind[place] for kind in kinds for place in ("of_cycle", "of_point")]

    assert len(set(ids)) == len(ids)
