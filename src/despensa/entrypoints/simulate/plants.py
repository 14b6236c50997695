"""Faults of our own that may be planted, each with the check that must catch it."""

from enum import Enum


class Plant(Enum):
    """A mistake somebody could make in the code; the value names the check that catches it."""

    ACKNOWLEDGED_BEFORE_STORED = "every event is in the books"
    NOTHING_IS_SENT_BEFORE = "a claim counts once"
    EXCESS_DROPPED = "every claim is in the books"
    LAST_OF_A_FULL_BATCH_DROPPED = "what is answered is held"
    RECORD_NOT_DURABLE = "sending ends"
    OTHER_VERSION_DROPPED = "both versions are kept"
    EXPIRED_ROWS_LISTED_AGAIN = "no honest excess"
    FORGOTTEN_WHEN_ACKNOWLEDGED = "nothing is forgotten without a proof"
    PROVEN_BEFORE_COPIED = "sending ends "
    ANSWER_CHANGES = "the same batch gets the same answer"
    OLD_CLOCK_DROPPED = "every event is in the books  "
    SERVED_AFTER_RETURN = "a list given back gives nothing"
    LOG_ROLLED_BACK = "the log only grows"
    OVERDRAWN = "nothing below zero"
    RELEASED_ROWS_SERVED = "no honest excess "
    EXCESS_OF_NOBODY = "excess equals the oracle's"

    @property
    def check(self) -> str:
        """Return the name of the check that catches it."""
        return self.value.strip()
