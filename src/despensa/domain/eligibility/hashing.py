"""
The hash that names a rule: what two people approve and what a decision refers to.

Source: docs/reference/formats.md, Conventions (DCBOR, H, labels).
"""

import hashlib

from despensa.domain.eligibility.rule import Rule
from despensa.domain.encoding import dcbor

_LABEL = b"despensa/rule/1"


def rule_bytes(rule: Rule) -> bytes:
    """Return the only encoding of a rule's tree: comments, order and layout leave no trace."""
    return dcbor.encode(rule.source)


def rule_hash(rule: Rule) -> bytes:
    """
    Return the 32-byte hash of a rule.

    Source: SHA-256("despensa/rule/1" || DCBOR of the NFC-normalised tree).
    """
    return hashlib.sha256(_LABEL + rule_bytes(rule)).digest()
