"""
Verifying a whole log folder: every leaf, every tile, the checkpoint and what was seen before.

Names the first broken piece and what to do. Reads a folder as it is; changes nothing.
Source: docs/explanation/design.md section 5; RFC 6962 section 2.1; C2SP tlog-tiles v0.1.0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from despensa.adapters.log_storage.signing import SigningRecord
from despensa.adapters.log_storage.tiles import CHECKPOINT, LAST_SIGNED, PENDING, TileFolder
from despensa.domain.ports.log_storage import LogDamaged, LogRefused, LogUnavailable
from despensa.domain.transparency import checkpoint as note
from despensa.domain.transparency import tile, tree
from despensa.domain.transparency.proof import Answer

_BRING = "Bring {piece} back from the public mirror, the keeper's copy or a backup."
_REMAKE = "The leaves are whole. " + _BRING
_ALARM = (
    "Keep this folder as evidence, compare it with the public mirror and with checkpoints that "
    "witnesses, phones and auditors hold, and tell the security officer."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The first broken piece: its path in the folder, the leaf if one can be named, what to do."""

    piece: str
    leaf: int | None
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class LogReport:
    """
    What verifying a log found.

    Holds: `answer` is valid exactly when there is no problem. `is_interrupted` says that a sealing
        was begun and not finished, which the next sealing mends by itself.
    """

    answer: Answer
    checkpoint: note.Checkpoint | None
    leaves_checked: int
    tiles_checked: int
    problem: Problem | None
    is_interrupted: bool

    @property
    def is_verified(self) -> bool:
        """Whether everything held."""
        return self.answer is Answer.VALID


class _Broken(Exception):
    def __init__(self, problem: Problem, answer: Answer = Answer.NOT_VALID) -> None:
        super().__init__(problem.reason)
        self.problem = problem
        self.answer = answer


@dataclass(slots=True)
class _Walk:
    """
    Roots of the full tiles passed so far, as their bundles and as their tiles have it.

    `doubt` is the first place where the two differ; the signed root decides which is right.
    """

    by_bundle: list[bytes] = field(default_factory=list)
    by_tile: list[bytes] = field(default_factory=list)
    earlier_roots: dict[int, bytes] = field(default_factory=dict)
    doubt: tuple[tile.Tile, int] | None = None
    leaves: int = 0
    tiles: int = 0


def _nothing(_done: int, _total: int) -> None:
    return


def verify_log(
    folder: Path,
    log_vkey: str,
    *,
    last_seen: note.Checkpoint | None = None,
    on_progress: Callable[[int, int], None] = _nothing,
) -> LogReport:
    """
    Return whether a log folder is whole, signed, and continues the last seen checkpoint.

    `last_seen` is a verified checkpoint kept elsewhere; `on_progress` is told leaves done and
    leaves in all.
    Raises: ValueError when the key text is malformed.
    """
    key = note.parse_vkey(log_vkey)
    walk = _Walk()
    checkpoint = problem = None
    answer = Answer.VALID
    try:
        checkpoint = _checkpoint(folder, key)
        earlier = _earlier(folder, key, checkpoint, last_seen)
        _walk_leaves(TileFolder(folder), checkpoint, walk, earlier, on_progress)
        _check_roots(walk, checkpoint, earlier)
        _check_upper_tiles(TileFolder(folder), checkpoint, walk)
    except _Broken as broken:
        problem, answer = broken.problem, broken.answer
    is_interrupted = (folder / PENDING).exists()
    return LogReport(answer, checkpoint, walk.leaves, walk.tiles, problem, is_interrupted)


def _checkpoint(folder: Path, key: note.VerifierKey) -> note.Checkpoint:
    try:
        text = TileFolder(folder).read_checkpoint()
        if text is None:
            mend = "Is this the log folder? A new log has a checkpoint after its first sealing."
            raise _Broken(Problem(CHECKPOINT, None, f"{folder} has no checkpoint", mend))
        return note.verify(text, key)
    except note.UnknownLogKey as error:
        problem = Problem(CHECKPOINT, None, str(error), "Verify with the key of this log.")
        raise _Broken(problem, Answer.CANNOT_TELL) from error
    except (LogDamaged, LogUnavailable, ValueError) as error:
        mend = f"{_BRING.format(piece=CHECKPOINT)} {_ALARM}"
        raise _Broken(Problem(CHECKPOINT, None, str(error), mend)) from error


def _earlier(
    folder: Path,
    key: note.VerifierKey,
    checkpoint: note.Checkpoint,
    last_seen: note.Checkpoint | None,
) -> list[note.Checkpoint]:
    try:
        recorded = SigningRecord(folder / LAST_SIGNED, key.name).last()
    except (LogRefused, LogUnavailable) as error:
        raise _Broken(Problem(LAST_SIGNED, None, str(error), _ALARM)) from error
    if (folder / PENDING).exists():
        recorded = None
    found = [earlier for earlier in (recorded, last_seen) if earlier is not None]
    for earlier in found:
        if earlier.origin != checkpoint.origin:
            reason = f"the checkpoint seen before is of {earlier.origin}, not {checkpoint.origin}"
            mend = "Compare with a checkpoint of this log."
            raise _Broken(Problem(CHECKPOINT, None, reason, mend), Answer.CANNOT_TELL)
        if earlier.size > checkpoint.size:
            reason = (
                f"the log has {checkpoint.size} leaves, but {earlier.size} were signed or seen "
                "before: leaves are missing at the end"
            )
            mend = f"{_BRING.format(piece='the newer tile folder and checkpoint')} {_ALARM}"
            raise _Broken(Problem(CHECKPOINT, checkpoint.size, reason, mend))
    return found


def _walk_leaves(
    tiles: TileFolder,
    checkpoint: note.Checkpoint,
    walk: _Walk,
    earlier: list[note.Checkpoint],
    on_progress: Callable[[int, int], None],
) -> None:
    sizes = {seen.size for seen in earlier} | {checkpoint.size}
    if checkpoint.size == 0:
        walk.earlier_roots[0] = tree.EMPTY_ROOT
    for bundle in tile.level_tiles(None, checkpoint.size):
        hashes = tree.leaf_hashes(_read(tiles.read_bundle, bundle))
        piece = tile.Tile(0, bundle.number, bundle.width)
        stored = _read(tiles.read_hashes, piece)
        if stored != hashes and walk.doubt is None:
            first = next(place for place in range(bundle.width) if stored[place] != hashes[place])
            walk.doubt = (piece, bundle.first + first)
        end = bundle.first + bundle.width
        for size in [size for size in sizes if bundle.first < size <= end]:
            within = tree.root_of_hashes(hashes[: size - bundle.first])
            walk.earlier_roots[size] = tree.root_of_hashes([*walk.by_bundle, within])
        own = tree.root_of_hashes(hashes)
        walk.by_bundle.append(own)
        walk.by_tile.append(own if stored == hashes else tree.root_of_hashes(stored))
        walk.leaves += bundle.width
        walk.tiles += 1
        on_progress(walk.leaves, checkpoint.size)


def _check_roots(walk: _Walk, checkpoint: note.Checkpoint, earlier: list[note.Checkpoint]) -> None:
    bundles_are_signed = tree.root_of_hashes(walk.by_bundle) == checkpoint.root
    if walk.doubt is not None:
        piece, leaf = walk.doubt
        bundle = tile.Tile(None, piece.number, piece.width).path
        if bundles_are_signed:
            reason = f"{piece.path} has another hash for leaf {leaf} than the leaf itself"
            raise _Broken(Problem(piece.path, leaf, reason, _REMAKE.format(piece=piece.path)))
        mend = f"{_BRING.format(piece=bundle)} {_ALARM}"
        if tree.root_of_hashes(walk.by_tile) == checkpoint.root:
            reason = f"leaf {leaf} in {bundle} is not the one that was signed"
            raise _Broken(Problem(bundle, leaf, reason, mend))
        reason = f"leaf {leaf} in {bundle} and {piece.path} contradict each other and the root"
        raise _Broken(Problem(bundle, leaf, reason, mend))
    if not bundles_are_signed:
        reason = f"the signed root is not the root of these {checkpoint.size} leaves"
        raise _Broken(Problem(CHECKPOINT, None, reason, _ALARM))
    for seen in earlier:
        root = walk.earlier_roots.get(seen.size, tree.EMPTY_ROOT)
        if root != seen.root:
            reason = f"the first {seen.size} leaves are not those signed or seen before"
            raise _Broken(Problem(CHECKPOINT, None, reason, _ALARM))


def _check_upper_tiles(tiles: TileFolder, checkpoint: note.Checkpoint, walk: _Walk) -> None:
    below = walk.by_bundle
    for level in range(1, tile.level_count(checkpoint.size)):
        hashes = below[: tile.level_size(level, checkpoint.size)]
        below = []
        for piece in tile.level_tiles(level, checkpoint.size):
            right = hashes[piece.first : piece.first + piece.width]
            if _read(tiles.read_hashes, piece) != right:
                reason = f"{piece.path} does not follow from the leaves beneath it"
                raise _Broken(Problem(piece.path, None, reason, _REMAKE.format(piece=piece.path)))
            below.append(tree.root_of_hashes(right))
            walk.tiles += 1


def _read(read: Callable[[tile.Tile], list[bytes]], piece: tile.Tile) -> list[bytes]:
    try:
        return read(piece)
    except (LogDamaged, LogUnavailable) as error:
        first = piece.first if not piece.level else None
        mend = _BRING.format(piece=piece.path)
        raise _Broken(Problem(piece.path, first, str(error), mend)) from error
