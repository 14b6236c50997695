"""
What the keeper asks of a call that comes from another process, before any key is used.

The caller may have been taken over: its clock is held against the keeper's own, so that a quota or
a day's cap cannot be walked around by a false date. Rebuilding opens rows of many people and shows
them to nobody; it is possible only while the keeper was started for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from despensa.domain.ports.keeper import Access, AccessRefused
from despensa.domain.proposal import APPROVAL_LABEL

CLOCK_SECONDS = 300
_DAY = 86_400
_REBUILD = "vault.open_rows"
_TIMED = frozenset(
    {
        "bulk.search",
        "keys.rotate",
        "keys.escrow",
        "keys.note_drill",
        "cycles.note_settled",
        "cycles.destroy_cycle",
        "cycles.destroy_frozen_keys",
        "cards.forget",
        "staging.destroy",
        "vault.note_ending_facts",
        "vault.destroy_facts",
        "payments.release_file",
        "payments.destroy_file",
    }
)
_WRONG_CLOCK = (
    "The time of this request is not the keeper's. Set the clocks of both machines, or users, "
    "right."
)


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks of a call by name and arguments; `clock` None means that no time is checked."""

    clock: Callable[[], int] | None
    may_rebuild: bool = False

    def check(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Refuse what must not be done for another process. Raises: AccessRefused."""
        if name == _REBUILD and not self.may_rebuild:
            raise AccessRefused(
                "Lost rows are opened only by a keeper that was started for it: "
                "despensa keeper --rebuild, for as long as it takes."
            )
        if self.clock is None:
            return
        for at, slack in _times(name, arguments):
            if abs(at - self.clock()) > slack:
                raise AccessRefused(_WRONG_CLOCK)


def _times(name: str, arguments: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the times a call names, each with how far it may be from now."""
    access = arguments.get("access")
    if isinstance(access, Access):
        return [(access.at, CLOCK_SECONDS)]
    if name == "cards.issue":
        # the start of the batch's day
        return [(arguments["issued_at"], 2 * _DAY)]
    if name == "wallet.status_tokens":
        return [(arguments["terms"].issued_at, CLOCK_SECONDS)]
    if name in _TIMED:
        return [(arguments["at"], CLOCK_SECONDS)]
    payload = arguments.get("payload")
    if name == "signatory.sign" and arguments["label"] == APPROVAL_LABEL:
        at = payload.get(4) if isinstance(payload, dict) else None
        return [(at if type(at) is int else 0, CLOCK_SECONDS)]
    return []
