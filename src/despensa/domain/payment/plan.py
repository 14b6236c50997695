"""
Who is paid in a list now, who waits and why: nobody is dropped.

Source: docs/explanation/design.md, section 8.
"""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

CHANGE_DAYS = 14
_DAY = 86_400


class Task(IntEnum):
    """Why a household's money is in no list yet; numbers are never reused."""

    NOBODY_TO_PAY = 1
    NO_ACCOUNT = 2
    DOCUMENT_MISSING = 3
    CHANGE_TO_CONFIRM = 4
    ASKED_ABOUT = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of whoever would be paid. Units: `set_at` seconds UTC."""

    is_somebody: bool
    has_account: bool
    has_document: bool
    money_waits: bool
    set_at: int = 0
    is_change: bool = False
    is_confirmed: bool = False


def task_of(standing: Standing, *, needs_document: bool, pay_at: int) -> Task | None:
    """
    Return what somebody has to see to before this household is paid, None when nothing is.

    Units: `pay_at`, seconds UTC of the day of payment.

    >>> task_of(Standing(True, True, False, False), needs_document=True, pay_at=0).name
    'DOCUMENT_MISSING'
    """
    if not standing.is_somebody:
        return Task.NOBODY_TO_PAY
    if standing.money_waits:
        return Task.ASKED_ABOUT
    if not standing.has_account:
        return Task.NO_ACCOUNT
    if needs_document and not standing.has_document:
        return Task.DOCUMENT_MISSING
    is_recent = pay_at - standing.set_at < CHANGE_DAYS * _DAY
    if standing.is_change and is_recent and not standing.is_confirmed:
        return Task.CHANGE_TO_CONFIRM
    return None


@dataclass(frozen=True, slots=True)
class Draft:
    """A list of payments that is proposed. Units: `total` in minor units."""

    id: UUID
    programme: UUID
    cycle: UUID
    unit: int
    currency: str
    provider: UUID
    file_hash: bytes
    count: int
    total: int
