"""
A lenient reader for Claim 169 tokens of any issuer, for looking at them only.

Decides what a token says and whether its issuer signed it, where a key is at hand. Unknown claims
are kept, CBOR need not be deterministic, the outer tag 61 and ES256 are accepted, and a sealed token
is opened where its key is at hand. What comes out of here never feeds a redemption: those read cards
through `verify.py`. Source: MOSIP Claim 169 specification 1.2.0; RFC 8392; RFC 9052 sections 4, 5.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from despensa.domain.card import envelope
from despensa.domain.card.envelope import CardError, Fault
from despensa.domain.card.issuer_key import Algorithm, IssuerKey
from despensa.domain.card.verify import Verdict

_CWT_TAG, _SIGN1_TAG = 61, 18
_ENCRYPT0_TAG = 16
_ENCRYPTED_TAGS = frozenset({_ENCRYPT0_TAG, 96})
# AES-GCM with a tag of 16 bytes, by COSE algorithm (RFC 9053 section 4.1) -> key length
_SEALING_KEY_LENGTHS: Mapping[int, int] = {1: 16, 2: 24, 3: 32}
_IDENTITY = 169
# when a token ends, begins and was issued
_TIMES = (4, 5, 6)
_DEPTH_MAX = 16

CLAIM_NAMES: Mapping[int, str] = {
    1: "issuer",
    2: "subject",
    3: "audience",
    4: "expiresAt",
    5: "notBefore",
    6: "issuedAt",
    7: "cwtId",
    8: "confirmation",
    169: "identity",
    65535: "status",
    -65537: "cardSecret",
}
IDENTITY_NAMES: Mapping[int, str] = {
    1: "id",
    2: "version",
    3: "language",
    4: "fullName",
    5: "firstName",
    6: "middleName",
    7: "lastName",
    8: "dateOfBirth",
    9: "gender",
    10: "address",
    11: "email",
    12: "phone",
    13: "nationality",
    14: "maritalStatus",
    15: "guardian",
    16: "photo",
    17: "photoFormat",
    18: "bestQualityFingers",
    19: "secondaryFullName",
    20: "secondaryLanguage",
    21: "locationCode",
    22: "legalStatus",
    23: "countryOfIssuance",
    50: "rightThumb",
    51: "rightPointerFinger",
    52: "rightMiddleFinger",
    53: "rightRingFinger",
    54: "rightLittleFinger",
    55: "leftThumb",
    56: "leftPointerFinger",
    57: "leftMiddleFinger",
    58: "leftRingFinger",
    59: "leftLittleFinger",
    60: "rightIris",
    61: "leftIris",
    62: "face",
    63: "rightPalm",
    64: "leftPalm",
    65: "voice",
}
_BIOMETRICS = range(50, 66)
_BIOMETRIC_NAMES: Mapping[int, str] = {0: "data", 1: "format", 2: "subFormat", 3: "issuer"}


@dataclass(frozen=True, slots=True)
class TokenReading:
    """
    What a token says and how far it can be believed.

    Holds: claims are present whenever they could be read at all, also when the verdict is not
        genuine; the facts about time are absent when the token states none.
    """

    verdict: Verdict
    fault: Fault | None
    claims: Mapping[Any, Any] = field(default_factory=dict, repr=False)
    kid: bytes | None = None
    expired: bool | None = None
    not_yet_valid: bool | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    protected: bytes
    header: Mapping[Any, Any]
    kid: bytes | None
    payload: bytes
    signature: bytes


def read_token(
    text: str,
    *,
    keys: Sequence[IssuerKey],
    now: int,
    opening_keys: Sequence[bytes] = (),
    text_length_max: int = envelope.TEXT_LENGTH_MAX,
) -> TokenReading:
    """
    Return what a Claim 169 token says and whether one of the keys signed it.

    Faults in this order: bad base45, bad zlib, too large, encrypted, not COSE, no claim 169,
    wrong claims (a time that is none), unsigned, unknown algorithm, unknown key, bad signature.
    Without the key the answer is *cannot tell*. Never raises on any text. `now` is in seconds UTC;
    `opening_keys` open tokens that were sealed to their reader (AES-GCM). `text_length_max` is what a
    QR code holds; a text of another origin may be longer.
    """
    try:
        value = _loads(
            envelope.open_text(text.strip("\r\n\t\ufeff"), text_length_max=text_length_max)
        )
        token = _token(_opened(value, opening_keys))
        claims = _claims(token.payload)
    except CardError as error:
        is_sealed = error.fault is Fault.ENCRYPTED
        return TokenReading(Verdict.CANNOT_TELL if is_sealed else Verdict.NOT_GENUINE, error.fault)
    verdict, fault = _judge(token, keys)
    # without a first day of its own a token counts from the day it was issued, as our cards do
    expires_at, not_before = _seconds(claims.get(4)), _seconds(claims.get(5, claims.get(6)))
    return TokenReading(
        verdict,
        fault,
        claims=claims,
        kid=token.kid,
        expired=None if expires_at is None else now >= expires_at,
        not_yet_valid=None if not_before is None else now < not_before,
    )


def named_claims(claims: Mapping[Any, Any]) -> dict[str, Any]:
    """
    Return claims under their published names, as values JSON can hold.

    Shape: unknown claims keep their number as text; byte strings become base64.
    """
    named = {CLAIM_NAMES.get(key, str(key)): _plain(value, 0) for key, value in claims.items()}
    identity = claims.get(_IDENTITY)
    if isinstance(identity, Mapping):
        named["identity"] = {
            IDENTITY_NAMES.get(key, str(key)): _field(key, value) for key, value in identity.items()
        }
    return named


def _field(key: Any, value: Any) -> Any:
    if key not in _BIOMETRICS or not isinstance(value, list | tuple):
        return _plain(value, 0)
    return [
        {_BIOMETRIC_NAMES.get(part, str(part)): _plain(item, 1) for part, item in entry.items()}
        if isinstance(entry, Mapping)
        else _plain(entry, 1)
        for entry in value
    ]


def _refuse_sharing(_value: Any, _immutable: bool, /) -> Any:  # noqa: FBT001  (the library's call)
    raise CardError(Fault.COSE, "values that stand for others")


# Nested shared values let few bytes stand for thousands of millions of values.
_NO_SHARING = dict.fromkeys((25, 28, 29, 256), _refuse_sharing)


def _loads(data: bytes) -> Any:
    try:
        return cbor2.loads(data, max_depth=_DEPTH_MAX, semantic_decoders=_NO_SHARING)
    except Exception as error:  # cbor2 raises several families; all of them mean the same to us
        raise CardError(Fault.COSE, "not CBOR") from error


def _opened(value: Any, opening_keys: Sequence[bytes]) -> Any:
    """
    Return the value inside a COSE_Encrypt0 that one of the keys opens; anything else as it is.

    Source: RFC 9052 section 5.3.
    """
    if isinstance(value, cbor2.CBORTag) and value.tag == _CWT_TAG:
        value = value.value
    is_sealed = isinstance(value, cbor2.CBORTag) and value.tag == _ENCRYPT0_TAG
    parts = value.value if is_sealed else None
    if not isinstance(parts, list | tuple) or len(parts) != 3:
        return value
    protected, unprotected, sealed = parts
    if not (isinstance(protected, bytes) and isinstance(sealed, bytes)):
        return value
    header = _loads(protected) if protected else {}
    if not isinstance(header, Mapping) or not isinstance(unprotected, Mapping):
        return value
    nonce = header.get(5, unprotected.get(5))
    length = _SEALING_KEY_LENGTHS.get(header.get(1, unprotected.get(1)))
    associated = cbor2.dumps(["Encrypt0", protected, b""], canonical=True)
    for key in opening_keys:
        if len(key) != length or not isinstance(nonce, bytes):
            continue
        try:
            return _loads(AESGCM(key).decrypt(nonce, sealed, associated))
        except (InvalidTag, ValueError):
            continue
    return value


def _token(value: Any) -> _Token:
    if isinstance(value, cbor2.CBORTag) and value.tag == _CWT_TAG:
        value = value.value
    if isinstance(value, cbor2.CBORTag):
        if value.tag in _ENCRYPTED_TAGS:
            raise CardError(Fault.ENCRYPTED, "the token is encrypted for somebody else")
        value = value.value if value.tag == _SIGN1_TAG else None
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise CardError(Fault.COSE, "not a COSE_Sign1")
    protected, unprotected, payload, signature = value
    are_bytes = all(isinstance(part, bytes) for part in (protected, payload, signature))
    if not are_bytes or not isinstance(unprotected, Mapping):
        raise CardError(Fault.COSE, "the parts are not those of a COSE_Sign1")
    header = _loads(protected) if protected else {}
    if not isinstance(header, Mapping):
        raise CardError(Fault.COSE, "the protected header is no map")
    kid = header.get(4, unprotected.get(4))
    return _Token(protected, header, kid if isinstance(kid, bytes) else None, payload, signature)


def _claims(payload: bytes) -> Mapping[Any, Any]:
    try:
        claims = _loads(payload)
    except CardError as error:
        raise CardError(Fault.NO_CLAIM, "the signed bytes are no claims") from error
    if not isinstance(claims, Mapping) or not isinstance(claims.get(_IDENTITY), Mapping):
        raise CardError(Fault.NO_CLAIM, "no claim 169 inside")
    for name in _TIMES:
        if name in claims and _seconds(claims[name]) is None:
            raise CardError(Fault.CLAIMS, f"claim {name} is no time in seconds")
    return claims


def _judge(token: _Token, keys: Sequence[IssuerKey]) -> tuple[Verdict, Fault | None]:
    if not token.signature:
        return Verdict.CANNOT_TELL, Fault.UNSIGNED
    try:
        algorithm = Algorithm(token.header.get(1))
    except ValueError:
        return Verdict.CANNOT_TELL, Fault.ALGORITHM
    fitting = [key for key in keys if key.algorithm is algorithm and _may_answer(key, token.kid)]
    if any(_verifies(key, token) for key in fitting):
        return Verdict.GENUINE, None
    # a key answers "forged" only where the token names it, or names nobody
    if any(token.kid is None or token.kid in key.ids for key in fitting):
        return Verdict.NOT_GENUINE, Fault.SIGNATURE
    return Verdict.CANNOT_TELL, Fault.UNKNOWN_KEY


def _may_answer(key: IssuerKey, kid: bytes | None) -> bool:
    return kid is None or not key.named or kid in key.ids


def _verifies(key: IssuerKey, token: _Token) -> bool:
    signed = cbor2.dumps(["Signature1", token.protected, b"", token.payload], canonical=True)
    if len(token.signature) != 64:
        return False
    try:
        if key.algorithm is Algorithm.EDDSA:
            Ed25519PublicKey.from_public_bytes(key.public).verify(token.signature, signed)
        else:
            numbers = (token.signature[:32], token.signature[32:])
            pair = encode_dss_signature(*(int.from_bytes(number, "big") for number in numbers))
            point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key.public)
            point.verify(pair, signed, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _seconds(value: Any) -> int | None:
    """Return a NumericDate as whole seconds, None for anything else (RFC 8392 section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if depth >= _DEPTH_MAX:
        return "..."
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return str(value)
