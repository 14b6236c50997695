"""
Accounts that have a name instead of a secret: funds, points, losses.

Their ids are hashes of what they stand for, so that every process finds the same account without
asking. Entitlement accounts are the keeper's and are never derived here.
Source: docs/explanation/design.md, section 8.
"""

import hashlib
from enum import IntEnum

_LABEL = b"despensa/named-account/1"
_ID_LENGTH = 16


class AccountKind(IntEnum):
    """The chart of accounts; numbers are never reused."""

    GRANTED = 1
    FUND = 2
    ENTITLEMENT = 3
    WALLET = 4
    POINT_STOCK = 5
    DELIVERED = 6
    MERCHANT_PAYABLE = 7
    SETTLEMENT = 8
    LOSS = 9
    EMERGENCY = 10
    RETURNED = 11
    LATE_SHARE = 12
    HELD = 13
    STOCK_SUPPLIED = 20
    STOCK_GIVEN = 21
    STOCK_LOST = 22
    STOCK_OPENED = 23


LIMITED_KINDS = frozenset(
    {AccountKind.FUND, AccountKind.ENTITLEMENT, AccountKind.WALLET, AccountKind.LATE_SHARE}
)


def named_account(kind: AccountKind, *, cycle: bytes, place: bytes = bytes(16)) -> bytes:
    """
    Return the account of a kind in one cycle, at one point where the kind has points.

    Shape: 16 bytes; `place` is a service point's id or zero.
    """
    assert len(cycle) == len(place) == _ID_LENGTH, "ids are 16 raw bytes"
    return hashlib.sha256(_LABEL + bytes((kind,)) + cycle + place).digest()[:16]
