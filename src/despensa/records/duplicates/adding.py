"""
Adding pairs that were found, in the caller's transaction: known ones left out, why sealed, journalled.

Only use cases import this.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.duplicate import ACTION, Candidate, Source
from despensa.domain.ports.keeper import PersonVault
from despensa.domain.sealing import Column, ToSeal
from despensa.domain.transparency import journal
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries, store
from despensa.records.households.change_journal import keys_of
from despensa.records.sealed_journal import workspace_entries


def add_noticed(candidates: Sequence[Candidate], *, acting: Acting, vault: PersonVault) -> int:
    """Return how many pairs are new of those noticed while somebody was being registered."""
    return add(candidates, Source.ENROLMENT, acting=acting, vault=vault, proposal=None)


def add(
    candidates: Sequence[Candidate],
    source: Source,
    *,
    acting: Acting,
    vault: PersonVault,
    proposal: UUID | None,
) -> int:
    """Return how many of the pairs are new."""
    store.take_turns()
    given = {(one.first, one.second): one for one in candidates}
    known = queries.known_pairs(list(given))
    keys = keys_of(sorted({person for pair in given if pair not in known for person in pair}))
    # whoever was erased while the matcher ran is not brought back as half of a pair
    new = [
        one
        for pair, one in given.items()
        if pair not in known and all(person in keys for person in pair)
    ]
    ids = acting.new_ids(len(new))
    sealed = vault.seal(
        [
            (keys[one.first], [ToSeal(Column.LINK, own.bytes, 1, list(one.reasons))])
            for one, own in zip(new, ids, strict=True)
        ]
    )
    pairs = [
        store.NewPair(own, one.first, one.second, one.strength, source, reasons)
        for one, own, (reasons,) in zip(new, ids, sealed, strict=True)
    ]
    store.add_pairs(pairs, at=acting.at)
    journal_store.record(REGISTRY, ACTION, acting, proposal=proposal)
    journal_store.append(
        REGISTRY,
        workspace_entries(
            journal_store.act(REGISTRY, ACTION, acting, proposal=proposal),
            "duplicate_pair",
            journal.Op.INSERT,
            store.pair_bodies(pairs),
            acting=acting,
            sealer=vault,
        ),
    )
    return len(pairs)
