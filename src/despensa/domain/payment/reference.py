"""
The end-to-end reference of a payment: keyed, so that it names nobody and repeats by itself.

Made of person, what is paid, and how often it has failed for certain, a retry after a lost answer has
the same reference, and the ledger and the bank take it for the same payment; only a failure that a
statement confirmed makes another. Source: docs/explanation/design.md, section 8.
"""

import base64
import hashlib
import hmac
import re
from uuid import UUID

_LABEL, _HOLD, _ITEM = b"despensa/payment/1", b"despensa/payment-hold/1", b"despensa/payment-item/1"
_BYTES = 16
LENGTH_MAX = 35
_FORM = re.compile(r"D[A-Z2-7]{26}")


def item_of(cycle: bytes, unit: int) -> bytes:
    """Return what is paid: the unit of one root cycle, 16 bytes."""
    return hashlib.sha256(_ITEM + cycle + unit.to_bytes(4, "big")).digest()[:_BYTES]


def reference(key: bytes, *, person: bytes, item: bytes, failures: int) -> str:
    """Return the reference of paying a person for an item after so many confirmed failures."""
    message = _LABEL + person + item + failures.to_bytes(4, "big")
    digest = hmac.digest(key, message, "sha256")[:_BYTES]
    return "D" + base64.b32encode(digest).decode().rstrip("=")


def is_reference(text: str) -> bool:
    """Return whether a text could be one of our references."""
    return _FORM.fullmatch(text) is not None


def hold_of(reference_text: str) -> UUID:
    """Return the id under which the ledger holds the amount of a payment: the same for a retry."""
    digest = hashlib.sha256(_HOLD + reference_text.encode()).digest()[:_BYTES]
    return UUID(bytes=digest, version=4)


def end_of(reference_text: str, what: str) -> UUID:
    """Return the id of the transfer that ends a payment in this way, the same whoever reports it."""
    digest = hashlib.sha256(_HOLD + what.encode() + b"/" + reference_text.encode()).digest()
    return UUID(bytes=digest[:_BYTES], version=4)
