"""
What an order said, as a keyed hash: its id stands for one order only, and nobody guesses the order.

A plain hash of names and birth dates is soon guessed; this one takes the keeper's key.
"""

from despensa.domain.ports.keeper import PersonVault


def order_digest(action: str, said: object, vault: PersonVault) -> bytes:
    """
    Return a keyed hash of everything an order says; `said` has one text for one content.

    Source: docs/reference/formats.md, section 7, origin_ref, with the action as source.
    """
    [digest] = vault.origin_refs([(action, repr(said))])
    return digest
