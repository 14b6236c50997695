import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import leaf

ENTRY = bytes(range(16))


@given(st.binary(max_size=500), st.binary(min_size=32, max_size=32))
def test_a_private_leaf_always_has_the_same_length(content: bytes, salt: bytes) -> None:
    data = leaf.private_leaf(content, salt)

    assert len(data) == 33
    assert leaf.parse_leaf(data) == leaf.PrivateLeaf(leaf.commitment(content, salt))


@given(st.integers(0, 2**32), st.integers(0, 2**40), st.binary(max_size=500))
def test_a_public_leaf_gives_its_body_back(kind: int, at: int, body: bytes) -> None:
    parsed = leaf.parse_leaf(leaf.public_leaf(entry=ENTRY, kind=kind, at=at, body=body))

    assert isinstance(parsed, leaf.PublicLeaf)
    assert (parsed.entry, parsed.kind, parsed.at, parsed.body) == (ENTRY, kind, at, body)


def test_a_body_above_the_limit_is_named_by_hash_and_length() -> None:
    longest = leaf.parse_leaf(leaf.public_leaf(entry=ENTRY, kind=1, at=0, body=bytes(60_000)))
    longer = leaf.parse_leaf(leaf.public_leaf(entry=ENTRY, kind=1, at=0, body=bytes(60_001)))

    assert isinstance(longest, leaf.PublicLeaf)
    assert isinstance(longer, leaf.PublicLeaf)
    assert longest.body == bytes(60_000)
    assert (longer.body, longer.body_length) == (None, 60_001)


def test_arguments_outside_the_format_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        leaf.private_leaves([(b"", b"")])
    with pytest.raises(ValueError, match="16 bytes"):
        leaf.public_leaf(entry=b"", kind=1, at=0, body=b"")
    with pytest.raises(dcbor.EncodingError):
        leaf.public_leaf(entry=ENTRY, kind=1, at=-1, body=b"")


@pytest.mark.parametrize(
    "fields",
    [
        {0: 1, 1: ENTRY[:15], 2: 1, 3: 0, 4: b""},
        {0: 1, 1: ENTRY, 2: True, 3: 0, 4: b""},
        {0: 1, 1: ENTRY, 2: 1, 4: b""},
        {0: 1, 1: ENTRY, 2: 1, 3: 0},
        {0: 1, 1: ENTRY, 2: 1, 3: 0, 4: "text"},
        {0: 1, 1: ENTRY, 2: 1, 3: 0, 4: bytes(60_001)},
        {0: 1, 1: ENTRY, 2: 1, 3: 0, 5: [bytes(31), 60_001]},
        {0: 1, 1: ENTRY, 2: 1, 3: 0, 5: [bytes(32)]},
    ],
)
def test_fields_outside_the_format_are_refused(fields: dict[int, object]) -> None:
    with pytest.raises(leaf.MalformedLeaf):
        leaf.parse_leaf(b"\x01" + dcbor.encode(fields))
