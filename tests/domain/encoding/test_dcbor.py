import unicodedata
from collections.abc import Mapping

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.encoding import dcbor

TEXTS = st.text(max_size=8).map(lambda text: unicodedata.normalize("NFC", text))
LEAVES = (
    st.integers(-(2**63), 2**64 - 1)
    | st.binary(max_size=20)
    | TEXTS.filter(lambda text: text.isprintable())
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(sorted(dcbor.INTEGER_KEYS)), inner, max_size=4)
        | st.dictionaries(TEXTS.filter(str.isprintable), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_encoded_is_decoded(value):
    assert dcbor.decode(dcbor.encode(value)) == value


@settings(max_examples=1000)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_the_one_encoding_of_a_value_or_refused(data):
    try:
        value = dcbor.decode(data)
    except dcbor.EncodingError:
        return

    assert dcbor.encode(value) == data


@settings(max_examples=1000)
@given(VALUES, st.data())
def test_changed_bytes_are_the_one_encoding_of_a_value_or_refused(value, data):
    encoded = bytearray(dcbor.encode(value))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    try:
        read = dcbor.decode(bytes(encoded))
    except dcbor.EncodingError:
        return

    assert dcbor.encode(read) == bytes(encoded)


@pytest.mark.parametrize("value", [1.0, float("nan"), 1.5, -0.0])
def test_floats_have_no_place(value):
    with pytest.raises(dcbor.EncodingError, match="float has no place"):
        dcbor.encode({0: value})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (2**64, "out of range"),
        (-(2**63) - 1, "out of range"),
        ("e\u0301", "NFC"),
        ("\ud800", "surrogate"),
        ({"\ud800": 1}, "surrogate"),
        ({"e\u0301": 1}, "NFC"),
        ({True: 1}, "keys are integers or text"),
        ({b"a": 1}, "keys are integers or text"),
        ({1.0: 1}, "keys are integers or text"),
        ({None: 1}, "keys are integers or text"),
        ({1: 1, "a": 1}, "all integers or all text"),
        ({24: 1}, "no key of our formats"),
        ({-1: 1}, "no key of our formats"),
        (cbor2.CBORTag(17, []), "CBORTag has no place"),
        (cbor2.undefined, "no place"),
        (cbor2.CBORSimpleValue(99), "no place"),
        ({1, 2}, "set has no place"),
        (bytearray(b"a"), "bytearray has no place"),
        pytest.param(object(), "object has no place", id="object"),
    ],
    ids=repr,
)
def test_a_value_outside_the_profile_is_refused(value, complaint):
    with pytest.raises(dcbor.EncodingError, match=complaint):
        dcbor.encode(value)


def test_an_enumeration_is_no_integer_unless_it_is_made_one():
    # IntEnum members encode alike in Python and would be read back as integers: equal, but a
    # writer that relies on it hides which number is frozen.
    from despensa.domain.sealing import Column

    with pytest.raises(dcbor.EncodingError):
        dcbor.encode([Column.FULL_NAME])


def test_depth_is_limited_both_ways():
    value = 0
    for _ in range(dcbor.DEPTH_MAX):
        value = [value]

    assert dcbor.decode(dcbor.encode(value)) == value
    with pytest.raises(dcbor.EncodingError, match="nested too deep"):
        dcbor.encode([value])
    with pytest.raises(dcbor.EncodingError):
        dcbor.decode(b"\x81" + dcbor.encode(value))


def test_a_list_that_holds_itself_is_nested_too_deep():
    value = []
    value.append(value)

    with pytest.raises(dcbor.EncodingError, match="nested too deep"):
        dcbor.encode(value)


def test_shared_values_are_refused_before_they_are_unfolded():
    """Four levels of two hundred references stand for more than a thousand million values."""
    width = 200
    items = [b"\xd8\x1c\x98" + bytes([width]) + b"\x00" * width]
    items += [
        b"\xd8\x1c\x98" + bytes([width]) + (b"\xd8\x1d" + bytes([level])) * width
        for level in range(3)
    ]
    data = bytes([0x80 + len(items)]) + b"".join(items)

    with pytest.raises(dcbor.EncodingError):
        dcbor.decode(data)


@pytest.mark.parametrize(
    "tag", [0, 1, 2, 3, 4, 5, 17, 25, 28, 29, 30, 35, 36, 37, 61, 100, 256, 258, 260, 55799]
)
def test_only_tag_18_is_known(tag):
    for content in (b"\x00", b"\x80", b"\x61a", b"\x41a", b"\xa0"):
        head = bytes([0xC0 + tag]) if tag < 24 else b"\xd9" + tag.to_bytes(2, "big")
        with pytest.raises(dcbor.EncodingError):
            dcbor.decode(head + content)


def test_maps_inside_the_tag_come_back_as_maps():
    value = cbor2.CBORTag(18, [b"", {-65537: b"certificate"}, {0: {"a": 1}}])

    read = dcbor.decode(dcbor.encode(value))

    assert isinstance(read.value[1], Mapping)
    assert dict(read.value[1]) == {-65537: b"certificate"}
    assert dcbor.encode(read) == dcbor.encode(value)


def test_data_above_the_limit_are_not_looked_at():
    with pytest.raises(dcbor.EncodingError, match="longer than 3 bytes"):
        dcbor.decode(b"\x43abc", bytes_max=3)

    assert dcbor.decode(b"\x43abc", bytes_max=4) == b"abc"


def test_a_map_has_only_allowed_keys():
    allowed = frozenset({0, 1})

    assert dcbor.decode_map(b"\xa1\x00\x01", allowed=allowed) == {0: 1}
    with pytest.raises(dcbor.EncodingError, match="unknown key 2"):
        dcbor.decode_map(b"\xa1\x02\x01", allowed=allowed)
    with pytest.raises(dcbor.EncodingError, match="unknown key 'a'"):
        dcbor.decode_map(b"\xa1\x61a\x01", allowed=allowed)
    with pytest.raises(dcbor.EncodingError, match="not a map"):
        dcbor.decode_map(b"\x80", allowed=allowed)


@pytest.mark.parametrize("data", ["a20102f503", "a1f502", "a2010201f5", "a2f501f502"])
def test_a_boolean_key_is_never_taken_for_a_number(data):
    with pytest.raises(dcbor.EncodingError):
        dcbor.decode_map(bytes.fromhex(data), allowed=frozenset({0, 1}))


def test_both_key_orders_agree_on_every_allowed_key():
    keys = dcbor.INTEGER_KEYS
    encoded = {key: cbor2.dumps(key) for key in keys}

    bytewise = sorted(keys, key=lambda key: encoded[key])
    length_first = sorted(keys, key=lambda key: (len(encoded[key]), encoded[key]))

    assert bytewise == length_first


@given(st.sets(TEXTS.filter(str.isprintable), max_size=8))
def test_both_key_orders_agree_on_text(keys):
    encoded = [cbor2.dumps(key) for key in keys]

    assert sorted(encoded) == sorted(encoded, key=lambda key: (len(key), key))
