"""
What a file of payments says, whatever its form, and the checks before it is written.

Source: docs/explanation/design.md, section 8.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_OTHER = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{2,33}")
_LETTER_VALUE = {chr(ord("A") + place): str(10 + place) for place in range(26)}


class Rail(IntEnum):
    """How a financial service provider is told whom to pay; numbers are never reused."""

    PAIN_001 = 1
    TABLE = 2
    CASH_LIST = 3


class AccountKind(IntEnum):
    """What an account is, and so how it is checked."""

    IBAN = 1
    PHONE = 2
    OTHER = 3
    CASH = 4


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment: reference, amount in minor units, and who gets it where."""

    reference: str
    amount: int
    name: str = field(repr=False)
    account: str = field(repr=False)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """
    What a file says once.

    `count` and `total` are known before a line is written, so that a file of a million lines is
    written without holding them. Units: `total` in minor units, `created_at` in seconds UTC.
    """

    message_id: str
    created_at: int
    payer: str
    payer_account: str
    payer_agent: str
    currency: str
    pay_on: date
    count: int
    total: int
    settings: Mapping[str, str] = field(default_factory=dict)


def account_fault(kind: AccountKind, account: str) -> str | None:
    """
    Return what is wrong with an account before money is sent to it, None when nothing is.

    >>> account_fault(AccountKind.IBAN, "DE89370400440532013000")
    >>> account_fault(AccountKind.IBAN, "DE88370400440532013000")
    'the check digits of the IBAN are wrong: a digit was mistyped'
    """
    if kind is AccountKind.CASH:
        return None if not account else "a cash payment has no account"
    if kind is AccountKind.PHONE:
        return (
            None if _PHONE.fullmatch(account) else "a number of a phone begins with + and country"
        )
    if kind is AccountKind.OTHER:
        return None if _OTHER.fullmatch(account) else "an account has 3 to 34 letters and digits"
    if not _IBAN.fullmatch(account):
        return "an IBAN has two letters, two digits and at most 30 letters and digits, no spaces"
    turned = account[4:] + account[:4]
    number = "".join(_LETTER_VALUE.get(letter, letter) for letter in turned)
    if int(number) % 97 != 1:
        return "the check digits of the IBAN are wrong: a digit was mistyped"
    return None


class Outcome(IntEnum):
    """What somebody outside reports of a payment."""

    PAID = 1
    REJECTED = 2
    RETURNED = 3
    PENDING = 4
