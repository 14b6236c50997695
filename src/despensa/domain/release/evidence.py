"""
What the log says of a cycle, in a file: its public leaves, each with its way to one checkpoint.

Decides whether the leaves are in the log of a key, and what they say of a cycle. Needs nothing but
the file and the log's key. Source: docs/reference/formats.md sections 8 and 18.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from despensa.domain.eligibility.rule import Border
from despensa.domain.encoding import dcbor
from despensa.domain.transparency import checkpoint as note
from despensa.domain.transparency import tree
from despensa.domain.transparency.leaf import MalformedLeaf, PublicKind, PublicLeaf, parse_leaf

_VERSION = 1
_KEYS = frozenset(range(3))
_LEAVES_MAX = 64


class MalformedEvidence(ValueError):
    """The bytes are no evidence of the log, or a leaf says something no leaf of its kind says."""


@dataclass(frozen=True, slots=True)
class LogLeaf:
    """One leaf: its number in the log, its bytes, its audit path under the checkpoint."""

    number: int
    data: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """Leaves of one log under one signed checkpoint; shape: ascending by number."""

    checkpoint: str
    leaves: tuple[LogLeaf, ...]


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """What the leaf of a published rule says; `text` is None where it was too long for a leaf."""

    number: int
    rule_hash: bytes
    text: str | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class RootSaid:
    """What the leaf of a decided cycle says: `totals` are to the nearest 10, 19 below 20."""

    number: int
    at: int
    rule_hash: bytes
    root: bytes
    totals: tuple[tuple[str, int], ...]
    seed: bytes | None
    border: Border | None


@dataclass(frozen=True, slots=True)
class CycleSaid:
    """
    Everything the leaves say of one cycle.

    `lots` is (leaf number, time, commitment); `opened` the totals of its opening, by unit number.
    """

    root: RootSaid
    rule: RuleSaid | None
    lots: tuple[tuple[int, int, bytes], ...]
    opened: tuple[tuple[str, int], ...] | None


def encode(evidence: LogEvidence) -> bytes:
    """
    Return the evidence as bytes.

    Shape: DCBOR {0: 1, 1: checkpoint text, 2: [[number, leaf bytes, [hash32 ...]] ...]}.
    Source: docs/reference/formats.md section 18.
    """
    leaves = [[leaf.number, leaf.data, list(leaf.path)] for leaf in evidence.leaves]
    return dcbor.encode({0: _VERSION, 1: evidence.checkpoint, 2: leaves})


def parse(data: bytes) -> LogEvidence:
    """
    Return the evidence in some bytes, without verifying it.

    Raises: MalformedEvidence.
    """
    try:
        fields = dcbor.decode_map(data, allowed=_KEYS)
        if fields[0] != _VERSION or len(fields[2]) > _LEAVES_MAX:
            raise MalformedEvidence("not evidence of version 1")
        leaves = tuple(
            LogLeaf(int(number), bytes(leaf), tuple(bytes(step) for step in path))
            for number, leaf, path in fields[2]
        )
        evidence = LogEvidence(str(fields[1]), leaves)
    except (dcbor.EncodingError, KeyError, TypeError, ValueError) as error:
        raise MalformedEvidence("no evidence of the log") from error
    if encode(evidence) != data:
        raise MalformedEvidence("no evidence of the log")
    return evidence


def verify(evidence: LogEvidence, log_vkey: str) -> note.Checkpoint:
    """
    Return the checkpoint under which every leaf stands, signed by the log's key.

    Raises: MalformedEvidence naming the first leaf that is not there; UnknownLogKey;
        MalformedCheckpoint; BadCheckpointSignature; ValueError when the key text is malformed.
    """
    checkpoint = note.verify(evidence.checkpoint, note.parse_vkey(log_vkey))
    for leaf in evidence.leaves:
        found = tree.leaf_hash(leaf.data)
        if not tree.verify_inclusion(
            leaf.number, checkpoint.size, found, list(leaf.path), checkpoint.root
        ):
            raise MalformedEvidence(f"leaf {leaf.number} is not in the log of this checkpoint")
    return checkpoint


def said_of(cycle: bytes, leaves: Sequence[tuple[int, bytes]]) -> CycleSaid | None:
    """
    Return what leaves (number, bytes) say of a cycle; None when none of them is its root.

    Of several roots the first counts: a cycle is decided once.
    Raises: MalformedEvidence.
    """
    parsed = [(number, leaf) for number, data in leaves if (leaf := public(data)) is not None]
    root = next(
        (found for number, leaf in parsed if (found := _root(number, leaf, cycle)) is not None),
        None,
    )
    if root is None:
        return None
    lots, opened = [], None
    for number, leaf in parsed:
        body = _body(leaf)
        if leaf.kind == PublicKind.LOT and body.get(0) == cycle:
            lots.append((number, leaf.at, bytes(body[1])))
        if leaf.kind == PublicKind.TOTAL and body.get(0) == cycle and opened is None:
            opened = tuple((str(name), int(total)) for name, total in body[1])
    return CycleSaid(root, _rule(parsed, root.rule_hash), tuple(lots), opened)


def is_about(data: bytes, cycle: bytes, rule_hash: bytes) -> bool:
    """Return whether a leaf is one of those by which a cycle is checked, and no other's."""
    leaf = public(data)
    if leaf is None:
        return False
    if leaf.kind == PublicKind.RULE:
        return leaf.body is None or _body(leaf).get(2) == rule_hash
    about_cycle = {PublicKind.ROOT, PublicKind.LOT, PublicKind.TOTAL}
    return leaf.kind in about_cycle and _body(leaf).get(0) == cycle


def public(data: bytes) -> PublicLeaf | None:
    """
    Return what a public leaf says, None of a private one.

    Raises: MalformedEvidence.
    """
    try:
        leaf = parse_leaf(data)
    except MalformedLeaf as error:
        raise MalformedEvidence(str(error)) from error
    return leaf if isinstance(leaf, PublicLeaf) else None


def rule_body(programme: bytes, version: int, rule_hash: bytes, text: str) -> bytes:
    """
    Return the body of a rule's leaf, by whose hash the leaf of a long rule is known.

    Source: docs/reference/formats.md section 8, public leaf 1.
    """
    return dcbor.encode({0: programme, 1: version, 2: rule_hash, 3: text})


def _body(leaf: PublicLeaf) -> dict[int, Any]:
    if leaf.body is None:
        return {}
    try:
        body = dcbor.decode(leaf.body)
    except dcbor.EncodingError as error:
        raise MalformedEvidence(f"a leaf of kind {leaf.kind} says nothing readable") from error
    return body if isinstance(body, dict) else {}


def _root(number: int, leaf: PublicLeaf, cycle: bytes) -> RootSaid | None:
    if leaf.kind != PublicKind.ROOT:
        return None
    body = _body(leaf)
    if body.get(0) != cycle:
        return None
    try:
        border = None
        if 5 in body:
            border = Border(tuple(int(one) for one in body[5]) or None)
        totals = tuple((str(name), int(total)) for name, total in body[3])
        return RootSaid(
            number, leaf.at, bytes(body[1]), bytes(body[2]), totals, body.get(4), border
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEvidence("the leaf of the cycle's root cannot be read") from error


def _rule(parsed: Sequence[tuple[int, PublicLeaf]], rule_hash: bytes) -> RuleSaid | None:
    long = None
    for number, leaf in parsed:
        if leaf.kind != PublicKind.RULE:
            continue
        body = _body(leaf)
        if body.get(2) == rule_hash and isinstance(body.get(3), str):
            return RuleSaid(number, rule_hash, body[3], leaf.body_hash)
        if leaf.body is None:
            long = RuleSaid(number, rule_hash, None, leaf.body_hash)
    return long
