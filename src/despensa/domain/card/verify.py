"""
The three answers about a card: genuine, not genuine, cannot tell.

Decides nothing about entitlement: a genuine card buys nothing by itself, and an expired genuine
card is replaced. *Cannot tell* (its issuer's key is not known here) is never shown as *not
genuine*. Source: docs/reference/formats.md sections 1 and 5; docs/explanation/design.md section 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from despensa.domain.card import envelope
from despensa.domain.card.claims import Card
from despensa.domain.card.envelope import Fault


class Verdict(Enum):
    """Whether a card was made by an issuer we trust."""

    GENUINE = "genuine"
    NOT_GENUINE = "not genuine"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verification:
    """
    The answer about one text.

    Holds: a genuine card has `card`, `kid` and both facts about time, and no fault; the others
        have a fault and nothing that could be acted upon.
    """

    verdict: Verdict
    fault: Fault | None = None
    card: Card | None = None
    kid: bytes | None = None
    expired: bool | None = None
    not_yet_valid: bool | None = None


def verify(text: str, *, issuer_keys: Mapping[bytes, bytes], now: int) -> Verification:
    """
    Return whether a QR text is a card of a listed issuer, with its expiry as a separate fact.

    `issuer_keys` maps kid8 to raw Ed25519 public keys; `now` is in seconds UTC. Never raises on
    any text.
    """
    try:
        decoded = envelope.decode(text, issuer_keys=issuer_keys, now=now)
    except envelope.CardError as error:
        unknown = error.fault is Fault.UNKNOWN_KEY
        verdict = Verdict.CANNOT_TELL if unknown else Verdict.NOT_GENUINE
        return Verification(verdict, fault=error.fault)
    return Verification(
        Verdict.GENUINE,
        card=decoded.card,
        kid=decoded.kid,
        expired=decoded.expired,
        not_yet_valid=decoded.not_yet_valid,
    )


def verify_all(
    texts: Sequence[str], *, issuer_keys: Mapping[bytes, bytes], now: int
) -> list[Verification]:
    """
    Return the answers about many texts.

    Shape: one answer per text, in their order.
    """
    return [verify(text, issuer_keys=issuer_keys, now=now) for text in texts]
