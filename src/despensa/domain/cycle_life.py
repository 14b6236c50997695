"""
The life of a cycle after it is open: closed, settled, faded, and the day of each.

Closing stops claims. What nobody claimed goes back to the fund once no phone can hold it any more,
at the latest a fixed number of days later. While the dispute window runs every delivery can be
looked at; afterwards only sums are left. Source: docs/explanation/design.md, section 7.9.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

DISPUTE_DAYS = 90
DISPUTE_DAYS_MIN, DISPUTE_DAYS_MAX = 30, 365
SWEEP_DAYS = 14
_CHUNK_ROWS = 40_000
_CHUNKS = (1, 16, 256)


class Waits(IntEnum):
    """What the next step of a cycle's life waits for; the texts are the doors'."""

    NOTHING = 0
    PUBLISHED_DAY = 1
    PHONES = 2
    DISPUTES = 3
    APPEALS = 4


class DisputeWindowWrong(ValueError):
    """The dispute window is shorter or longer than it may be: the text says what may be."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the next step waits for, and the first day on which it is done whatever happens."""

    waits: Waits
    on: date | None = None


def require_dispute_days(days: int) -> int:
    """
    Return a number of days for which deliveries may be disputed.

    Raises: DisputeWindowWrong.
    """
    if not DISPUTE_DAYS_MIN <= days <= DISPUTE_DAYS_MAX:
        raise DisputeWindowWrong(
            f"A dispute window has {DISPUTE_DAYS_MIN} to {DISPUTE_DAYS_MAX} days, and this one "
            f"would have {days}. Choose another; nothing was changed."
        )
    return days


def disputed_until(
    closes_on: date, closed_on: date | None = None, *, days: int = DISPUTE_DAYS
) -> date:
    """
    Return the last day of a cycle's dispute window, which is the last day for an appeal as well.

    Counted from the published day, which papers promise, or from the true one if that came later.

    >>> disputed_until(date(2026, 12, 2)).isoformat()
    '2027-03-02'
    >>> disputed_until(date(2026, 12, 2), date(2026, 11, 1)).isoformat()
    '2027-03-02'
    >>> disputed_until(date(2026, 12, 2), date(2026, 12, 5), days=30).isoformat()
    '2027-01-04'
    """
    return max(closes_on, closed_on or closes_on) + timedelta(days=days)


def closing(closes_on: date, today: date) -> Step:
    """
    Return what closing an open cycle without a proposal waits for: its published last day to pass.

    >>> closing(date(2026, 12, 2), date(2026, 12, 3)).waits.name
    'NOTHING'
    """
    due = closes_on + timedelta(days=1)
    return Step(Waits.NOTHING if today >= due else Waits.PUBLISHED_DAY, due)


def settling(closed_on: date, today: date, *, lists_out: int) -> Step:
    """
    Return what the sweep of a closed cycle waits for: every list back, expired or broken.

    >>> settling(date(2026, 12, 3), date(2026, 12, 10), lists_out=1).waits.name
    'PHONES'
    >>> settling(date(2026, 12, 3), date(2026, 12, 17), lists_out=1).waits.name
    'NOTHING'
    """
    latest = closed_on + timedelta(days=SWEEP_DAYS)
    if lists_out == 0 or today >= latest:
        return Step(Waits.NOTHING, latest)
    return Step(Waits.PHONES, latest)


def fading(
    until: date, today: date, *, settled_on: date | None = None, has_appeals: bool = False
) -> Step:
    """
    Return what fading a settled cycle waits for: its dispute window, then appeals not decided yet.

    A cycle never fades within days of its settlement: a clock that jumped takes no key with it.

    >>> fading(date(2027, 3, 2), date(2027, 3, 2)).waits.name
    'DISPUTES'
    >>> fading(date(2027, 3, 2), date(2036, 1, 1), settled_on=date(2036, 1, 1)).on.isoformat()
    '2036-01-15'
    """
    due = until + timedelta(days=1)
    if settled_on is not None:
        due = max(due, settled_on + timedelta(days=SWEEP_DAYS))
    if today < due:
        return Step(Waits.DISPUTES, due)
    return Step(Waits.APPEALS if has_appeals else Waits.NOTHING, due)


def sweep_chunks(accounts: int) -> int:
    """
    Return into how many parts the accounts of a cycle are swept: by the leading bits of their ids.

    >>> [sweep_chunks(accounts) for accounts in (0, 40_000, 40_001, 6_000_000)]
    [1, 1, 16, 256]
    """
    return next((n for n in _CHUNKS if accounts <= n * _CHUNK_ROWS), _CHUNKS[-1])


def chunk_bounds(chunk: int, chunks: int) -> tuple[bytes, bytes | None]:
    r"""
    Return the first id of a part and the first one after it (None: no more).

    >>> [edge and edge.hex() for edge in chunk_bounds(15, 16)], chunk_bounds(0, 1)
    (['f0', None], (b'\x00', None))
    """
    width = 256 // chunks
    last = (chunk + 1) * width
    return bytes((chunk * width,)), bytes((last,)) if last < 256 else None
