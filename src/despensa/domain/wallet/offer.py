"""
An offer of an identity card to a wallet: its codes, how long they last and how often they are tried.

Only hashes of codes are kept. The short code a person types is hashed under the long one of the
picture, so that the books alone do not let anybody try the million short ones.
Source: OpenID for Verifiable Credential Issuance 1.0, sections 4.1.1 and 6.1.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from despensa.domain.encoding import base64url

LIFE_SECONDS = 600
TOKEN_SECONDS = 300
TRIES_MAX = 5
# an answer may be lost on its way: the same wallet may ask again, this often in all
SIGNATURES_MAX = 3
TYPED_LENGTH = 6
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_SECRET_LENGTH = 32
_CODE_LABEL, _TYPED_LABEL = b"despensa/wallet-code/1", b"despensa/wallet-typed/1"


class State(IntEnum):
    """Where an offer is in its life; the numbers are stored."""

    SHOWN = 1
    CODE_USED = 2
    TAKEN = 3
    ENDED = 4


@dataclass(frozen=True, slots=True)
class Codes:
    """What is shown once: the code in the picture, and the digits somebody types."""

    code: str = field(repr=False)
    typed: str = field(repr=False)


def new_codes(random: Callable[[int], bytes]) -> Codes:
    """Return fresh codes; every number of six digits is as likely."""
    return Codes(new_secret(random), _digits(random))


def new_secret(random: Callable[[int], bytes]) -> str:
    """Return a secret nobody can guess, as text."""
    return base64url.encode(random(_SECRET_LENGTH))


def secret_hash(secret: str) -> bytes:
    """Return what is kept of a code or an access token."""
    return hashlib.sha256(_CODE_LABEL + secret.encode()).digest()


def typed_hash(codes: Codes) -> bytes:
    """Return what is kept of the typed digits."""
    return hmac.digest(codes.code.encode(), _TYPED_LABEL + codes.typed.encode(), "sha256")


def is_typed(codes: Codes, kept: bytes) -> bool:
    """Return whether the typed digits are those of the offer, in a time that tells nothing."""
    return hmac.compare_digest(typed_hash(codes), kept)


def offer_document(codes: Codes, *, issuer: str, configuration: str) -> Mapping[str, Any]:
    """Return the offer as the picture carries it; the typed digits are not in it."""
    return {
        "credential_issuer": issuer,
        "credential_configuration_ids": [configuration],
        "grants": {
            GRANT: {
                "pre-authorized_code": codes.code,
                "tx_code": {"input_mode": "numeric", "length": TYPED_LENGTH},
            }
        },
    }


def _digits(random: Callable[[int], bytes]) -> str:
    whole = 10**TYPED_LENGTH
    while True:
        drawn = int.from_bytes(random(4))
        if drawn < 2**32 // whole * whole:
            return f"{drawn % whole:0{TYPED_LENGTH}}"
