import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.transparency import tree

HASHES = tree.leaf_hashes(number.to_bytes(4, "big") for number in range(1200))


@st.composite
def sizes_in_order(draw: st.DrawFn) -> tuple[int, int]:
    new = draw(st.integers(0, len(HASHES)))
    return draw(st.integers(0, new)), new


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, len(HASHES)))
    return draw(st.integers(0, size - 1)), size


def recursive_root(hashes: list[bytes]) -> bytes:
    if len(hashes) <= 1:
        return hashes[0] if hashes else tree.EMPTY_ROOT
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return tree.node_hash(recursive_root(hashes[:split]), recursive_root(hashes[split:]))


@given(st.integers(0, 600))
def test_the_root_is_the_one_of_the_recursive_definition(size: int) -> None:
    assert tree.root_of_hashes(HASHES[:size]) == recursive_root(HASHES[:size])


@given(places())
def test_every_leaf_proves_its_place_and_no_other(place: tuple[int, int]) -> None:
    index, size = place
    root = tree.root_of_hashes(HASHES[:size])

    path = tree.inclusion_proof(index, HASHES[:size])

    spans = tree.inclusion_spans(index, size)
    assert path == [tree.root_of_hashes(HASHES[low:high]) for low, high in spans]
    assert tree.verify_inclusion(index, size, HASHES[index], path, root)
    assert not tree.verify_inclusion(index, size, tree.leaf_hash(b"other"), path, root)
    assert not tree.verify_inclusion(index ^ 1, size, HASHES[index], path, root) or size == 1


@given(sizes_in_order())
def test_a_tree_proves_to_continue_each_earlier_one(sizes: tuple[int, int]) -> None:
    old, new = sizes
    old_root, new_root = tree.root_of_hashes(HASHES[:old]), tree.root_of_hashes(HASHES[:new])

    path = tree.consistency_proof(old, HASHES[:new])

    assert tree.verify_consistency(old, new, path, old_root, new_root)
    assert not tree.verify_consistency(old, new, [*path, new_root], old_root, new_root)
    if old != new:
        assert not tree.verify_consistency(old, new, path, new_root, new_root)
        assert not tree.verify_consistency(new, old, path, new_root, old_root)


@given(places(), st.data())
def test_a_changed_byte_anywhere_breaks_an_inclusion_proof(
    place: tuple[int, int], data: st.DataObject
) -> None:
    index, size = place
    path = tree.inclusion_proof(index, HASHES[:size])
    at = data.draw(st.integers(0, len(path)))
    changed = [HASHES[index], *path]
    byte = data.draw(st.integers(0, 31))
    flipped = bytearray(changed[at])
    flipped[byte] ^= 1 << data.draw(st.integers(0, 7))
    changed[at] = bytes(flipped)

    root = tree.root_of_hashes(HASHES[:size])

    assert not tree.verify_inclusion(index, size, changed[0], changed[1:], root)


def test_every_changed_byte_breaks_a_consistency_proof() -> None:
    for old, new in ((3, 7), (4, 7), (6, 8), (5, 300)):
        path = tree.consistency_proof(old, HASHES[:new])
        roots = tree.root_of_hashes(HASHES[:old]), tree.root_of_hashes(HASHES[:new])
        for at, step in enumerate(path):
            for byte in range(32):
                flipped = bytearray(step)
                flipped[byte] ^= 0x80
                changed = [*path[:at], bytes(flipped), *path[at + 1 :]]
                assert not tree.verify_consistency(old, new, changed, *roots)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_growing_edge_has_the_root_of_the_whole_tree(batches: list[int]) -> None:
    frontier = tree.Frontier()
    for batch in batches:
        frontier = frontier.extended(HASHES[frontier.size : frontier.size + batch])

    assert frontier.root == tree.root_of_hashes(HASHES[: frontier.size])
    assert len(frontier.peaks) == frontier.size.bit_count()


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="has no leaf 3"):
        tree.inclusion_proof(3, HASHES[:3])
    with pytest.raises(ValueError, match="has no leaf 0"):
        tree.inclusion_spans(0, 0)
    with pytest.raises(ValueError, match="cannot continue"):
        tree.consistency_proof(4, HASHES[:3])


def test_hashes_of_another_length_verify_nothing() -> None:
    assert not tree.verify_inclusion(0, 1, b"", [], b"")
    assert not tree.verify_consistency(1, 1, [], b"", b"")
    assert not tree.verify_consistency(0, 3, [], HASHES[0], HASHES[1])
    assert not tree.verify_consistency(1, 3, [], HASHES[0], HASHES[1])
    assert not tree.verify_consistency(2, 3, [HASHES[0]] * 9, HASHES[0], HASHES[1])
