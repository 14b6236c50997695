"""Reading what the main job made, as a phone or an office would."""

from despensa.domain.card import envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.encoding import cose


def card_of(books, text: str) -> EntitlementCard:
    """Return the card of a code's text."""
    issuer = books.keeper.signatory.public_keys().issuer
    found = envelope.decode(
        text, issuer_keys={cose.key_id(issuer): issuer}, now=books.clock.at
    ).card
    assert isinstance(found, EntitlementCard)
    return found
