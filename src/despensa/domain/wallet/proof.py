"""
The proof that a wallet holds a key: read strictly, from somebody nobody knows yet.

Source: OpenID for Verifiable Credential Issuance 1.0, appendix F.1 (jwt proof type); RFC 8725.
"""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from despensa.domain.encoding import p256

TYPE = "openid4vci-proof+jwt"
LENGTH_MAX = 4_096
AGE_SECONDS = 300
AHEAD_SECONDS = 60
_HEADER = frozenset({"alg", "typ", "jwk"})
_KEY = frozenset({"kty", "crv", "x", "y"})
# what a key may say beside itself; a private part is not among it
_BESIDE = frozenset({"alg", "use", "key_ops", "kid"})


class ProofRefused(ValueError):
    """The proof is none, or not for here and now."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whose phone it is: its public key as a JSON Web Key, and the nonce it was given."""

    holder: dict[str, str]
    nonce: str

    @property
    def thumbprint(self) -> bytes:
        """Return what tells this key from others."""
        return p256.thumbprint(self.holder)


def read_proof(text: object, *, audience: str, now: int) -> Proof:
    """
    Return who proves to hold a key, ES256 on P-256 only, for this issuer and within five minutes.

    Raises: ProofRefused with the first thing that is wrong. The nonce is not judged here.
    """
    if not isinstance(text, str) or not 0 < len(text) <= LENGTH_MAX:
        raise ProofRefused("a proof is one signed token")
    try:
        header = jws.extract_compact(text.encode()).headers()
        key = _key(header)
        signed = jws.deserialize_compact(
            text, ECKey.import_key({**key}), algorithms=[p256.ALGORITHM]
        )
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ProofRefused("the proof is not signed with the key it names") from error
    if not isinstance(claims, dict):
        raise ProofRefused("the proof says nothing")
    return Proof(key, _checked(claims, audience, now))


def _key(header: dict[str, Any]) -> dict[str, str]:
    if header.get("typ") != TYPE or header.get("alg") != p256.ALGORITHM or set(header) != _HEADER:
        raise ProofRefused("the proof's header is not that of a proof with its own key")
    jwk = header["jwk"]
    if not isinstance(jwk, dict) or not _KEY <= set(jwk) <= _KEY | _BESIDE:
        raise ProofRefused("the proof's key is no public key")
    key = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
    if (key["kty"], key["crv"]) != ("EC", "P-256"):
        raise ProofRefused("the proof's key is not on P-256")
    point = ECKey.import_key(key).public_key.public_bytes(
        Encoding.X962, PublicFormat.UncompressedPoint
    )
    # written anew: another base64 of the same number would have another thumbprint
    return p256.public_jwk(point)


def _checked(claims: dict[str, Any], audience: str, now: int) -> str:
    if claims.get("aud") not in (audience, [audience]):
        raise ProofRefused("the proof is for another issuer")
    issued_at, nonce = claims.get("iat"), claims.get("nonce")
    if type(issued_at) is not int or not now - AGE_SECONDS <= issued_at <= now + AHEAD_SECONDS:
        raise ProofRefused("the proof is not of now: set the phone's clock right")
    if not isinstance(nonce, str):
        raise ProofRefused("the proof carries no nonce")
    return nonce
