"""
The journal of a packed slice: the set-based form of `batch_journal`, the same entries.

Source: docs/reference/formats.md, section 8.
"""

from collections.abc import Iterator

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import JournalSealer
from despensa.domain.transparency import journal, sealed_row
from despensa.domain.transparency.entry import Act, Entry, private_entry
from despensa.records.registry.packed_rows import Packed
from despensa.records.sealed_journal import workspace_key

_Rows = list[tuple[int, bytes, int | None, bytes]]


def packed_entries(
    packed: Packed, *, act: Act, acting: Acting, sealer: JournalSealer
) -> Iterator[Entry]:
    """Yield one entry per chunk of the slice's journal rows: those about a person sealed to them."""
    for chunk in journal.chunks(packed.journal):
        yield _entry(chunk, packed, act=act, acting=acting, sealer=sealer)
    # a person's key is never journalled: its hash says which one it was, if it comes back
    for hashes in journal.chunks(packed.hashes):
        yield private_entry(act, entry=acting.new_id(), salt=acting.new_salt(), rows=hashes)


def _entry(
    chunk: _Rows, packed: Packed, *, act: Act, acting: Acting, sealer: JournalSealer
) -> Entry:
    entry = acting.new_id()
    personal = [(who, at, body) for at, (_, _, who, body) in enumerate(chunk) if who is not None]
    sealed = iter(packed.keys.seal_rows(entry.bytes, personal))
    chunk_keys, own_key = [], b""
    if len(personal) < len(chunk):
        own_key, sealed_key = sealer.journal_key(entry.bytes)
        chunk_keys.append(workspace_key(acting, sealed_key))
        own = sealed_row.chunk_sealer(own_key, entry.bytes)
    inserted, person, workspace = (
        journal.encode_inserted, journal.Seal.PERSON.value, journal.Seal.WORKSPACE.value
    )  # fmt: skip
    rows = [
        inserted(table, key, workspace, own(at, body))
        if who is None
        else inserted(table, key, person, next(sealed))
        for at, (table, key, who, body) in enumerate(chunk)
    ]
    return private_entry(act, entry=entry, salt=acting.new_salt(), rows=rows, chunk_keys=chunk_keys)
