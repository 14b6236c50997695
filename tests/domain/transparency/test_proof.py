import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import checkpoint, leaf, proof, tree

LOG = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
AUTHORITY = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x04" * 32)
VKEY = checkpoint.vkey("example.org/log", LOG.public_key().public_bytes_raw())
AUTHORITY_KEYS = [AUTHORITY.public_key().public_bytes_raw()]
SALT = b"\x05" * 32
EVENTS = [sha256(bytes([number])).digest() for number in range(6)]


def signed(leaves: list[bytes]) -> str:
    body = checkpoint.Checkpoint("example.org/log", len(leaves), tree.root(leaves))
    public = LOG.public_key().public_bytes_raw()
    return checkpoint.sign(body, public_key=public, signer=LOG.sign)


def leaves_of(size: int, number: int) -> list[bytes]:
    leaves = [bytes([at % 256, at // 256]) for at in range(size)]
    leaves[number] = leaf.private_leaf(b"content", SALT)
    return leaves


def row_proof(size: int, number: int, rows: list[bytes], index: int) -> str:
    leaves = leaves_of(size, number)
    evidence = proof.row_evidence(
        leaf=leaves[number], salt=SALT, rows=rows, index=index, signer=AUTHORITY.sign
    )
    path = tree.inclusion_proof(number, tree.leaf_hashes(leaves))
    return proof.encode(proof.Proof(number, tuple(path), signed(leaves), evidence))


def verify(text: str, row: bytes) -> proof.Verdict:
    return proof.verify_proof(text, log_vkey=VKEY, authority_keys=AUTHORITY_KEYS, row=row)


@given(st.integers(1, 600), st.integers(1, 40), st.data())
def test_a_row_proves_itself_with_no_database(size: int, count: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, size - 1))
    index = data.draw(st.integers(0, count - 1))
    rows = [bytes([at]) for at in range(count)]

    text = row_proof(size, number, rows, index)

    assert verify(text, rows[index]).answer is proof.Answer.VALID
    assert verify(text, b"another row").answer is proof.Answer.NOT_VALID
    assert proof.encode(proof.parse(text)) == text


def test_no_changed_character_is_accepted() -> None:
    text = row_proof(5, 2, EVENTS, 4)
    whole = proof.parse(text).row
    assert whole is not None

    for at, character in enumerate(text):
        for other in (chr(ord(character) ^ 1), "A", ""):
            changed = text[:at] + other + text[at + 1 :]
            verdict = verify(changed, EVENTS[4])
            if other != character and verdict.answer is proof.Answer.VALID:
                row = proof.parse(changed).row
                assert row is not None
                assert _without_place(row) == _without_place(whole)


def _without_place(row: proof.RowEvidence) -> tuple[object, ...]:
    return row.leaf, row.path, row.row_salt, row.rows_root, row.signature


def test_every_flipped_byte_of_the_evidence_is_noticed() -> None:
    good = proof.parse(row_proof(5, 2, EVENTS, 4))
    assert good.row is not None
    for name in ("leaf", "row_salt", "rows_root", "signature"):
        value = getattr(good.row, name)
        for at in range(len(value)):
            flipped = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            parts = {field: getattr(good.row, field) for field in good.row.__slots__}
            bad = proof.RowEvidence(**{**parts, name: flipped})
            text = proof.encode(proof.Proof(good.index, good.path, good.checkpoint, bad))
            assert verify(text, EVENTS[4]).answer is proof.Answer.NOT_VALID


def test_a_missing_key_is_never_shown_as_not_valid() -> None:
    text = row_proof(5, 2, EVENTS, 4)
    other = checkpoint.vkey("other.example.org", LOG.public_key().public_bytes_raw())

    no_authority = proof.verify_proof(text, log_vkey=VKEY, authority_keys=[], row=EVENTS[4])
    no_log = proof.verify_proof(text, log_vkey=other, authority_keys=AUTHORITY_KEYS, row=EVENTS[4])

    assert no_authority.answer is no_log.answer is proof.Answer.CANNOT_TELL


def test_a_chunk_the_authority_did_not_answer_for_is_not_valid() -> None:
    text = row_proof(5, 2, EVENTS, 4)
    stranger = LOG.public_key().public_bytes_raw()

    verdict = proof.verify_proof(text, log_vkey=VKEY, authority_keys=[stranger], row=EVENTS[4])

    assert verdict.answer is proof.Answer.NOT_VALID
    assert "earlier one" in verdict.reason


def test_a_public_leaf_proves_itself_without_an_extra_line() -> None:
    leaves = leaves_of(9, 3)
    path = tree.inclusion_proof(4, tree.leaf_hashes(leaves))
    text = proof.encode(proof.Proof(4, tuple(path), signed(leaves)))

    held = proof.verify_leaf_proof(text, log_vkey=VKEY, leaf=leaves[4])
    other = proof.verify_leaf_proof(text, log_vkey=VKEY, leaf=leaves[5])
    no_row = verify(text, EVENTS[0])
    broken = proof.verify_leaf_proof("", log_vkey=VKEY, leaf=leaves[4])

    assert held.answer is proof.Answer.VALID
    assert held.reason == "in the log example.org/log as leaf 4 of 9"
    assert other.answer is no_row.answer is broken.answer is proof.Answer.NOT_VALID


def test_witnesses_are_named() -> None:
    witness = checkpoint.vkey(
        "witness", WITNESS.public_key().public_bytes_raw(), kind=checkpoint.COSIGNATURE
    )
    text = checkpoint.cosign(
        row_proof(5, 2, EVENTS, 4).partition("\n\n")[2],
        name="witness",
        public_key=WITNESS.public_key().public_bytes_raw(),
        at=9,
        signer=WITNESS.sign,
    )
    head = row_proof(5, 2, EVENTS, 4).partition("\n\n")[0]

    verdict = proof.verify_proof(
        f"{head}\n\n{text}",
        log_vkey=VKEY,
        authority_keys=AUTHORITY_KEYS,
        row=EVENTS[4],
        witness_vkeys=[witness],
    )

    assert verdict.cosignatures == (checkpoint.Cosignature("witness", 9),)


def _extra(value: object) -> str:
    return base64.b64encode(dcbor.encode(value)).decode()


@pytest.mark.parametrize(
    "extra",
    [
        "?",
        "AB==",
        "gA==",
        _extra([]),
        _extra([2, b"", 0, 1, [], bytes(16), bytes(32), bytes(64)]),
        _extra([1, b"", 1, 1, [], bytes(16), bytes(32), bytes(64)]),
        _extra([1, b"", 0, 10_001, [], bytes(16), bytes(32), bytes(64)]),
        _extra([1, b"", 0, 1, [b""], bytes(16), bytes(32), bytes(64)]),
        _extra([1, b"", 0, 1, [], bytes(15), bytes(32), bytes(64)]),
        _extra([1, b"", 0, 1, [], bytes(16), bytes(31), bytes(64)]),
        _extra([1, b"", 0, 1, [], bytes(16), bytes(32), bytes(63)]),
        _extra([True, b"", 0, 1, [], bytes(16), bytes(32), bytes(64)]),
    ],
)
def test_an_extra_line_outside_the_format_is_malformed(extra: str) -> None:
    text = f"{proof.HEADER}\nextra {extra}\nindex 0\n\n{signed([b''])}"

    with pytest.raises(proof.MalformedProof, match="malformed proof"):
        proof.parse(text)


@pytest.mark.parametrize(
    "head",
    [
        "",
        proof.HEADER,
        "c2sp.org/tlog-proof@v2\nindex 0",
        f"{proof.HEADER}\nindex 00",
        f"{proof.HEADER}\nindex -1",
        f"{proof.HEADER}\nindex 0\nAAAA",
        f"{proof.HEADER}\r\nindex 0",
        f"{proof.HEADER}\nindex 0\nextra AAAA",
        f"{proof.HEADER}\nextra oA==",
        proof.HEADER + "\nindex 0" + "\n" + "\n".join(["A" * 43 + "="] * 65),
    ],
)
def test_a_head_outside_the_format_is_malformed(head: str) -> None:
    with pytest.raises(proof.MalformedProof, match="malformed proof"):
        proof.parse(f"{head}\n\n{signed([b''])}")


def test_a_long_text_is_refused_before_reading_it() -> None:
    with pytest.raises(proof.MalformedProof, match="longer than"):
        proof.parse("A" * (1 << 19))
