"""
Epochs: the months since January 2026 that number the links of a card's key chain.

Decides the epoch of a local day and which epoch a new cycle may take. An epoch is fixed when a
card is issued or a cycle approved; nothing derives one from a clock later.
Source: docs/reference/formats.md, Conventions; docs/explanation/design.md section 6.
"""

from datetime import date

FIRST_YEAR = 2026
EPOCH_MAX = 2**16 - 1  # stored as u16; docs/reference/formats.md section 2
AHEAD_MAX = 36


class EpochError(ValueError):
    """A day or a number that cannot be an epoch here; the message says why."""


def epoch_of(day: date) -> int:
    """
    Return the epoch of a local calendar day.

    >>> epoch_of(date(2026, 1, 1)), epoch_of(date(2026, 11, 30)), epoch_of(date(2027, 1, 1))
    (0, 10, 12)

    Raises: EpochError for a day before 2026-01-01, or beyond what is stored.
    """
    epoch = (day.year - FIRST_YEAR) * 12 + day.month - 1
    if not 0 <= epoch <= EPOCH_MAX:
        raise EpochError(
            f"{day.isoformat()} lies outside the time of epochs, which begin in January"
            f" {FIRST_YEAR}: set the machine's clock"
        )
    return epoch


def first_day(epoch: int) -> date:
    """
    Return the first local day of an epoch.

    >>> first_day(10)
    datetime.date(2026, 11, 1)

    Raises: EpochError outside what is stored, 0 to 65535.
    """
    if not 0 <= epoch <= EPOCH_MAX:
        raise EpochError(f"epoch {epoch} lies outside 0 to {EPOCH_MAX}")
    return date(FIRST_YEAR + epoch // 12, epoch % 12 + 1, 1)


def require_cycle_epoch(epoch: int, *, highest_step: int) -> int:
    """
    Return the epoch of a new cycle if the keeper can still derive its tags.

    `highest_step` is the highest step the keeper has reached; a new keeper begins at the epoch
    in which its workspace was made.
    Holds: highest_step <= epoch <= highest_step + 36.
    Raises: EpochError otherwise, naming the side that is wrong.
    Source: docs/explanation/design.md section 6.
    """
    if epoch < highest_step:
        raise EpochError(
            f"epoch {epoch} lies before step {highest_step}, whose older keys are destroyed:"
            f" open the cycle with epoch {highest_step} or later"
        )
    if epoch > min(highest_step + AHEAD_MAX, EPOCH_MAX):
        raise EpochError(
            f"epoch {epoch} is more than {AHEAD_MAX} months after step {highest_step}:"
            " check the machine's clock before you open the cycle"
        )
    return epoch
