"""
The identity card as a wallet holds it: what the card says, each field for itself, and nothing else.

Decides which claims exist, which of them the holder may keep back (every field of the card), and
how they are signed. Nothing in it lets the issuer learn where it is shown.
Source: RFC 9901 (SD-JWT); draft-ietf-oauth-sd-jwt-vc section 3.2; docs/reference/formats.md.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from despensa.domain.card.claims import IdentityCard
from despensa.domain.encoding import base64url, cose, p256

CONFIGURATION = "identity_card"
FORMAT = "dc+sd-jwt"
TYPE_PATH = "/wallet/identity-card/1"
# claims that may be kept back: one for each field an identity card may carry
CLAIMS = (
    "card_number", "version", "language", "name", "birthdate", "gender", "second_name",
    "second_language", "issuing_country",
)  # fmt: skip
_GENDERS = {1: "male", 2: "female", 3: "other"}
_SALT_LENGTH = 16


def card_claims(card: IdentityCard) -> dict[str, str]:
    """Return what a card says, by claim, without what it leaves open."""
    birth = card.birth_date
    values = (
        card.number, card.version, card.language, card.full_name,
        None if birth is None else f"{birth[:4]}-{birth[4:6]}-{birth[6:]}",
        None if card.gender is None else _GENDERS[card.gender],
        card.second_full_name, card.second_language, card.country_of_issuance,
    )  # fmt: skip
    return {name: value for name, value in zip(CLAIMS, values, strict=True) if value is not None}


def sign(
    card: IdentityCard,
    *,
    issuer: str,
    holder: Mapping[str, str],
    random: Callable[[int], bytes],
    public_key: bytes,
    signer: cose.Signer,
) -> str:
    """
    Return the credential: signed part, then a disclosure of each field.

    Holds: as many digests as there are possible fields, so that their number says nothing of what
        is not known about somebody; `holder` is the public key of the phone, a JSON Web Key.
    Source: RFC 9901 sections 4.2.1, 4.2.3 and 4.2.5 (decoy digests).
    """
    disclosures = [
        _part([base64url.encode(random(_SALT_LENGTH)), name, value])
        for name, value in card_claims(card).items()
    ]
    digests = [_digest(one.encode()) for one in disclosures]
    digests += [_digest(random(32)) for _ in range(len(CLAIMS) - len(digests))]
    payload = {
        "iss": issuer,
        "vct": issuer + TYPE_PATH,
        "iat": card.issued_at,
        "exp": card.expires_at,
        "cnf": {"jwk": dict(holder)},
        "status": {"status_list": {"idx": card.status_index, "uri": card.status_uri}},
        "_sd_alg": "sha-256",
        # in the order of the digests, which are random
        "_sd": sorted(digests),
    }
    kid = base64url.encode(p256.thumbprint(p256.public_jwk(public_key)))
    signed = f"{_part({'alg': p256.ALGORITHM, 'typ': FORMAT, 'kid': kid})}.{_part(payload)}"
    signature = base64url.encode(signer(signed.encode()))
    return "~".join([f"{signed}.{signature}", *disclosures, ""])


def _part(value: Any) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _digest(data: bytes) -> str:
    return base64url.encode(hashlib.sha256(data).digest())
