"""
Hold the register against its journal, and bring back what differs.

For the day after somebody changed or deleted rows behind the application's back. The journal in
the database is held against its own leaves while it is read; that the leaves are those of the log
is what `despensa log verify` proves. Source: docs/explanation/design.md, promise 8.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import JournalOpener, KeyedPerson
from despensa.domain.transparency import journal
from despensa.domain.transparency.leaf import private_leaf
from despensa.records import journal_queries, journal_store, rebuilding
from despensa.records.bulk import execute, fetch
from despensa.records.catalogue import queries as catalogue
from despensa.records.databases import REGISTRY
from despensa.records.registry.batch_journal import key_hash

ACTION = "rebuild_register"
# entries read at a time: each holds up to 10,000 rows
_PAGE = 4


class JournalChanged(RuntimeError):
    """An entry of the journal is not the one its leaf commits to: nothing is rebuilt from it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """
    What differed, by table.

    `missing` were gone, `changed` were other than told, `strange` are told of nowhere; `unmended`
    is what stays so; `keys` are people whose key is gone or another than it was.
    """

    entries: int
    missing: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    strange: Mapping[str, int] = field(default_factory=dict)
    unmended: int = 0
    keys: int = 0

    @property
    def is_as_told(self) -> bool:
        """Return whether the register now is what its journal tells."""
        return not self.unmended and not self.keys


def rebuild_register(*, acting: Acting, opener: JournalOpener, is_check: bool = False) -> Compared:
    """
    Return how the register differed from its journal; without `is_check` it is mended.

    All or nothing, on one moment of the database, and a leaf says that it was done. Whose key is
    gone stays closed: bring the keys back from a backup first.
    Raises: JournalChanged; sealed_row.SealBroken when a row does not belong to its place.
    """
    with transaction.atomic(using=REGISTRY):
        execute(REGISTRY, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        told, entries = _told(opener)
        kinds: dict[str, Counter[str]] = {name: Counter() for name in ("missing", "changed")}
        strange: Counter[str] = Counter()
        unmended = mended = 0
        for one in list(told.differences()):
            if one.told is None:
                strange[one.table] += 1
            else:
                kinds["missing" if one.found is None else "changed"][one.table] += 1
            if is_check or not rebuilding.mend(one):
                unmended += 1
            else:
                mended += 1
        keys = len(told.strange_keys())
        if mended:
            journal_store.record(REGISTRY, ACTION, acting)
    return Compared(entries, kinds["missing"], kinds["changed"], strange, unmended, keys)


def _told(opener: JournalOpener) -> tuple[rebuilding.Told, int]:
    told, entries, people = rebuilding.Told(_ended_facts()), 0, _own_keys()
    for one, stored, content in _entries():
        told.apply(opener.open_rows(one.entry.bytes, stored, people), content)
        entries += 1
    return told, entries


def _ended_facts() -> set[str]:
    """Return the facts that were destroyed and not taken up again: the keeper's keys go a week later."""
    in_force = {fact.name for fact in catalogue.in_force().facts}
    return {row.name for row in catalogue.destroyed()} - in_force


def _own_keys() -> dict[bytes, KeyedPerson]:
    """Return the people whose key is the one that was journalled: no other opens their rows."""
    hashes = {}
    for _, stored, _ in _entries():
        hashes.update(rebuilding.key_hashes(stored))
    rows = fetch(REGISTRY, "SELECT person, kek, wrapped FROM person_key")
    return {
        who.bytes: KeyedPerson(who.bytes, kek, bytes(key))
        for who, kek, key in rows
        if hashes.get(who.bytes) == key_hash(kek, bytes(key))
    }


def _entries() -> Iterator[tuple[journal_queries.KeptContent, journal.Stored, journal.Content]]:
    """Yield the entries that hold rows, oldest first, each held against its leaf."""
    after = 0
    while page := journal_queries.contents(REGISTRY, after=after, limit=_PAGE):
        for one in page:
            stored = journal.parse_stored(one.stored)
            content = journal.parse_content(stored.content)
            _require_own(one, stored, content)
            if content.row_count:
                yield one, stored, content
        after = page[-1].seq


def _require_own(
    one: journal_queries.KeptContent, stored: journal.Stored, content: journal.Content
) -> None:
    """Refuse content or rows that the queued leaf does not commit to."""
    is_private = one.leaf == private_leaf(stored.content, one.salt)
    is_public = one.leaf[:1] == b"\x01" and not content.row_count
    if not (is_private or is_public) or (
        content.row_count and content.rows_root != journal.rows_root(one.salt, stored.rows)
    ):
        raise JournalChanged(
            f"Entry {one.seq} of the journal is not the one its leaf commits to. Keep the database "
            "as it is and bring the journal back from a backup: despensa log verify, then restore."
        )
