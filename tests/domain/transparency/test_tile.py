import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.transparency import tile, tree

HASHES = tree.leaf_hashes(number.to_bytes(4, "big") for number in range(1500))


@given(st.lists(st.integers(0, 600), max_size=5))
def test_growing_writes_every_tile_of_the_tree(batches: list[int]) -> None:
    kept: dict[tile.Tile, bytes] = {}
    edge: tuple[tuple[bytes, ...], ...] = ()
    size = 0
    for batch in batches:
        fresh = HASHES[size : size + batch]
        growth = tile.grow(edge, size, fresh)
        kept |= dict(growth.tiles)
        edge, size = growth.edge, size + len(fresh)

    assert tile.edge_root(edge) == tree.root_of_hashes(HASHES[:size])
    for piece in tile.all_tiles(size):
        if piece.level is not None:
            span = tile.WIDTH**piece.level
            roots = [
                tree.root_of_hashes(HASHES[at * span : (at + 1) * span])
                for at in range(piece.first, piece.first + piece.width)
            ]
            assert tile.parse_hashes(kept[piece], width=piece.width) == roots


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_names_one_piece(level: int | None, number: int, width: int) -> None:
    piece = tile.Tile(level, number, width)

    assert tile.parse_path(piece.path) == piece


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_leaves_back(entries: list[bytes]) -> None:
    data = tile.encode_bundle(entries)

    assert tile.parse_bundle(data, width=len(entries)) == entries
    with pytest.raises(tile.MalformedTile):
        tile.parse_bundle(data, width=len(entries) + 1)
    with pytest.raises(tile.MalformedTile):
        tile.parse_bundle(data + b"\x00", width=len(entries))
    if entries:
        with pytest.raises(tile.MalformedTile):
            tile.parse_bundle(data[:-1], width=len(entries))


def test_the_sizes_of_the_specification() -> None:
    widths = {(piece.level, piece.width) for piece in tile.all_tiles(70_000)}

    assert {(0, 112), (1, 256), (1, 17), (2, 1)} <= widths
    assert tile.level_count(70_000) == 3
    assert [piece.path for piece in tile.all_tiles(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]


def test_limits_are_said() -> None:
    with pytest.raises(ValueError, match="at most 65535 bytes"):
        tile.encode_bundle([bytes(65_536)])
    with pytest.raises(ValueError, match="has no tile 1"):
        tile.tile_at(0, 1, 256)
    with pytest.raises(tile.MalformedTile, match="instead of 2 hashes"):
        tile.parse_hashes(bytes(63), width=2)
