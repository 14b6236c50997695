import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import journal, sealed_row, tree

ID = bytes(range(16))
SALT = b"\x07" * 32
ACCESS = journal.Access((ID, ID[::-1]), 2, (1, "phone"), ID)
CHANGE = journal.Content(ID, 1, 5, ID, "import", None, 3, tree.leaf_hash(b""))
LOOK = journal.Content(ID, 2, 5, ID, "read", None, 0, tree.EMPTY_ROOT, ACCESS)

rows = st.builds(
    journal.Row,
    table=st.integers(0, 65_535),
    op=st.integers(1, 3),
    key=st.binary(max_size=300),
    seal=st.integers(0, 3),
    body=st.binary(max_size=300),
)


@given(rows)
def test_the_fast_row_encoding_is_the_deterministic_one(row: journal.Row) -> None:
    (data,) = journal.encode_rows([row])

    assert data == dcbor.encode([row.table, row.op, row.key, row.seal, row.body])
    assert journal.parse_row(data) == row


def test_a_long_row_is_encoded_as_well() -> None:
    row = journal.Row(1, 1, b"", 0, bytes(70_000))

    assert journal.parse_row(journal.encode_rows([row])[0]) == row


@pytest.mark.parametrize("row", [(65_536, 1, 0), (-1, 1, 0), (1, 0, 0), (1, 4, 0), (1, 1, 4)])
def test_rows_outside_the_format_are_refused(row: tuple[int, int, int]) -> None:
    table, op, seal = row

    with pytest.raises(journal.MalformedContent):
        journal.encode_rows([journal.Row(table, op, b"", seal, b"")])
    with pytest.raises(journal.MalformedContent):
        journal.parse_row(dcbor.encode([table, op, b"", seal, b""]))


@pytest.mark.parametrize("data", [b"", b"\x80", dcbor.encode([1, 1, "", 0, b""]), b"\x01"])
def test_bytes_that_are_no_row_are_refused(data: bytes) -> None:
    with pytest.raises(journal.MalformedContent):
        journal.parse_row(data)


@pytest.mark.parametrize("content", [CHANGE, LOOK, replace(LOOK, actor=None)])
def test_content_gives_itself_back(content: journal.Content) -> None:
    assert journal.parse_content(journal.encode_content(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        replace(CHANGE, entry=b"short"),
        replace(CHANGE, actor=b""),
        replace(CHANGE, database=3),
        replace(CHANGE, at=-1),
        replace(CHANGE, action=""),
        replace(CHANGE, action="read"),
        replace(CHANGE, row_count=10_001),
        replace(CHANGE, row_count=0),
        replace(CHANGE, rows_root=tree.EMPTY_ROOT),
        replace(CHANGE, rows_root=b""),
        replace(LOOK, action="look"),
        replace(LOOK, access=replace(ACCESS, case=b"short")),
        replace(LOOK, access=replace(ACCESS, persons=(b"short",))),
        replace(LOOK, access=replace(ACCESS, purpose=-1)),
    ],
)
def test_content_outside_the_format_is_refused(content: journal.Content) -> None:
    with pytest.raises(journal.MalformedContent):
        journal.encode_content(content)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (0, 2),
        (1, "text"),
        (2, True),
        (3, None),
        (5, b"import"),
        (7, None),
        (9, []),
        (9, [b"", 1, [], None]),
        (9, [[], "x", [], None]),
        (9, [[1], 1, [], None]),
        (9, [[], 1, [b""], None]),
        (10, 0),
    ],
)
def test_fields_of_another_type_are_refused(key: int, value: object) -> None:
    fields = dcbor.decode(journal.encode_content(LOOK))
    fields[key] = value

    with pytest.raises(journal.MalformedContent):
        journal.parse_content(dcbor.encode(fields))


def test_a_missing_field_is_refused() -> None:
    fields = dcbor.decode(journal.encode_content(CHANGE))
    for key in range(9):
        with pytest.raises(journal.MalformedContent):
            journal.parse_content(dcbor.encode({k: v for k, v in fields.items() if k != key}))


@given(st.binary(min_size=32, max_size=32), st.integers(0, 20))
def test_the_fast_row_salts_are_hmacs(salt: bytes, count: int) -> None:
    expected = [
        hmac.digest(salt, b"despensa/row-salt/1" + index.to_bytes(4, "big"), "sha256")[:16]
        for index in range(count)
    ]

    assert journal.row_salts(salt, count) == expected


def test_a_row_salt_does_not_depend_on_the_chunk() -> None:
    assert journal.row_salts(SALT, 3) == journal.row_salts(SALT, 5)[:3]
    assert len(set(journal.row_salts(SALT, 5))) == 5
    with pytest.raises(ValueError, match="32 bytes"):
        journal.row_salts(b"", 1)


def test_each_row_has_a_proof_under_the_rows_root() -> None:
    data = [bytes([number]) * number for number in range(9)]
    hashes = journal.row_hashes(SALT, data)
    root = journal.rows_root(SALT, data)

    for index, salt in enumerate(journal.row_salts(SALT, 9)):
        path = tree.inclusion_proof(index, hashes)
        own = tree.leaf_hash(salt + data[index])
        assert tree.verify_inclusion(index, 9, own, path, root)


def test_chunks_hold_at_most_ten_thousand_rows() -> None:
    lengths = [len(chunk) for chunk in journal.chunks(bytes(1) for _ in range(25_000))]

    assert lengths == [10_000, 10_000, 5_000]
    assert list(journal.chunks([])) == []
    with pytest.raises(ValueError, match="at most 10000 rows"):
        journal.rows_root(SALT, [b""] * 10_001)


def test_what_is_stored_gives_itself_back() -> None:
    stored = journal.Stored(b"content", (b"1", b"2"), (journal.ChunkKey(2, ID, b"sealed"),))

    assert journal.parse_stored(journal.encode_stored(stored)) == stored
    for value in ([], [b"", [], [[1]]], [1, [], []], [b"", [1], []], [b"", [], [["a", b"", b""]]]):
        with pytest.raises(journal.MalformedContent):
            journal.parse_stored(dcbor.encode(value))


@pytest.mark.parametrize("count", [0, 23, 24, 255, 256, 10_000])
def test_what_is_stored_is_deterministic_cbor(count: int) -> None:
    rows = (
        tuple(bytes(length) for length in (0, 23, 24, 255, 256, 65_536)[:count]) + (b"r",) * count
    )

    stored = journal.encode_stored(journal.Stored(b"c" * 300, rows, ()))

    assert stored == dcbor.encode([b"c" * 300, list(rows), []])


def test_sealed_rows_open_only_at_their_place_with_their_key() -> None:
    key, other = b"\x01" * 32, b"\x02" * 32
    person = sealed_row.seal_under_person(
        b"values", person_key=key, nonce=bytes(12), entry=ID, index=4
    )
    chunk = sealed_row.seal_under_chunk(b"values", chunk_key=key, entry=ID, index=4)

    assert sealed_row.open_under_person(person, person_key=key, entry=ID, index=4) == b"values"
    assert sealed_row.open_under_chunk(chunk, chunk_key=key, entry=ID, index=4) == b"values"
    for wrong in ((other, ID, 4), (key, ID[::-1], 4), (key, ID, 5)):
        with pytest.raises(sealed_row.SealBroken):
            sealed_row.open_under_person(
                person, person_key=wrong[0], entry=wrong[1], index=wrong[2]
            )
        with pytest.raises(sealed_row.SealBroken):
            sealed_row.open_under_chunk(chunk, chunk_key=wrong[0], entry=wrong[1], index=wrong[2])
    for cut in range(len(person)):
        with pytest.raises(sealed_row.SealBroken):
            sealed_row.open_under_person(person[:cut], person_key=key, entry=ID, index=4)


def test_a_sealed_fact_opens_only_in_its_row() -> None:
    key = b"\x01" * 32
    sealed = sealed_row.seal_fact(b"v", fact_key=key, fact_key_id=1, nonce=bytes(12), row=ID)

    assert sealed_row.open_fact(sealed, fact_key=key, fact_key_id=1, row=ID) == b"v"
    with pytest.raises(sealed_row.SealBroken):
        sealed_row.open_fact(sealed, fact_key=key, fact_key_id=2, row=ID)
    with pytest.raises(sealed_row.SealBroken):
        sealed_row.open_fact(sealed, fact_key=key, fact_key_id=1, row=ID[::-1])
    for seal in (
        lambda: sealed_row.seal_fact(b"", fact_key=key, fact_key_id=1, nonce=b"", row=ID),
        lambda: sealed_row.seal_under_person(b"", person_key=key, nonce=b"", entry=ID, index=0),
    ):
        with pytest.raises(ValueError, match="12 bytes"):
            seal()
