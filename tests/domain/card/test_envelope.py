"""The envelope: our text and nothing but our text, whatever is done to it."""

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.card import base45, claims, deflate, envelope
from despensa.domain.card.claims import ClaimsError, EntitlementCard, IdentityCard
from despensa.domain.card.envelope import CardError, Fault
from despensa.domain.card.verify import Verdict, verify, verify_all
from despensa.domain.encoding import cose
from tests.vectors import make_card_vectors as card

PUBLIC = card.public(card.ISSUER)
KEYS = {cose.key_id(PUBLIC): PUBLIC}
SIGNED = {"public_key": PUBLIC, "signer": card.ISSUER.sign}
TEXT = envelope.encode_entitlement_card(card.ENTITLEMENT, **SIGNED)


@given(st.binary(max_size=400))
def test_deflate_is_read_by_zlib(data):
    stream = deflate.deflate(data)

    assert zlib.decompress(stream) == data == deflate.inflate(stream)
    assert stream[:2] == b"\x78\x01"
    # last block and fixed Huffman codes: never the stored block some readers fail on
    assert stream[2] & 0b111 == 0b011


@given(st.binary(max_size=400))
def test_base45_returns_its_bytes(data):
    assert base45.decode(base45.encode(data)) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=60))
def test_bytes_have_one_base45_text(text):
    try:
        data = base45.decode(text)
    except base45.Base45Error:
        return
    assert base45.encode(data) == text


def test_the_token_has_the_published_sizes():
    # docs/reference/formats.md section 1: payload 53 bytes, token 138 bytes
    signed = envelope.open_text(TEXT)

    assert len(cose.parse(signed).payload) == 53
    assert len(signed) == 138
    assert 219 <= len(TEXT) <= 234


def test_a_card_comes_back_with_its_facts():
    decoded = envelope.decode(TEXT, issuer_keys=KEYS, now=card.NOW)

    assert decoded == envelope.DecodedCard(
        card.ENTITLEMENT, cose.key_id(PUBLIC), expired=False, not_yet_valid=False
    )


def test_a_batch_is_its_cards_in_order():
    cards = [card.ENTITLEMENT, card.IDENTITY]

    texts = envelope.encode_cards(cards, **SIGNED)
    answers = verify_all(texts, issuer_keys=KEYS, now=card.NOW)

    assert [answer.card for answer in answers] == cards


def test_without_the_key_nothing_can_be_told():
    answer = verify(TEXT, issuer_keys={}, now=card.NOW)

    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.fault is Fault.UNKNOWN_KEY
    assert answer.card is None


def mutated(text, generator):
    characters = list(text)
    kind = generator.randrange(4)
    place = generator.randrange(len(characters))
    if kind == 0:
        characters[place] = generator.choice(base45.ALPHABET)
    elif kind == 1:
        del characters[place : place + generator.randrange(1, 6)]
    elif kind == 2:
        characters.insert(place, generator.choice(base45.ALPHABET))
    else:
        other = generator.randrange(len(characters))
        characters[place], characters[other] = characters[other], characters[place]
    return "".join(characters)


def test_no_mutated_text_is_accepted():
    generator = random.Random(169)

    for _ in range(4_000):
        text = mutated(TEXT, generator)
        if text != TEXT:
            assert verify(text, issuer_keys=KEYS, now=card.NOW).verdict is not Verdict.GENUINE


def test_no_flipped_bit_of_the_signed_bytes_is_accepted():
    signed = envelope.open_text(TEXT)

    for place in range(len(signed) * 8):
        flipped = bytearray(signed)
        flipped[place // 8] ^= 1 << place % 8
        answer = verify(card.text_of(bytes(flipped)), issuer_keys=KEYS, now=card.NOW)
        assert answer.verdict is not Verdict.GENUINE


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=400), st.binary(max_size=300).map(card.text_of)))
def test_any_text_gets_an_answer(text):
    assert verify(text, issuer_keys=KEYS, now=card.NOW).verdict is Verdict.NOT_GENUINE


def test_the_secret_is_not_in_the_repr():
    assert "secret" not in repr(card.ENTITLEMENT)
    assert card.IDENTITY.full_name not in repr(card.IDENTITY)


def test_an_error_carries_its_fault():
    with pytest.raises(CardError) as caught:
        envelope.decode("", issuer_keys=KEYS, now=card.NOW)

    assert caught.value.fault is Fault.TEXT


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "C7Q488KD2A"},
        {"number": "C7Q4-88KD-2T"},
        {"issued_at": card.ISSUED_AT + 3_600},
        {"issued_at": -86_400},
        {"expires_at": card.ISSUED_AT},
        {"expires_at": 2**32},
        {"expires_at": True},
        {"epoch": -1},
        {"epoch": 65_536},
        {"secret": bytes(15)},
        {"secret": "0" * 16},
    ],
)
def test_an_entitlement_card_outside_the_format_is_not_made(changes):
    fields = {
        "number": card.ENTITLEMENT.number,
        "issued_at": card.ISSUED_AT,
        "expires_at": card.EXPIRES_AT,
        "epoch": 10,
        "secret": bytes(16),
    }
    EntitlementCard(**fields)

    with pytest.raises(ClaimsError):
        EntitlementCard(**fields | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": ""},
        {"full_name": None},
        {"full_name": "x" * 201},
        {"full_name": "Jose\u0301"},
        {"birth_date": "1975-04-04"},
        {"birth_date": "19750431"},
        {"gender": 4},
        {"gender": True},
        {"language": "es"},
        {"second_full_name": "أمينة"},
        {"second_language": "ara"},
        {"country_of_issuance": "ven"},
        {"status_index": -1},
        {"status_uri": ""},
    ],
)
def test_an_identity_card_outside_the_format_is_not_made(changes):
    fields = {
        "number": card.IDENTITY.number,
        "issued_at": card.ISSUED_AT,
        "expires_at": card.EXPIRES_AT,
        "full_name": "Amina Haddad",
        "status_index": 1,
        "status_uri": "https://despensa.example/status/1",
    }
    IdentityCard(**fields)

    with pytest.raises(ClaimsError):
        IdentityCard(**fields | changes)


@given(st.integers(0, 2**32 - 1))
def test_a_batch_is_never_issued_in_the_future(now):
    start = claims.batch_day_start(now)

    assert start % 86_400 == 0
    assert start <= now < start + 86_400
