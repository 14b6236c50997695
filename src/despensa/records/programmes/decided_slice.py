"""
The work on one part of a cycle's decisions: the engine's text goes out, journal entries come back.

Source: docs/reference/formats.md, section 8. The bytes that travel are private to one process and
its workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import cbor2

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import Act, Entry
from despensa.records.sealed_journal import workspace_entries

_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class DecidedWork:
    """Seals the journal of decisions; implements `ports.crew.Work`."""

    act: Act
    acting: Acting
    sealer: JournalSealer

    def do(self, item: bytes) -> Sequence[Entry]:
        """Return the entries of lines: the household each is about, and the line itself."""
        lines = item.splitlines()
        homes = bytes.fromhex(
            b"".join(line[:_UUID_LENGTH] for line in lines).replace(b"-", b"").decode()
        )
        bodies = journal.encode_table(
            ("key", "csv"),
            ((homes[16 * at : 16 * at + 16], line) for at, line in enumerate(lines)),
        )
        return list(
            workspace_entries(
                self.act,
                "decision",
                journal.Op.INSERT,
                bodies,
                acting=self.acting,
                sealer=self.sealer,
            )
        )

    def finish(self) -> Sequence[Entry]:
        """Return nothing: nothing is held back."""
        return ()

    def encode_item(self, item: bytes) -> list[bytes]:
        """Return lines as they are."""
        return [item]

    def decode_item(self, data: memoryview) -> bytes:
        """Return lines as they are."""
        return bytes(data)

    def encode_result(self, result: Sequence[Entry]) -> list[bytes]:
        """Return entries as bytes."""
        return [cbor2.dumps([[one.entry.bytes, one.leaf, one.salt, one.stored] for one in result])]

    def decode_result(self, data: memoryview) -> Sequence[Entry]:
        """Return entries."""
        return [Entry(UUID(bytes=entry), *rest) for entry, *rest in cbor2.loads(data)]
