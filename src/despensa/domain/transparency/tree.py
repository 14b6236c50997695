"""
The Merkle tree of the log: roots, inclusion proofs, consistency proofs and a growing edge.

Decides whether a hash belongs to a tree and whether one tree continues another; it does not know
what a leaf means, where hashes are kept or who signed a root. All work is iterative and by whole
levels, so that a quarter of a million leaves take well under a second.
Source: RFC 6962 section 2.1 (hashing), RFC 9162 sections 2.1.3 and 2.1.4 (verification).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()
_LEAF_PREFIX = b"\x00"
_NODE_PREFIX = b"\x01"

Span = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """
    Return the tree hash of one leaf's bytes.

    Source: RFC 6962 section 2.1.
    """
    return sha256(_LEAF_PREFIX + data).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """Return the tree hashes of many leaves, in their order."""
    return [sha256(_LEAF_PREFIX + data).digest() for data in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """
    Return the hash of an inner node.

    Source: RFC 6962 section 2.1.
    """
    return sha256(_NODE_PREFIX + left + right).digest()


def root(leaf_data: Iterable[bytes]) -> bytes:
    """
    Return the root of the tree over these leaves' bytes; of no leaves, the hash of nothing.

    Source: RFC 6962 section 2.1.
    """
    return root_of_hashes(leaf_hashes(leaf_data))


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """
    Return the root of the tree whose leaf hashes these are.

    Holds: a last node without a partner rises unchanged, which equals splitting at the largest
        power of two below the size.
    Source: RFC 6962 section 2.1.
    """
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_spans(index: int, size: int) -> list[Span]:
    """
    Return the leaf ranges whose roots prove that leaf `index` is in a tree of `size` leaves.

    Shape: (first, end exclusive) per hash of the proof, from the leaf's sibling up to the root's
        child; empty for a tree of one leaf.
    Raises: ValueError when the tree has no such leaf.
    Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    low, high = 0, size
    spans = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    spans.reverse()
    return spans


def consistency_spans(old_size: int, new_size: int) -> list[Span]:
    """
    Return the leaf ranges whose roots prove that the tree of `new_size` continues `old_size`.

    Shape: as `inclusion_spans`; empty for equal sizes and for an empty old tree.
    Raises: ValueError when the new tree is the smaller one.
    Source: RFC 6962 section 2.1.2.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves cannot continue one of {old_size}")
    if old_size == 0:
        return []
    low, high = 0, new_size
    spans = []
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    if low:
        spans.append((low, high))
    spans.reverse()
    return spans


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """
    Return the audit path of leaf `index` in the tree over these leaf hashes.

    Raises: ValueError when there is no such leaf.
    Source: RFC 6962 section 2.1.1.
    """
    return inclusion_proofs([index], hashes)[0]


def inclusion_proofs(indexes: Sequence[int], hashes: Sequence[bytes]) -> list[list[bytes]]:
    """
    Return the audit path of each leaf named, in order; the tree is walked once.

    Raises: ValueError when there is no such leaf.
    Source: RFC 6962 section 2.1.1.
    """
    absent = [index for index in indexes if not 0 <= index < len(hashes)]
    if absent:
        raise ValueError(f"a tree of {len(hashes)} leaves has no leaf {absent[0]}")
    paths: list[list[bytes]] = [[] for _ in indexes]
    level, height = list(hashes), 0
    while len(level) > 1:
        for path, index in zip(paths, indexes, strict=True):
            sibling = (index >> height) ^ 1
            if sibling < len(level):
                path.append(level[sibling])
        level, height = _parents(level), height + 1
    return paths


def consistency_proof(old_size: int, hashes: Sequence[bytes]) -> list[bytes]:
    """
    Return the proof that the tree over these leaf hashes continues its first `old_size` leaves.

    Raises: ValueError when there are fewer leaves than that.
    Source: RFC 6962 section 2.1.2.
    """
    spans = consistency_spans(old_size, len(hashes))
    return [root_of_hashes(hashes[low:high]) for low, high in spans]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """
    Return the root that a leaf hash and its audit path lead to, or None if the path cannot fit.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size or not _are_hashes([leaf, *proof]):
        return None
    position, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            value = node_hash(step, value)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            value = node_hash(value, step)
        position >>= 1
        last >>= 1
    return value if last == 0 else None


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], tree_root: bytes
) -> bool:
    """
    Return whether the leaf with this hash stands at `index` in the tree of that size and root.

    Source: RFC 9162 section 2.1.3.2.
    """
    return root_from_inclusion(index, size, leaf, proof) == tree_root


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """
    Return whether the tree of `new_size` begins with the very leaves of the tree of `old_size`.

    Holds: the empty tree is the beginning of every tree, by its own root and an empty proof.
    Source: RFC 9162 section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    return _consistent(old_size - 1, new_size - 1, steps, (old_root, new_root))


@dataclass(frozen=True, slots=True)
class Frontier:
    """
    The right edge of a tree: all that must be remembered to go on appending.

    Shape: `peaks` are the roots of the full subtrees that make up the tree, largest first, one
        per bit set in `size`.

    >>> Frontier().extended(leaf_hashes([b"a", b"b"])).root == root([b"a", b"b"])
    True
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def extended(self, hashes: Sequence[bytes]) -> "Frontier":
        """Return the edge after these leaf hashes were appended."""
        size, old = self.size, list(self.peaks)
        fresh: list[bytes] = []
        rising = list(hashes)
        bits = size
        while rising:
            if bits & 1:
                rising.insert(0, old.pop())
            if len(rising) & 1:
                fresh.append(rising.pop())
            rising = _pairs(rising)
            bits >>= 1
        return Frontier(size + len(hashes), (*old, *reversed(fresh)))

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return fold_peaks(self.peaks)


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Return the root of a tree from the roots of its full subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    value = peaks[-1]
    for peak in reversed(peaks[:-1]):
        value = node_hash(peak, value)
    return value


def span_root(span: Span, full_subtree: Callable[[int, int], bytes]) -> bytes:
    """
    Return the root over a leaf range, asking only for full, aligned subtrees.

    `full_subtree(level, number)` answers the root over leaves
    [number * 2**level, (number + 1) * 2**level).
    Holds: the range is one that `inclusion_spans` or `consistency_spans` names, or begins at 0.
    """
    low, high = span
    peaks = []
    while low < high:
        level = (high - low).bit_length() - 1
        peaks.append(full_subtree(level, low >> level))
        low += 1 << level
    return fold_peaks(peaks)


def _parents(level: list[bytes]) -> list[bytes]:
    parents = _pairs(level)
    if len(level) & 1:
        parents.append(level[-1])
    return parents


def _pairs(level: list[bytes]) -> list[bytes]:
    return [
        sha256(b"\x01%b%b" % pair).digest() for pair in zip(level[::2], level[1::2], strict=False)
    ]


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(values: Iterable[bytes]) -> bool:
    return all(len(value) == HASH_LENGTH for value in values)


def _consistent(
    position: int, last: int, steps: Sequence[bytes], roots: tuple[bytes, bytes]
) -> bool:
    while position & 1:
        position >>= 1
        last >>= 1
    old_value = new_value = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_value = node_hash(step, old_value)
            new_value = node_hash(step, new_value)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new_value = node_hash(new_value, step)
        position >>= 1
        last >>= 1
    return last == 0 and (old_value, new_value) == roots
