"""
Makes vectors/transparency/*.json: `python -m tests.vectors.make_transparency`.

Everything is fixed, so that two runs give the same files.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import (
    checkpoint,
    journal,
    leaf,
    proof,
    sealed_row,
    tile,
    tree,
)

FOLDER = Path(__file__).parents[2] / "vectors" / "transparency"
ORIGIN = "example.org/despensa/log"
WITNESS = "witness.example.org/w1"
ENTRY = bytes(range(16))
ACTOR = b"\xaa" * 16
PROPOSAL = b"\xbb" * 16
PERSON = b"\xcc" * 16
AT = 1_780_000_000
SALT = bytes(range(32))


def seed(name: str) -> bytes:
    """Return a private key's seed for a role in these vectors."""
    return sha256(b"vector key " + name.encode()).digest()


def private_key(name: str) -> Ed25519PrivateKey:
    """Return a private key for a role in these vectors."""
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def public_key(name: str) -> bytes:
    """Return the raw public key for a role in these vectors."""
    return private_key(name).public_key().public_bytes_raw()


def log_vkey() -> str:
    """Return the log's verifier key text."""
    return checkpoint.vkey(ORIGIN, public_key("log"))


def witness_vkey() -> str:
    """Return the witness's verifier key text."""
    return checkpoint.vkey(WITNESS, public_key("witness"), kind=checkpoint.COSIGNATURE)


def numbered(size: int) -> list[bytes]:
    """Return `size` small leaves."""
    return [number.to_bytes(4, "big") for number in range(size)]


def signed(leaves: list[bytes]) -> str:
    """Return a checkpoint over leaves, signed by the log."""
    body = checkpoint.Checkpoint(ORIGIN, len(leaves), tree.root(leaves))
    return checkpoint.sign(body, public_key=public_key("log"), signer=private_key("log").sign)


def leaves_file() -> dict[str, Any]:
    """Private and public leaves."""
    private = [
        {"salt": SALT.hex(), "content": content.hex()} | _leaf(leaf.private_leaf(content, SALT))
        for content in (b"", b"content", bytes(200))
    ]
    public = [
        {"entry": ENTRY.hex(), "kind": kind, "at": AT, "body": spelled}
        | _leaf(leaf.public_leaf(entry=ENTRY, kind=kind, at=AT, body=body))
        for kind, body, spelled in (
            (1, b"rule", b"rule".hex()),
            (7, b"", ""),
            (2, b"a" * 60_001, {"repeat": "61", "times": 60_001}),
        )
    ]
    good = leaf.public_leaf(entry=ENTRY, kind=1, at=AT, body=b"rule")
    refused = {
        "empty": b"",
        "private leaf of 32 bytes": bytes(32),
        "private leaf of 34 bytes": bytes(34),
        "unknown first byte": b"\x02" + bytes(32),
        "trailing byte": good + b"\x00",
        "body and reference": b"\x01"
        + dcbor.encode({0: 1, 1: ENTRY, 2: 1, 3: AT, 4: b"", 5: [bytes(32), 60_001]}),
        "reference to a short file": b"\x01"
        + dcbor.encode({0: 1, 1: ENTRY, 2: 1, 3: AT, 5: [bytes(32), 60_000]}),
        "unknown key": b"\x01" + dcbor.encode({0: 1, 1: ENTRY, 2: 1, 3: AT, 4: b"", 6: 0}),
        "version 2": b"\x01" + dcbor.encode({0: 2, 1: ENTRY, 2: 1, 3: AT, 4: b""}),
    }
    return {
        "private": private,
        "public": public,
        "refused": [{"why": why, "leaf": data.hex()} for why, data in refused.items()],
    }


def trees_file() -> dict[str, Any]:
    """Roots and proofs."""
    hashes = tree.leaf_hashes(numbered(1000))
    inclusion = [
        {"index": index, "size": size, "proof": _hex(tree.inclusion_proof(index, hashes[:size]))}
        for index, size in ((0, 1), (0, 2), (6, 7), (3, 8), (4, 5), (256, 257), (700, 1000))
    ]
    consistency = [
        {"old": old, "new": new, "proof": _hex(tree.consistency_proof(old, hashes[:new]))}
        for old, new in ((0, 5), (1, 1), (1, 8), (3, 7), (4, 7), (6, 8), (256, 1000), (700, 1000))
    ]
    sizes = [*range(10), 255, 256, 257, 700, 1000]
    roots = {str(size): tree.root_of_hashes(hashes[:size]).hex() for size in sizes}
    return {"roots": roots, "inclusion": inclusion, "consistency": consistency}


def tiles_file() -> dict[str, Any]:
    """Paths, pieces and contents."""
    paths = [(0, 0, 256), (0, 1_234_067, 256), (1, 5, 17), (None, 999, 1), (63, 1000, 255)]
    entries = [b"", b"a", bytes(300)]
    hashes = tree.leaf_hashes(numbered(300))
    return {
        "paths": [
            {"level": level, "number": number, "width": width}
            | {"path": tile.Tile(level, number, width).path}
            for level, number, width in paths
        ],
        "refused_paths": [
            "tile/0/1234067",
            "tile/00/000",
            "tile/64/000",
            "tile/0/x000/001",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/entries/x001/x234/067/",
            "tile/0/../000",
        ],
        "pieces": {
            str(size): [piece.path for piece in tile.all_tiles(size)]
            for size in (0, 1, 256, 257, 700)
        },
        "bundle": {"entries": _hex(entries), "content": tile.encode_bundle(entries).hex()},
        "tile": {
            "path": tile.Tile(0, 1, 44).path,
            "content": tile.encode_hashes(hashes[256:]).hex(),
        },
    }


def checkpoints_file() -> dict[str, Any]:
    """A checkpoint, its keys and what must be refused."""
    text = signed(numbered(700))
    cosigned = checkpoint.cosign(
        text, name=WITNESS, public_key=public_key("witness"), at=AT, signer=_signer("witness")
    )
    root = text.split("\n")[2]
    refused = {
        "empty": "",
        "no signature": text[: text.index("\u2014")],
        "last newline missing": text[:-1],
        "carriage returns": text.replace("\n", "\r\n"),
        "size with a leading zero": text.replace("\n700\n", "\n0700\n"),
        "size with a sign": text.replace("\n700\n", "\n+700\n"),
        "size in other digits": text.replace("\n700\n", "\n\u0667\u0660\u0660\n"),
        "size above 2^63 - 1": text.replace("\n700\n", "\n9223372036854775808\n"),
        "root of 31 bytes": text.replace(root, "A" * 41 + "8="),
        "root in another base64 spelling": text.replace(root, root[:-2] + _next(root[-2]) + "="),
        "an extension line": text.replace(f"{root}\n", f"{root}\nmore\n"),
        "origin with a space": text.replace(ORIGIN, "example.org log"),
        "no origin": text.removeprefix(ORIGIN),
        "text after the signatures": text + "more\n",
        "signature line with a hyphen": text.replace("\u2014", "-"),
        "two blank lines": text.replace("\n\n", "\n\n\n"),
    }
    return {
        "log_seed": seed("log").hex(),
        "log_vkey": log_vkey(),
        "witness_seed": seed("witness").hex(),
        "witness_vkey": witness_vkey(),
        "origin": ORIGIN,
        "size": 700,
        "root": tree.root(numbered(700)).hex(),
        "text": text,
        "cosigned_at": AT,
        "cosigned": cosigned,
        "malformed": [{"why": why, "text": bad} for why, bad in refused.items()],
    }


def journal_file() -> dict[str, Any]:
    """Content, rows and seals."""
    rows = sample_rows()
    encoded = journal.encode_rows(rows)
    root = journal.rows_root(SALT, encoded)
    changed = journal.Content(ENTRY, 1, AT, ACTOR, "import", PROPOSAL, len(rows), root)
    access = journal.Access((PERSON,), 3, (1, 4), None)
    read = journal.Content(ENTRY, 2, AT, ACTOR, "read", None, 0, tree.EMPTY_ROOT, access)
    events = [sha256(number.to_bytes(4, "big")).digest() for number in range(5)]
    return {
        "salt": SALT.hex(),
        "rows": [
            {"table": row.table, "op": row.op, "key": row.key.hex(), "seal": row.seal}
            | {"body": row.body.hex(), "bytes": data.hex()}
            for row, data in zip(rows, encoded, strict=True)
        ],
        "row_salts": _hex(journal.row_salts(SALT, len(rows))),
        "rows_root": root.hex(),
        "event_hashes": _hex(events),
        "event_rows_root": journal.rows_root(SALT, events).hex(),
        "empty_rows_root": journal.rows_root(SALT, []).hex(),
        "contents": [
            {"content": journal.encode_content(content).hex()}
            | _leaf(leaf.private_leaf(journal.encode_content(content), SALT))
            for content in (changed, read)
        ],
        "person_key": (b"\x11" * 32).hex(),
        "chunk_key": (b"\x22" * 32).hex(),
        "fact_key": (b"\x33" * 32).hex(),
        "fact": {
            "row": PERSON.hex(),
            "fact_key_id": 7,
            "value": dcbor.encode(4).hex(),
            "sealed": sealed_row.seal_fact(
                dcbor.encode(4),
                fact_key=b"\x33" * 32,
                fact_key_id=7,
                nonce=b"\x04" * 12,
                row=PERSON,
            ).hex(),
        },
    }


def sample_rows() -> list[journal.Row]:
    """Return one row of each seal."""
    plain = journal.encode_columns({"size": 4})
    person = sealed_row.seal_under_person(
        plain, person_key=b"\x11" * 32, nonce=b"\x05" * 12, entry=ENTRY, index=1
    )
    chunk = sealed_row.seal_under_chunk(plain, chunk_key=b"\x22" * 32, entry=ENTRY, index=2)
    return [
        journal.Row(1, journal.Op.INSERT, b"\x01" * 16, journal.Seal.NONE, plain),
        journal.Row(300, journal.Op.UPDATE, b"\x02" * 16, journal.Seal.PERSON, person),
        journal.Row(24, journal.Op.DELETE, b"\x03" * 16, journal.Seal.CYCLE, chunk),
    ]


def proofs_file() -> dict[str, Any]:
    """Portable proofs and their verdicts."""
    events = [sha256(number.to_bytes(4, "big")).digest() for number in range(5)]
    content = journal.Content(
        ENTRY, 2, AT, None, "redeem", None, len(events), journal.rows_root(SALT, events)
    )
    chunk_leaf = leaf.private_leaf(journal.encode_content(content), SALT)
    leaves = [*numbered(699), chunk_leaf]
    text = row_proof(leaves, 699, events, 3)
    other = row_proof(leaves, 699, events, 3, authority="other authority")
    unknown = checkpoint.vkey("elsewhere.example.org/log", public_key("log"))
    common = {"log_vkey": log_vkey(), "authority_keys": [public_key("authority").hex()]}
    row = events[3].hex()
    last = text.rindex("=\n") - 2
    cases = [
        {"what": "a redemption", "text": text, "row": row, "answer": "valid"} | common,
        {"what": "another row", "text": text, "row": events[2].hex(), "answer": "not valid"}
        | common,
        {"what": "another authority", "text": other, "row": row, "answer": "not valid"} | common,
        {"what": "no authority key", "text": text, "row": row, "answer": "cannot tell"}
        | common
        | {"authority_keys": []},
        {"what": "another log's key", "text": text, "row": row, "answer": "cannot tell"}
        | common
        | {"log_vkey": unknown},
        {"what": "altered signature", "row": row, "answer": "not valid"}
        | {"text": text[:last] + ("A" if text[last] != "A" else "B") + text[last + 1 :]}
        | common,
        {"what": "cut short", "text": text[:-1], "row": row, "answer": "not valid"} | common,
    ]
    return {"cases": cases}


def row_proof(
    leaves: list[bytes], number: int, rows: list[bytes], index: int, authority: str = "authority"
) -> str:
    """Return the proof of one row of the leaf `number`."""
    evidence = proof.row_evidence(
        leaf=leaves[number], salt=SALT, rows=rows, index=index, signer=_signer(authority)
    )
    path = tree.inclusion_proof(number, tree.leaf_hashes(leaves))
    return proof.encode(proof.Proof(number, tuple(path), signed(leaves), evidence))


FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "leaves.json": leaves_file,
    "trees.json": trees_file,
    "tiles.json": tiles_file,
    "checkpoints.json": checkpoints_file,
    "journal.json": journal_file,
    "proofs.json": proofs_file,
}


def text_of(name: str) -> str:
    """Return a vector file's text."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=True) + "\n"


def _leaf(data: bytes) -> dict[str, str]:
    return {"leaf": data.hex(), "hash": tree.leaf_hash(data).hex()}


def _hex(values: list[bytes]) -> list[str]:
    return [value.hex() for value in values]


def _signer(name: str) -> Callable[[bytes], bytes]:
    return private_key(name).sign


def _next(character: str) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return letters[letters.index(character) + 1]


if __name__ == "__main__":
    for file_name in FILES:
        (FOLDER / file_name).write_text(text_of(file_name))
