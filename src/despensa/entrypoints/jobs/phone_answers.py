"""
What a phone is told: its lists, what became of its events, and what other points hold.

Every answer is a map of docs/reference/device-api.md; nothing here changes anything.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import IntEnum
from operator import itemgetter
from typing import Any
from uuid import UUID

from despensa.domain.encoding import dcbor
from despensa.domain.ports.log_storage import LogUnavailable
from despensa.domain.transparency import checkpoint as notes
from despensa.domain.transparency import journal, tree
from despensa.domain.transparency.proof import chunk_statement
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.jobs.health_files import last_backup
from despensa.entrypoints.wiring import Tools
from despensa.records.redemption import state_queries
from despensa.records.service_points import phone_queries, queries

VERSION = 1
ACTIVE = 1
TAG_LENGTH = 8
NO_POINT = 255
# a merge that began before a backup may end after the backup looked at it
MERGE_SECONDS = 600


class State(IntEnum):
    """How far an event has come."""

    PENDING = 1
    ACCEPTED = 2
    SETTLED = 3
    FADED = 4
    SET_ASIDE = 5


def enrolled(certificate: bytes, operators: Sequence[Sequence[str]], tools: Tools) -> bytes:
    """Return what a phone learns when it is enrolled."""
    keys, workspace = tools.keeper.signatory.public_keys(), tools.workspace
    return dcbor.encode(
        {
            0: VERSION,
            1: certificate,
            2: [keys.authority, *keys.former_authorities],
            3: keys.inbox,
            4: list(keys.issuers),
            5: keys.office,
            6: tools.log_vkey,
            7: workspace.name,
            8: list(workspace.languages),
            9: workspace.time_zone,
            10: _operators(operators),
            11: tools.now(),
        }
    )


def lists(phone: phone_queries.PhoneView, tools: Tools) -> bytes:
    """Return the lists that wait for a phone; a suspended or revoked one gets none."""
    found = phone_queries.lists_for(phone.id) if phone.state == ACTIVE else []
    return dcbor.encode(
        {
            0: VERSION,
            1: tools.now(),
            2: phone.state,
            3: [[lease.bytes, sealed] for lease, sealed in found],
            4: _operators(phone.operators),
            5: _checkpoint(tools),
            6: phone.next_seq,
            7: phone.last_hash,
        }
    )


def states(phone: phone_queries.PhoneView, first: int, last: int, tools: Tools) -> bytes:
    """Return what became of events `first` to `last` of a phone, with the proofs there are."""
    held = state_queries.places(phone.id, first, last)
    aside = state_queries.set_aside(phone.id, first, last)
    known = {place.seq: _state(place, aside.get(place.seq, set())) for place in held}
    told = {
        **dict.fromkeys(range(first, min(last + 1, phone.next_seq)), State.FADED),
        **dict.fromkeys(aside, State.SET_ASIDE),
        **known,
    }
    merged = [place for place in held if not place.waits]
    checkpoint, chunks, rows = _proofs(phone.id, merged, tools)
    return dcbor.encode(
        {
            0: VERSION,
            1: tools.now(),
            2: [[seq, int(state)] for seq, state in sorted(told.items())],
            3: checkpoint,
            4: chunks,
            5: rows,
        }
    )


def district(cycle: UUID, lease: UUID) -> bytes:
    """Return what a phone with this list may say of cards that are not on it."""
    found = queries.district_of(cycle)
    points = sorted({point for _, _, point, _ in found if point is not None})[:NO_POINT]
    number = {point: place for place, point in enumerate(points)}
    names = queries.point_names(points)
    records = [
        tag[:TAG_LENGTH]
        + bytes([status, NO_POINT if point is None else number.get(point, NO_POINT)])
        + (0 if day is None else day.toordinal() - DAY_ZERO).to_bytes(2, "big")
        for tag, status, point, day in found
    ]
    return dcbor.encode(
        {
            0: VERSION,
            1: [[point.bytes, names[point][0], dict(names[point][1])] for point in points],
            2: b"".join(records),
            3: [
                [table, b"".join(sorted(tag[:TAG_LENGTH] for tag in tags))]
                for table, tags in phone_queries.other_tables(lease)
            ],
        }
    )


def _operators(operators: Sequence[Sequence[str]]) -> list[list[Any]]:
    return [[UUID(staff).bytes, name] for staff, name in operators]


def _checkpoint(tools: Tools) -> str:
    try:
        return tools.log.checkpoint()
    except LogUnavailable:
        return ""


def _state(place: state_queries.EventPlace, aside: AbstractSet[bytes]) -> State:
    if place.hash in aside:
        return State.SET_ASIDE
    if place.waits:
        return State.PENDING
    return State.SETTLED if place.is_settled else State.ACCEPTED


def _proofs(
    device: UUID, merged: Sequence[state_queries.EventPlace], tools: Tools
) -> tuple[str, list[list[Any]], list[list[Any]]]:
    """
    Return checkpoint, chunks and rows; none where no leaf is under the checkpoint yet.

    Where backups are made, what is not in one is not proven: a phone has the only other copy.
    """
    checkpoint = _checkpoint(tools)
    if not merged or not checkpoint:
        return "", [], []
    size = notes.parse(checkpoint).checkpoint.size
    seq_of = {place.hash: place.seq for place in merged}
    copied = last_backup(tools.workspace)
    chunks: list[list[Any]] = []
    rows: list[list[Any]] = []
    for chunk in state_queries.chunks_of(device, [place.position for place in merged]):
        own = [index for index, row in enumerate(chunk.rows) if row in seq_of]
        is_copied = copied is None or chunk.at + MERGE_SECONDS <= copied
        if not own or chunk.number >= size or not is_copied:
            continue
        hashes = journal.row_hashes(chunk.salt, chunk.rows)
        root, salts = tree.root_of_hashes(hashes), journal.row_salts(chunk.salt, len(hashes))
        paths = tree.inclusion_proofs(own, hashes)
        rows += [
            [seq_of[chunk.rows[index]], len(chunks), index, salts[index], path]
            for index, path in zip(own, paths, strict=True)
        ]
        chunks.append(
            [
                chunk.leaf,
                chunk.number,
                list(tools.log.inclusion_proof(chunk.number, size=size)),
                len(hashes),
                root,
                tools.keeper.signatory.sign_bytes(chunk_statement(chunk.leaf, root)),
            ]
        )
    return (checkpoint if rows else ""), chunks, sorted(rows, key=itemgetter(0))
