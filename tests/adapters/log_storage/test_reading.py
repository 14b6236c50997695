from collections.abc import Callable
from pathlib import Path

import pytest

from despensa.adapters.log_storage import LogFiles
from despensa.domain.ports.log_storage import LogDamaged, LogUnavailable
from despensa.domain.transparency import tree
from tests.adapters.log_storage.conftest import SignedWith

Leaves = Callable[[int, int], list[bytes]]
SIZES = (1, 2, 255, 256, 257, 700, 1000)


@pytest.fixture
def filled(log: LogFiles, sign: SignedWith, leaves: Leaves) -> LogFiles:
    log.append(leaves(0, 300), sign=sign)
    log.append(leaves(300, 1000), sign=sign)
    return log


def test_any_range_of_leaves_is_read(filled: LogFiles, leaves: Leaves) -> None:
    for first, end in ((0, 0), (0, 1), (255, 257), (256, 512), (999, 1000), (0, 1000)):
        assert filled.read_leaves(first, end) == leaves(first, end)
        assert filled.leaf_hashes(first, end) == tree.leaf_hashes(leaves(first, end))
    assert filled.read_leaf(777) == b"leaf 777"


def test_proofs_from_tiles_are_those_of_the_whole_tree(filled: LogFiles, leaves: Leaves) -> None:
    hashes = tree.leaf_hashes(leaves(0, 1000))
    for size in SIZES:
        assert filled.root_at(size) == tree.root_of_hashes(hashes[:size])
        for number in {0, size // 2, size - 1}:
            path = filled.inclusion_proof(number, size=size)
            assert path == tree.inclusion_proof(number, hashes[:size])
        for old in (0, 1, size // 2, size):
            path = filled.consistency_proof(old, size=size)
            assert path == tree.consistency_proof(old, hashes[:size])


def test_what_the_log_does_not_have_is_refused(filled: LogFiles) -> None:
    for read in (
        lambda: filled.read_leaf(1000),
        lambda: filled.read_leaves(-1, 3),
        lambda: filled.leaf_hashes(5, 4),
        lambda: filled.root_at(1001),
        lambda: filled.inclusion_proof(1000, size=1000),
        lambda: filled.inclusion_proof(0, size=1001),
        lambda: filled.consistency_proof(5, size=4),
    ):
        with pytest.raises(ValueError, match="leaves"):
            read()


def test_a_missing_or_short_tile_is_named(filled: LogFiles, folder: Path) -> None:
    (folder / "tile/0/001").unlink()
    (folder / "tile/0/002").write_bytes(b"short")
    (folder / "tile/entries/002").write_bytes(b"short")

    with pytest.raises(LogUnavailable, match="tile/0/001 is missing"):
        filled.leaf_hashes(256, 257)
    with pytest.raises(LogDamaged, match="tile/0/002 is damaged"):
        filled.leaf_hashes(512, 513)
    with pytest.raises(LogDamaged, match="tile/entries/002 is damaged"):
        filled.read_leaf(512)


def test_a_reader_of_an_older_checkpoint_finds_its_partial_tile_within_the_full_one(
    filled: LogFiles, leaves: Leaves
) -> None:
    edge = filled.root_at(290), filled.inclusion_proof(280, size=290)
    hashes = tree.leaf_hashes(leaves(0, 290))

    assert edge == (tree.root_of_hashes(hashes), tree.inclusion_proof(280, hashes))
