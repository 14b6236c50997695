"""The status list: packed as the draft says, and believed only for its own address and time."""

import base64
import json
import random
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.card import status_list
from despensa.domain.card.status_list import ListFault, Status, StatusList, StatusListError
from despensa.domain.encoding import cose
from tests.vectors import make_card_vectors as card

FOLDER = Path(__file__).parents[3] / "vectors" / "token-status-list"
PUBLIC = card.public(card.ISSUER)
SIGNED = {"public_key": PUBLIC, "signer": card.ISSUER.sign}
KEYS = {cose.key_id(PUBLIC): PUBLIC}
ADDRESS = "https://despensa.example/status/1"
TERMS = status_list.Terms(ADDRESS, 1_000, 2_000, 500)
LISTED = StatusList(1, bytes.fromhex("b9a3"))
FORMS = {
    "cwt": (status_list.sign_cwt, status_list.read_cwt),
    "jwt": (status_list.sign_jwt, status_list.read_jwt),
}


def signed(form, *, terms=TERMS, compressed=None, bits=1):
    made = status_list.compress(LISTED) if compressed is None else compressed
    return FORMS[form][0](made, bits=bits, terms=terms, **SIGNED)


def read(form, data, *, keys=KEYS, address=ADDRESS, now=1_500):
    return FORMS[form][1](data, keys=keys, address=address, now=now)


def test_the_published_cbor_form_is_reproduced():
    published = (FOLDER / "status_list_encoding_cbor.txt").read_text().split("encoded:")[1].strip()
    value = cbor2.loads(bytes.fromhex(published))

    assert status_list.to_cbor(status_list.compress(LISTED), bits=1) == value


def test_the_published_json_form_is_reproduced():
    published = (FOLDER / "status_list_encoding_json.txt").read_text().split("encoded:")[1]

    assert status_list.to_json(status_list.compress(LISTED), bits=1) == json.loads(published)


def test_places_are_those_of_the_published_example():
    # draft section 4.1: status 1 at 0, 3, 4, 5, 7, 8, 9, 13 and 15
    revoked = {0: 1, 3: 1, 4: 1, 5: 1, 7: 1, 8: 1, 9: 1, 13: 1, 15: 1}

    assert status_list.pack(16, revoked) == LISTED
    assert [place for place in range(16) if LISTED.status(place)] == sorted(revoked)


def test_two_bits_are_those_of_the_published_example():
    # draft section 4.1, the second example
    statuses = dict(enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]))

    assert status_list.pack(12, statuses, bits=2).packed.hex() == "c944f9"


@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_every_place_gives_what_was_put_there(bits, data):
    statuses = data.draw(st.dictionaries(st.integers(0, 99), st.integers(0, (1 << bits) - 1)))

    listed = status_list.pack(100, statuses, bits=bits)

    assert [listed.status(place) for place in range(100)] == [
        statuses.get(place, Status.VALID) for place in range(100)
    ]


@pytest.mark.parametrize("place", [-1, 16, 2**40])
def test_a_place_the_list_has_not_is_refused(place):
    with pytest.raises(StatusListError) as caught:
        LISTED.status(place)

    assert caught.value.fault is ListFault.OUT_OF_BOUNDS


@pytest.mark.parametrize(
    ("count", "statuses", "bits"),
    [(8, {8: 1}, 1), (8, {-1: 1}, 1), (8, {0: 2}, 1), (8, {0: -1}, 1), (8, {}, 3)],
)
def test_what_does_not_fit_is_not_packed(count, statuses, bits):
    with pytest.raises(StatusListError):
        status_list.pack(count, statuses, bits=bits)


@pytest.mark.parametrize("form", FORMS)
def test_a_signed_list_comes_back(form):
    assert read(form, signed(form)) == LISTED


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"keys": {}}, ListFault.UNKNOWN_KEY),
        ({"keys": {cose.key_id(PUBLIC): card.public(card.STRANGER)}}, ListFault.SIGNATURE),
        ({"address": ADDRESS + "0"}, ListFault.OTHER_ADDRESS),
        ({"now": 2_000}, ListFault.EXPIRED),
    ],
)
def test_a_list_that_must_not_be_believed_is_refused(form, changes, fault):
    with pytest.raises(StatusListError) as caught:
        read(form, signed(form), **changes)

    assert caught.value.fault is fault


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "compressed",
    [b"", b"no stream", status_list.compress(LISTED)[:-1], bytes(range(40))],
)
def test_a_broken_stream_is_refused(form, compressed):
    with pytest.raises(StatusListError) as caught:
        read(form, signed(form, compressed=compressed))

    assert caught.value.fault is ListFault.MALFORMED


@pytest.mark.parametrize("form", FORMS)
def test_a_flood_is_refused_before_it_is_unpacked(form, monkeypatch):
    monkeypatch.setattr(status_list, "PACKED_BYTES_MAX", 1_000)
    flood = status_list.compress(StatusList(1, bytes(1_000)))
    monkeypatch.setattr(status_list, "PACKED_BYTES_MAX", 999)

    with pytest.raises(StatusListError):
        read(form, signed(form, compressed=flood))


@pytest.mark.parametrize("form", FORMS)
def test_no_altered_list_is_believed(form):
    good = signed(form)
    generator = random.Random(9)

    for _ in range(300):
        raw = bytearray(good if isinstance(good, bytes) else good.encode())
        place = generator.randrange(len(raw))
        raw[place] = generator.choice(b"Aa0._-\x00\xff")
        altered = bytes(raw) if isinstance(good, bytes) else raw.decode("latin-1")
        if altered != good and not _says_the_same(altered, good):
            with pytest.raises(StatusListError):
                read(form, altered)


def _says_the_same(altered, good):
    # the last sign of a base64url signature has bits that stand for nothing
    return isinstance(good, str) and altered[:-1] == good[:-1]


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(data):
    for form, value in (("cwt", data), ("jwt", data.decode("latin-1"))):
        with pytest.raises(StatusListError):
            read(form, value)


def test_a_list_is_no_card_and_a_card_no_list():
    text = card.text_of(signed("cwt"))
    answer = card.envelope.CardError
    with pytest.raises(answer):
        card.envelope.decode(text, issuer_keys=KEYS, now=card.NOW)

    with pytest.raises(StatusListError):
        read("cwt", card.signed_claims())


def test_the_key_id_is_the_one_of_the_key_set():
    header = json.loads(base64.urlsafe_b64decode(signed("jwt").split(".")[0] + "=="))

    assert header["alg"] == "EdDSA"
    assert base64.urlsafe_b64decode(header["kid"] + "=") == cose.key_id(PUBLIC)
