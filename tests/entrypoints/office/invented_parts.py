"""Small parts that the invented pages share."""

from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office import parts

TODAY = date(2026, 11, 21)
AN_ID = UUID("6f6f2c5e-8f0a-4a44-9f40-1d52a7a2c001")
HASH = "9b2d41f0c7a35e88d1460be7725fca3961d08e4b5f17a2c3e09844d6b1f3a07c"


def choices(words) -> tuple[parts.Choice, ...]:
    return tuple(parts.Choice(code, word) for code, word in words.items())


def at(hour: int, minute: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute)
