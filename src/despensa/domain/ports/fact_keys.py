"""The keeper's port for the end of facts. Source: docs/explanation/design.md, section 5."""

from collections.abc import Sequence
from typing import Protocol


class FactDestroyed(RuntimeError):
    """The key of a fact was destroyed: nothing is sealed under it any more."""


class FactKeys(Protocol):
    """
    Destroys the keys under which the journal holds the values of facts.

    Guarantee: afterwards nobody can read such a value, and no new key of the same fact and
    catalogue version is ever made. None goes before its end was written down for
    `domain.retention.KEYS_NOTICE_DAYS`.
    """

    def note_ending_facts(self, facts: Sequence[tuple[str, int]], *, at: int) -> None:
        """Write down that the end of these (fact, catalogue version) is near; again is nothing."""

    def destroy_facts(self, facts: Sequence[tuple[str, int]], *, at: int) -> int:
        """
        Destroy the keys of (fact, catalogue version); return how many there still were.

        Those whose end was not written down long enough ago are written down, and go later.
        """
