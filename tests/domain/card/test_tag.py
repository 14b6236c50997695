"""The chain: forward only, and no identifier of another length slips in."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.card import tag

SECRET = bytes(range(16))
PLACE = {"programme": bytes(16), "cycle": bytes(range(16))}


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_chain_may_be_walked_in_parts(start, part, rest):
    whole = tag.walk(tag.Link(start, SECRET), start + part + rest)

    assert tag.walk(tag.walk(tag.Link(start, SECRET), start + part), start + part + rest) == whole


def test_tags_of_many_cards_are_those_of_each():
    links = [tag.Link(epoch, bytes([epoch]) * 16) for epoch in range(20)]

    made = tag.tags(links, cycle_epoch=12, **PLACE)

    for link, stepped in zip(links, made, strict=True):
        step = max(12, link.epoch)
        assert stepped == tag.SteppedTag(step, tag.tag16(tag.walk(link, step).key, **PLACE))


def test_lookups_of_many_numbers_are_those_of_each():
    numbers = ["C7Q488KD2T", "7H2M9RTWX9"]

    assert tag.number_lookups(bytes(32), numbers) == [
        tag.number_lookup8(bytes(32), number) for number in numbers
    ]


@pytest.mark.parametrize(("epoch", "key"), [(-1, SECRET), (0, b""), (0, bytes(31))])
def test_what_is_no_link_is_refused(epoch, key):
    with pytest.raises(tag.ChainError):
        tag.Link(epoch, key)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_identifiers_have_one_length(length):
    with pytest.raises(ValueError, match="16 bytes"):
        tag.tag16(SECRET, programme=bytes(length), cycle=bytes(16))
    with pytest.raises(ValueError, match="16 bytes"):
        tag.commitment32(bytes(16), nonce=bytes(length))


def test_secrets_have_one_length():
    with pytest.raises(ValueError, match="32 bytes"):
        tag.account16(SECRET, household=bytes(16), programme=bytes(16))
    with pytest.raises(ValueError, match="32 bytes"):
        tag.number_lookup8(SECRET, "C7Q488KD2T")


def test_a_key_is_not_in_the_repr():
    assert SECRET.hex() not in repr(tag.Link(0, SECRET))
    assert "key" not in repr(tag.Link(0, SECRET))


@given(key=st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32))
def test_a_step_is_hmac_sha_256(key):
    expected = hmac.digest(key, b"despensa/next/1", "sha256")

    assert tag.walk(tag.Link(3, key), 4).key == expected
