"""
The envelope of a card: claims -> COSE_Sign1 -> zlib -> base45 text, and strictly back.

Decides which texts are cards of ours. `decode` accepts exactly what `encode` makes: one card has
one text, down to the unused bits of the compressed stream. What it means for the holder is
`verify.py`; tokens of other issuers are read by `foreign.py`.
Source: docs/reference/formats.md section 1; RFC 9052; RFC 1950; RFC 9285.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from despensa.domain.card import base45, claims, deflate
from despensa.domain.card.claims import Card, ClaimsError
from despensa.domain.encoding import cose, dcbor

LABEL = b""  # empty external data, so that the token is a plain Claim 169 token
TEXT_LENGTH_MAX = 4_296  # alphanumeric capacity of the largest QR code, ISO/IEC 18004 table 7


class Fault(Enum):
    """What is wrong with a text; the values are stable and may be shown and stored."""

    TEXT = "bad_base45"
    COMPRESSION = "bad_zlib"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    COSE = "not_cose"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "bad_signature"
    NO_CLAIM = "no_claim_169"
    CLAIMS = "wrong_claims"
    UNSIGNED = "unsigned"
    ALGORITHM = "unknown_algorithm"


class CardError(ValueError):
    """The text is no card of ours, for the reason in `fault`."""

    def __init__(self, fault: Fault, message: str) -> None:
        """Keep the fault beside the sentence."""
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class DecodedCard:
    """
    A card whose signature verified, with the two facts about time kept apart from that.

    `expired` is true from the expiry second on; `not_yet_valid` before the batch day begins.
    """

    card: Card
    kid: bytes
    expired: bool
    not_yet_valid: bool


def encode_entitlement_card(
    card: claims.EntitlementCard, *, public_key: bytes, signer: cose.Signer
) -> str:
    """Return the QR text of an entitlement card (225 characters), signed by the issuer key."""
    return _encode(card, public_key, signer)


def encode_identity_card(
    card: claims.IdentityCard, *, public_key: bytes, signer: cose.Signer
) -> str:
    """Return the QR text of an identity card, signed by the issuer key."""
    return _encode(card, public_key, signer)


def encode_cards(cards: Iterable[Card], *, public_key: bytes, signer: cose.Signer) -> list[str]:
    """
    Return the QR texts of a batch of cards, all signed by one issuer key.

    Shape: one text per card, in their order.
    """
    return [_encode(card, public_key, signer) for card in cards]


def decode(text: str, *, issuer_keys: Mapping[bytes, bytes], now: int) -> DecodedCard:
    """
    Return the card in a QR text signed by one of the listed issuers.

    `issuer_keys` maps kid8 to raw Ed25519 public keys; `now` is in seconds UTC. An expired card
    is returned too: expiry leads to a replacement, not to a doubt about the card.
    Raises: CardError with the first fault found; UNKNOWN_KEY means that nothing can be told.
    """
    stream, signed = _opened(text, TEXT_LENGTH_MAX)
    # base45 itself is strict: one stream has one text
    if deflate.deflate(signed) != stream:
        raise CardError(Fault.COMPRESSION, "not the one compressed form of these bytes")
    try:
        parsed = cose.parse(signed, bytes_max=deflate.INFLATED_BYTES_MAX)
        payload = cose.verify_parsed(parsed, label=LABEL, keys=issuer_keys)
    except cose.MalformedSignature as error:
        raise CardError(Fault.COSE, f"no signed card inside: {error}") from error
    except cose.UnknownKey as error:
        raise CardError(Fault.UNKNOWN_KEY, "signed by an issuer unknown here") from error
    except cose.BadSignature as error:
        raise CardError(Fault.SIGNATURE, "the signature does not belong to this card") from error
    if parsed.certificate is not None:
        raise CardError(Fault.COSE, "a card carries no certificate")
    card = _card(payload)
    return DecodedCard(
        card=card,
        kid=parsed.kid,
        expired=now >= card.expires_at,
        not_yet_valid=now < card.issued_at,
    )


def open_text(text: str, *, text_length_max: int = TEXT_LENGTH_MAX) -> bytes:
    """
    Return the signed bytes inside a QR text, without looking at them.

    Raises: CardError with TEXT, COMPRESSION or TOO_LARGE.
    """
    return _opened(text, text_length_max)[1]


def _opened(text: str, text_length_max: int) -> tuple[bytes, bytes]:
    """Return the compressed stream in a text and the bytes inside it."""
    if not text or len(text) > text_length_max:
        raise CardError(Fault.TEXT, f"a card's text has 1 to {text_length_max} characters")
    try:
        stream = base45.decode(text)
        return stream, deflate.inflate(stream)
    except base45.Base45Error as error:
        raise CardError(Fault.TEXT, f"not base45: {error}") from error
    except deflate.DeflateError as error:
        raise CardError(Fault.COMPRESSION, str(error)) from error
    except deflate.TooLarge as error:
        raise CardError(Fault.TOO_LARGE, str(error)) from error


def _encode(card: Card, public_key: bytes, signer: cose.Signer) -> str:
    payload = claims.to_claims(card)
    signed = cose.sign(payload, label=LABEL, public_key=public_key, signer=signer)
    return _close(signed)


def _close(signed: bytes) -> str:
    return base45.encode(deflate.deflate(signed))


def _card(payload: bytes) -> Card:
    try:
        fields = dcbor.decode(payload, bytes_max=deflate.INFLATED_BYTES_MAX)
    except dcbor.EncodingError as error:
        raise CardError(Fault.CLAIMS, f"the claims are {error}") from error
    if not isinstance(fields, Mapping) or claims.IDENTITY not in fields:
        raise CardError(Fault.NO_CLAIM, "no claim 169 inside")
    try:
        return claims.from_claims(fields)
    except ClaimsError as error:
        raise CardError(Fault.CLAIMS, str(error)) from error
