"""
What a log says of a cycle, read from a copy of the log or from a proof file, without an office.

Nothing here imports Django. Source: docs/how-to/verify-the-log.md.
"""

from dataclasses import dataclass
from pathlib import Path

from despensa.adapters.log_storage import LogFiles
from despensa.domain.eligibility.slip import DecisionSlip
from despensa.domain.ports.log_storage import LogDamaged, LogRefused, LogUnavailable
from despensa.domain.release import evidence as logs
from despensa.domain.transparency import checkpoint as notes
from despensa.domain.transparency import tree
from despensa.domain.transparency.leaf import PUBLIC_PREFIX

_AT_ONCE = 4_096


class LogUnclear(ValueError):
    """The copy or the proof does not let anybody tell; the text says why."""


@dataclass(frozen=True, slots=True)
class CycleInLog:
    """What the log says of a cycle, under a checkpoint of so many leaves."""

    said: logs.CycleSaid
    size: int
    origin: str


def in_copy(folder: Path, log_vkey: str, slip: DecisionSlip) -> CycleInLog | None:
    """
    Return what a copy of the log says of a slip's cycle; None when its root is not in it.

    Every leaf that counts is led to the signed checkpoint; the others are only read past.
    Raises: LogUnclear when the copy cannot be read, is damaged or is of another key.
    """
    try:
        copy = LogFiles(folder, log_vkey)
        checkpoint = notes.verify(copy.checkpoint(), notes.parse_vkey(log_vkey))
        found = []
        for first in range(0, checkpoint.size, _AT_ONCE):
            end = min(first + _AT_ONCE, checkpoint.size)
            for number, leaf in enumerate(copy.read_leaves(first, end), start=first):
                is_public = leaf[:1] == PUBLIC_PREFIX
                if is_public and logs.is_about(leaf, slip.cycle, slip.rule_hash):
                    path = copy.inclusion_proof(number, size=checkpoint.size)
                    found.append(logs.LogLeaf(number, leaf, tuple(path)))
        for one in found:
            if not tree.verify_inclusion(
                one.number,
                checkpoint.size,
                tree.leaf_hash(one.data),
                list(one.path),
                checkpoint.root,
            ):
                raise LogUnclear(f"leaf {one.number} of the copy is not the one that was signed")
        said = logs.said_of(slip.cycle, [(one.number, one.data) for one in found])
    except (LogDamaged, LogRefused, LogUnavailable, ValueError) as error:
        raise LogUnclear(str(error)) from error
    return None if said is None else CycleInLog(said, checkpoint.size, checkpoint.origin)


def in_proof(data: bytes, log_vkey: str, slip: DecisionSlip) -> CycleInLog | None:
    """
    Return what a proof file says of a slip's cycle; None when its root is not in it.

    Raises: LogUnclear when it is no proof, does not hold or is of another key.
    """
    try:
        evidence = logs.parse(data)
        checkpoint = logs.verify(evidence, log_vkey)
        leaves = [(leaf.number, leaf.data) for leaf in evidence.leaves]
        said = logs.said_of(slip.cycle, leaves)
    except ValueError as error:
        raise LogUnclear(str(error)) from error
    return None if said is None else CycleInLog(said, checkpoint.size, checkpoint.origin)


def against(slip: DecisionSlip, found: CycleInLog) -> str | None:
    """Return why a slip does not fit what the log says of its cycle, None when it does."""
    root = found.said.root
    if slip.root != root.root:
        return "the facts are not those under the root in the log"
    if slip.rule_hash != root.rule_hash:
        return "the log says that the cycle was decided by another rule"
    if slip.border != root.border:
        return "the log says another last household that the budget reached"
    if found.said.rule is None or found.said.rule.number >= root.number:
        return "the rule is not in the log before the cycle was decided"
    return None
