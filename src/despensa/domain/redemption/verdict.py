"""
What two people may say that a case was. The list is closed and numbers are never reused.

None of these words does anything to a household. Source: docs/explanation/design.md, section 7.8.
"""

from enum import IntEnum


class Verdict(IntEnum):
    """What a case was, in the word of whoever looked into it."""

    TAKEN_TWICE = 1
    MISTAKE_AT_THE_POINT = 2
    LIST_RELEASED = 3
    PHONE_COPIED = 4
    NOT_HONEST_AT_THE_POINT = 5
    NOT_EXPLAINED = 6
