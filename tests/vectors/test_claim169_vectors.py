"""The published Claim 169 vectors, and our cards read by an independent program."""

import json

import claim169
import pytest

from despensa.domain.card import envelope
from despensa.domain.card.envelope import Fault
from despensa.domain.card.foreign import named_claims, read_token
from despensa.domain.card.issuer_key import parse_issuer_keys
from despensa.domain.card.verify import Verdict, verify
from tests.vectors import make_card_vectors as card

FOLDER = card.FOLDER.parent / "claim169"
NOW = 1_750_000_000


def vectors(kind):
    found = [json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / kind).glob("*.json"))]
    assert found
    return found


def keys_of(vector):
    key = vector.get("signing_key")
    return parse_issuer_keys(key["public_key_hex"]) if key else ()


@pytest.mark.parametrize("vector", vectors("valid") + vectors("edge"), ids=lambda v: v["name"])
def test_every_published_token_is_read(vector):
    reading = read_token(vector["qr_data"], keys=keys_of(vector), now=NOW)
    identity = named_claims(reading.claims)["identity"]
    expected = vector["expected_claim169"]

    for biometric in identity.get("face", []):
        # the published base64 of the face is not that of the token's bytes (SOURCE.md)
        biometric["data"] = expected["face"][0]["data"]
    assert identity == expected
    assert reading.verdict is (Verdict.GENUINE if keys_of(vector) else Verdict.CANNOT_TELL)
    assert reading.expired == (vector["expected_cwt_meta"]["expiresAt"] <= NOW)


def test_the_face_is_read_as_another_program_reads_it():
    vector = next(vector for vector in vectors("valid") if vector["name"] == "with-face")
    theirs = claim169.decode(vector["qr_data"], allow_unverified=True, validate_timestamps=False)

    ours = read_token(vector["qr_data"], keys=(), now=NOW)

    assert ours.claims[169][62][0][0] == theirs.claim169.face[0].data


@pytest.mark.parametrize("vector", vectors("invalid"), ids=lambda vector: vector["name"])
def test_what_is_wrong_is_named(vector):
    faults = {"Base45Decode": Fault.TEXT, "Claim169NotFound": Fault.NO_CLAIM}

    reading = read_token(vector["qr_data"], keys=(), now=NOW)

    assert reading.verdict is Verdict.NOT_GENUINE
    assert reading.fault is faults[vector["expected_error"]]


@pytest.mark.parametrize("vector", vectors("valid"), ids=lambda vector: vector["name"])
def test_the_strict_reader_takes_none_of_them_for_a_card(vector):
    answer = verify(vector["qr_data"], issuer_keys={}, now=NOW)

    assert answer.verdict is not Verdict.GENUINE


def encoded(made):
    encode = {
        card.EntitlementCard: envelope.encode_entitlement_card,
        card.IdentityCard: envelope.encode_identity_card,
    }[type(made)]
    return encode(made, public_key=card.public(card.ISSUER), signer=card.ISSUER.sign)


def test_our_entitlement_card_is_a_claim_169_token_to_others():
    theirs = claim169.decode(
        encoded(card.ENTITLEMENT),
        verify_with_ed25519=card.public(card.ISSUER),
        validate_timestamps=False,
    )

    assert theirs.claim169.id == card.ENTITLEMENT.number
    assert theirs.claim169.full_name is None
    assert theirs.verification_status == "verified"
    assert theirs.cwt_meta.expires_at == card.EXPIRES_AT


def test_our_identity_card_is_a_claim_169_token_to_others():
    theirs = claim169.decode(
        encoded(card.IDENTITY),
        verify_with_ed25519=card.public(card.ISSUER),
        validate_timestamps=False,
    )

    assert theirs.claim169.full_name == card.IDENTITY.full_name
    assert theirs.claim169.secondary_full_name == card.IDENTITY.second_full_name
    assert theirs.claim169.date_of_birth == card.IDENTITY.birth_date


def test_others_find_an_altered_card_of_ours_false():
    case = next(
        case
        for case in json.loads((card.FOLDER / "token.json").read_text("utf-8"))["cases"]
        if case["name"] == "altered"
    )

    with pytest.raises(claim169.SignatureError):
        claim169.decode(
            case["text"],
            verify_with_ed25519=card.public(card.ISSUER),
            validate_timestamps=False,
        )
