"""Writes `vectors/wallet`: a credential and status lists, signed so that each run gives the same bytes."""

import json
import random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from despensa.domain.card import status_list
from despensa.domain.encoding import p256
from despensa.domain.wallet import credential
from tests.vectors import make_card_vectors as card

FILE = Path(__file__).parents[2] / "vectors" / "wallet" / "wallet.json"
ISSUER = "https://despensa.example"
KEY, HOLDER, STRANGER = (p256.private_key(bytes([n]) * 32) for n in (0x31, 0x32, 0x33))
TERMS = status_list.Terms(
    card.IDENTITY.status_uri, card.ISSUED_AT, card.EXPIRES_AT, ttl_seconds=3600
)
REVOKED = {3: 1, 4711: 1, 9_999: 1}
LISTS = {"one bit": (1, REVOKED), "two bits": (2, REVOKED | {17: 2, 18: 3}), "nobody": (1, {})}
LENGTH = 10_000


def signer(private):
    """Return what signs as ES256 with the same bytes each time (RFC 6979)."""

    def sign(message):
        made = private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(made))

    return sign


def listed(bits, statuses, *, key=KEY):
    made = status_list.compress(status_list.pack(LENGTH, statuses, bits=bits))
    return status_list.sign_jwt(
        made, bits=bits, terms=TERMS, public_key=p256.public_bytes(key), signer=signer(key)
    )


def made():
    """Return the content of the file."""
    text = credential.sign(
        card.IDENTITY,
        issuer=ISSUER,
        holder=p256.public_jwk(p256.public_bytes(HOLDER)),
        random=random.Random(7).randbytes,
        public_key=p256.public_bytes(KEY),
        signer=signer(KEY),
    )
    return {
        "about": "An identity card for a wallet (SD-JWT VC) and the status lists it may stand in.",
        "issuer": ISSUER,
        "key": p256.public_jwk(p256.public_bytes(KEY)),
        "now": card.NOW,
        "status_uri": card.IDENTITY.status_uri,
        "credential": {
            "text": text,
            "claims": credential.card_claims(card.IDENTITY),
            "status_index": card.IDENTITY.status_index,
        },
        "lists": [
            {
                "name": name,
                "bits": bits,
                "length": LENGTH,
                "statuses": {str(place): status for place, status in statuses.items()},
                "jwt": listed(bits, statuses),
            }
            for name, (bits, statuses) in LISTS.items()
        ],
        "by_a_stranger": listed(1, {}, key=STRANGER),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
