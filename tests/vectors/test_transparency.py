"""The vectors of the log, read by what they are for; vectors/transparency/README.md explains them."""

import json
from typing import Any

import pytest

from despensa.domain.transparency import (
    checkpoint,
    journal,
    leaf,
    proof,
    sealed_row,
    tile,
    tree,
)
from tests.vectors import make_transparency as make


def read(name: str) -> dict[str, Any]:
    return json.loads((make.FOLDER / name).read_text())


def unspelled(value: str | dict[str, Any]) -> bytes:
    if isinstance(value, str):
        return bytes.fromhex(value)
    return bytes.fromhex(value["repeat"]) * value["times"]


def hashes_of(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


@pytest.mark.parametrize("name", make.FILES)
def test_the_file_is_what_the_code_makes(name: str) -> None:
    assert (make.FOLDER / name).read_text() == make.text_of(name)


def test_leaves() -> None:
    vectors = read("leaves.json")

    for case in vectors["private"]:
        data = leaf.private_leaf(bytes.fromhex(case["content"]), bytes.fromhex(case["salt"]))
        assert (data.hex(), tree.leaf_hash(data).hex()) == (case["leaf"], case["hash"])
    for case in vectors["public"]:
        parsed = leaf.parse_leaf(bytes.fromhex(case["leaf"]))
        body = unspelled(case["body"])
        assert isinstance(parsed, leaf.PublicLeaf)
        assert (parsed.kind, parsed.at, parsed.body_length) == (case["kind"], case["at"], len(body))
        assert parsed.body in (body, None)
    for case in vectors["refused"]:
        with pytest.raises(leaf.MalformedLeaf):
            leaf.parse_leaf(bytes.fromhex(case["leaf"]))


def test_trees() -> None:
    vectors = read("trees.json")
    roots = {int(size): bytes.fromhex(root) for size, root in vectors["roots"].items()}

    for size, root in roots.items():
        assert tree.root(make.numbered(size)) == root
    for case in vectors["inclusion"]:
        index, size = case["index"], case["size"]
        path, own = hashes_of(case["proof"]), tree.leaf_hash(index.to_bytes(4, "big"))
        root = tree.root(make.numbered(size))
        assert tree.verify_inclusion(index, size, own, path, root)
    for case in vectors["consistency"]:
        old, new, path = case["old"], case["new"], hashes_of(case["proof"])
        assert tree.verify_consistency(old, new, path, roots[old], roots[new])


def test_tiles() -> None:
    vectors = read("tiles.json")

    for case in vectors["paths"]:
        piece = tile.Tile(case["level"], case["number"], case["width"])
        assert (piece.path, tile.parse_path(case["path"])) == (case["path"], piece)
    for path in vectors["refused_paths"]:
        with pytest.raises(tile.MalformedTile):
            tile.parse_path(path)
    bundle = bytes.fromhex(vectors["bundle"]["content"])
    assert tile.parse_bundle(bundle, width=3) == hashes_of(vectors["bundle"]["entries"])


def test_checkpoints() -> None:
    vectors = read("checkpoints.json")
    key = checkpoint.parse_vkey(vectors["log_vkey"])
    witness = checkpoint.parse_vkey(vectors["witness_vkey"])

    seen = checkpoint.verify(vectors["cosigned"], key)

    assert (seen.origin, seen.size, seen.root.hex()) == tuple(
        vectors[name] for name in ("origin", "size", "root")
    )
    assert checkpoint.cosignatures(vectors["cosigned"], [witness]) == (
        checkpoint.Cosignature(witness.name, vectors["cosigned_at"]),
    )
    for case in vectors["malformed"]:
        with pytest.raises(checkpoint.MalformedCheckpoint, match="malformed checkpoint"):
            checkpoint.parse(case["text"])


def test_journal() -> None:
    vectors = read("journal.json")
    salt = bytes.fromhex(vectors["salt"])
    rows = hashes_of([row["bytes"] for row in vectors["rows"]])
    parsed = [journal.parse_row(row) for row in rows]
    first, second = (
        journal.parse_content(bytes.fromhex(c["content"])) for c in vectors["contents"]
    )

    assert journal.encode_rows(parsed) == rows
    assert journal.rows_root(salt, rows) == first.rows_root == bytes.fromhex(vectors["rows_root"])
    assert second.access is not None
    place = {"entry": first.entry}
    person, chunk = (bytes.fromhex(vectors[name]) for name in ("person_key", "chunk_key"))
    for opened in (
        sealed_row.open_under_person(parsed[1].body, person_key=person, index=1, **place),
        sealed_row.open_under_chunk(parsed[2].body, chunk_key=chunk, index=2, **place),
    ):
        assert opened == parsed[0].body
    fact = vectors["fact"]
    opened = sealed_row.open_fact(
        bytes.fromhex(fact["sealed"]),
        fact_key=bytes.fromhex(vectors["fact_key"]),
        fact_key_id=fact["fact_key_id"],
        row=bytes.fromhex(fact["row"]),
    )
    assert opened.hex() == fact["value"]


@pytest.mark.parametrize("case", read("proofs.json")["cases"], ids=lambda case: case["what"])
def test_proofs(case: dict[str, Any]) -> None:
    verdict = proof.verify_proof(
        case["text"],
        log_vkey=case["log_vkey"],
        authority_keys=hashes_of(case["authority_keys"]),
        row=bytes.fromhex(case["row"]),
    )

    assert verdict.answer == case["answer"]
