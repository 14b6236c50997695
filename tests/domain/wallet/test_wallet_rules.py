"""Offers, credentials and lists without a database: what is said, and what is left to nobody."""

import random

import pytest
from cryptography.exceptions import InvalidSignature

from despensa.domain.card.claims import IdentityCard
from despensa.domain.encoding import base64url, p256
from despensa.domain.identifier import check_character
from despensa.domain.wallet import credential, offer, publication

KEY = p256.private_key(bytes(range(32)))
CARD = IdentityCard(
    number="23456789A" + check_character("23456789A"),
    issued_at=86_400,
    expires_at=172_800,
    full_name="نور حداد",
    status_index=7,
    status_uri="https://despensa.example/status/1",
)


@pytest.fixture
def drawn():
    return random.Random(1).randbytes


def test_what_is_not_known_is_not_said_and_not_counted(drawn):
    text = credential.sign(
        CARD,
        issuer="https://despensa.example",
        holder=p256.public_jwk(p256.public_bytes(KEY)),
        random=drawn,
        public_key=p256.public_bytes(KEY),
        signer=p256.signer(KEY),
    )

    assert credential.card_claims(CARD) == {"card_number": CARD.number, "name": CARD.full_name}
    assert text.count("~") == 3
    head, body, mark = text.split("~")[0].split(".")
    p256.verify(p256.public_bytes(KEY), base64url.decode(mark), f"{head}.{body}".encode())
    assert CARD.full_name.encode() not in base64url.decode(body)
    with pytest.raises(InvalidSignature):
        p256.verify(p256.public_bytes(KEY), base64url.decode(mark), f"{head}.{body}x".encode())


def test_digits_without_their_code_are_worth_nothing(drawn):
    codes = offer.new_codes(drawn)
    kept = offer.typed_hash(codes)

    assert offer.is_typed(codes, kept)
    assert not offer.is_typed(offer.Codes(offer.new_secret(drawn), codes.typed), kept)
    assert all(len(offer.new_codes(drawn).typed) == offer.TYPED_LENGTH for _ in range(50))


def test_the_first_list_holds_a_week_and_is_signed_when_a_place_ends():
    due = publication.is_due

    assert due(issued_at=None, told=0, ended=0, now=10)
    assert not due(issued_at=10, told=3, ended=3, now=11)
    assert due(issued_at=10, told=3, ended=4, now=11)
    assert due(issued_at=10, told=3, ended=3, now=10 + publication.RENEW_SECONDS)


@pytest.mark.parametrize("text", ["a", "AA=", "A+", "AB", "A A"])
def test_one_writing_of_bytes_and_no_other(text):
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
