"""
Who acts, when and with which dice: what a door hands to every use case.

The domain reads no clock and draws no numbers; doors do both once and pass them on in here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from uuid import UUID

Random = Callable[[int], bytes]
# makes a fresh key for the rows of one journal entry, given by its id: the key, and the same sealed
# to the workspace, so that only the keeper opens it again
JournalKey = Callable[[bytes], tuple[bytes, bytes]]
# the bits of version 4 and variant 2, and all others. Source: RFC 9562, section 5.4
_VERSION_4 = 4 << 76 | 2 << 62
_FREE_BITS = ~(0xF << 76 | 3 << 62)


@dataclass(frozen=True, slots=True)
class Acting:
    """
    One act of one person: the workspace it happens in, its instant, its randomness, its seal.

    Units: `at` in seconds UTC. `staff` None is the system itself (the log's own work). `zone` is
    the workspace's: its days begin and end by it.
    """

    workspace: UUID
    staff: UUID | None
    at: int
    random: Random = field(repr=False)
    journal_key: JournalKey = field(repr=False)
    zone: tzinfo = UTC

    def new_id(self) -> UUID:
        """Return a new random identifier (UUID version 4)."""
        return UUID(bytes=self.random(16), version=4)

    def new_ids(self, count: int) -> list[UUID]:
        """Return so many new random identifiers."""
        drawn = self.random(16 * count)
        return [
            UUID(int=int.from_bytes(drawn[at : at + 16], "big") & _FREE_BITS | _VERSION_4)
            for at in range(0, 16 * count, 16)
        ]

    def new_salt(self) -> bytes:
        """Return 32 fresh random bytes."""
        return self.random(32)

    @property
    def day(self) -> date:
        """Return the workspace's local day of the act."""
        return self.day_of(self.at)

    def day_of(self, at: int) -> date:
        """Return the workspace's local day of an instant."""
        return datetime.fromtimestamp(at, self.zone).date()

    @property
    def actor(self) -> bytes | None:
        """Return the staff id as the journal writes it."""
        return None if self.staff is None else self.staff.bytes
