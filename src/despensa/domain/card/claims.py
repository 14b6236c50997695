"""
What a card may say: the claims of the entitlement card and of the identity card, nothing else.

Decides which fields exist and which values they take, in both directions: a card that holds any
other field can neither be made nor read here. Tokens of other issuers are read by `foreign.py`.
Source: docs/reference/formats.md section 1; MOSIP Claim 169 specification 1.2.0; RFC 8392.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from despensa.domain import identifier
from despensa.domain.card.tag import SECRET_LENGTH
from despensa.domain.epoch import EPOCH_MAX

EXPIRES_AT, ISSUED_AT, IDENTITY, CARD_SECRET, STATUS = 4, 6, 169, -65537, 65535
ENTITLEMENT_KEYS = frozenset({EXPIRES_AT, ISSUED_AT, IDENTITY, CARD_SECRET})
IDENTITY_KEYS = frozenset({EXPIRES_AT, ISSUED_AT, IDENTITY, STATUS})
_SECRET_VERSION = 1
_SECONDS_PER_DAY = 86_400
_TIME_MAX = 2**32 - 1
_INDEX_MAX = 2**32 - 1
_TEXT_LENGTH_MAX = 200

# field of the identity map -> attribute of IdentityCard, in key order
_IDENTITY_FIELDS: Mapping[int, str] = {
    1: "number",
    2: "version",
    3: "language",
    4: "full_name",
    8: "birth_date",
    9: "gender",
    19: "second_full_name",
    20: "second_language",
    23: "country_of_issuance",
}


class ClaimsError(ValueError):
    """A field no card of ours has, a missing one, or a value it cannot take."""


@dataclass(frozen=True, slots=True)
class EntitlementCard:
    """The default card: a number and a secret, and nothing about a person."""

    number: str
    issued_at: int
    expires_at: int
    epoch: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse values outside the format."""
        _check_number_and_times(self.number, self.issued_at, self.expires_at)
        if not _is_uint(self.epoch, EPOCH_MAX):
            raise ClaimsError("the epoch is a number of months since January 2026")
        if type(self.secret) is not bytes or len(self.secret) != SECRET_LENGTH:
            raise ClaimsError(f"the card secret is {SECRET_LENGTH} bytes long")


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """
    The separate card a holder may ask for: who it names, with its own random number.

    Units: `birth_date` is YYYYMMDD, languages are ISO 639-3, `gender` is 1 male, 2 female,
        3 other, `status_index` counts entries of the status list at `status_uri`.
    """

    number: str
    issued_at: int
    expires_at: int
    full_name: str = field(repr=False)
    status_index: int
    status_uri: str
    version: str | None = None
    language: str | None = None
    birth_date: str | None = field(default=None, repr=False)
    gender: int | None = None
    second_full_name: str | None = field(default=None, repr=False)
    second_language: str | None = None
    country_of_issuance: str | None = None

    def __post_init__(self) -> None:
        """Refuse values outside the format."""
        _check_number_and_times(self.number, self.issued_at, self.expires_at)
        _check_texts(self)
        if self.gender is not None and (
            type(self.gender) is not int or self.gender not in (1, 2, 3)
        ):
            raise ClaimsError("gender is 1, 2 or 3")
        if self.birth_date is not None:
            _check_birth_date(self.birth_date)
        if (self.second_full_name is None) != (self.second_language is None):
            raise ClaimsError("a second name and its language come together")
        for language in (self.language, self.second_language):
            if language is not None and not _is_code(language, 3, 3, str.islower):
                raise ClaimsError("a language is an ISO 639-3 code such as spa")
        country = self.country_of_issuance
        if country is not None and not _is_code(country, 2, 3, str.isupper):
            raise ClaimsError("the country of issuance is an ISO 3166 code")
        if not _is_uint(self.status_index, _INDEX_MAX):
            raise ClaimsError("the place in the status list is a number from 0")


Card = EntitlementCard | IdentityCard


def batch_day_start(now: int) -> int:
    """
    Return the issue time of every card of a batch made now: 00:00 UTC of that day.

    Units: seconds UTC. The day is the UTC day, so that no card is issued in the future.
    """
    return now - now % _SECONDS_PER_DAY


def to_claims(card: Card) -> dict[int, Any]:
    """Return the CWT claims of a card, ready for deterministic CBOR."""
    claims: dict[int, Any] = {EXPIRES_AT: card.expires_at, ISSUED_AT: card.issued_at}
    if isinstance(card, EntitlementCard):
        claims[IDENTITY] = {1: card.number}
        claims[CARD_SECRET] = [_SECRET_VERSION, card.epoch, card.secret]
        return claims
    fields = {key: getattr(card, name) for key, name in _IDENTITY_FIELDS.items()}
    claims[IDENTITY] = {key: value for key, value in fields.items() if value is not None}
    claims[STATUS] = {"status_list": {"idx": card.status_index, "uri": card.status_uri}}
    return claims


def from_claims(claims: Mapping[Any, Any]) -> Card:
    """
    Return the card that claims describe.

    Raises: ClaimsError unless the fields are exactly those of one of the two cards.
    """
    if claims.keys() == ENTITLEMENT_KEYS:
        return _entitlement_card(claims)
    if claims.keys() == IDENTITY_KEYS:
        return _identity_card(claims)
    raise ClaimsError("the fields are those of neither card")


def _entitlement_card(claims: Mapping[Any, Any]) -> EntitlementCard:
    identity, secret = claims[IDENTITY], claims[CARD_SECRET]
    if not isinstance(identity, Mapping) or identity.keys() != {1}:
        raise ClaimsError("an entitlement card names its number and nothing else")
    if not isinstance(secret, list | tuple) or len(secret) != 3:
        raise ClaimsError("the card secret has a version, an epoch and 16 bytes")
    if type(secret[0]) is not int or secret[0] != _SECRET_VERSION:
        raise ClaimsError("a newer kind of card secret: update this program")
    return EntitlementCard(
        number=identity[1],
        issued_at=claims[ISSUED_AT],
        expires_at=claims[EXPIRES_AT],
        epoch=secret[1],
        secret=secret[2],
    )


def _identity_card(claims: Mapping[Any, Any]) -> IdentityCard:
    identity, status = claims[IDENTITY], claims[STATUS]
    if not isinstance(identity, Mapping) or not identity.keys() <= _IDENTITY_FIELDS.keys():
        raise ClaimsError("an identity card has no such field")
    if not identity.keys() >= {1, 4} or any(value is None for value in identity.values()):
        raise ClaimsError("an identity card has at least a number and a name")
    entry = status.get("status_list") if isinstance(status, Mapping) else None
    if not isinstance(entry, Mapping) or len(status) != 1 or entry.keys() != {"idx", "uri"}:
        raise ClaimsError("the status names one entry of one list")
    return IdentityCard(
        issued_at=claims[ISSUED_AT],
        expires_at=claims[EXPIRES_AT],
        status_index=entry["idx"],
        status_uri=entry["uri"],
        **{_IDENTITY_FIELDS[key]: value for key, value in identity.items()},
    )


def _check_number_and_times(number: Any, issued_at: Any, expires_at: Any) -> None:
    if type(number) is not str or not identifier.is_card_number(number):
        raise ClaimsError("the number is no card number")
    if not (_is_uint(issued_at, _TIME_MAX) and _is_uint(expires_at, _TIME_MAX)):
        raise ClaimsError("times are whole seconds since 1970")
    if issued_at % _SECONDS_PER_DAY:
        raise ClaimsError("a card is issued at 00:00 UTC of its batch day")
    if expires_at <= issued_at:
        raise ClaimsError("a card expires after it is issued")


def _check_texts(card: IdentityCard) -> None:
    required = (card.full_name, card.status_uri)
    optional = (
        *(card.version, card.language, card.birth_date),
        *(card.second_full_name, card.second_language, card.country_of_issuance),
    )
    for text in (*required, *(text for text in optional if text is not None)):
        if type(text) is not str or not 0 < len(text) <= _TEXT_LENGTH_MAX:
            raise ClaimsError(f"a text on a card has 1 to {_TEXT_LENGTH_MAX} characters")
        if not unicodedata.is_normalized("NFC", text):
            raise ClaimsError("a text on a card is in Unicode form NFC")


def _check_birth_date(text: str) -> None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ClaimsError("a birth date is written YYYYMMDD")
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError as error:
        raise ClaimsError("a birth date is a day of the calendar") from error


def _is_uint(value: Any, value_max: int) -> bool:
    return type(value) is int and 0 <= value <= value_max


def _is_code(text: str, length_min: int, length_max: int, is_cased: Callable[[str], bool]) -> bool:
    letters = text.isascii() and text.isalpha() and bool(is_cased(text))
    return letters and length_min <= len(text) <= length_max
