"""
Looks at personal records: who, what for, whose and which fields; and a person's wrapped key.

Source: docs/explanation/design.md, section 5.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from despensa.domain.sealing import Column


class Purpose(IntEnum):
    """Why personal fields are read; a closed list, numbers are never reused."""

    SERVE_HOUSEHOLD = 1
    SEARCH = 2
    CORRECT_RECORD = 3
    HAND_OVER_CARD = 4
    ANSWER_GRIEVANCE = 5
    PREPARE_LEASE = 6
    OWN_RECORD = 7
    ANSWER_PARTNER = 40
    COMPARE_RECORDS = 8
    PAY = 70


@dataclass(frozen=True, slots=True)
class Access:
    """One look at personal records: `entry` is the journal entry that was committed before it."""

    entry: bytes
    staff: bytes
    at: int
    purpose: Purpose
    persons: tuple[bytes, ...]
    fields: tuple[Column, ...]
    case: bytes | None = None


class AccessRefused(PermissionError):
    """The quota is used up, or the access does not name what it asks for."""


@dataclass(frozen=True, slots=True)
class KeyedPerson:
    """A person with the wrapped key that opens their sealed values."""

    person: bytes
    kek: int
    wrapped: bytes = field(repr=False)
