"""
Tiles: the tree cut into pieces of 256 hashes, and the bundles of leaves beneath them.

Decides names and contents of the pieces a tree of a given size has, not where they are kept.
Source: C2SP tlog-tiles v0.1.0 (https://c2sp.org/tlog-tiles).
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from despensa.domain.transparency import tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
LEVEL_MAX = 63
ENTRY_BYTES_MAX = (1 << 16) - 1
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class MalformedTile(ValueError):
    """A path or content that no tree of this form has."""


@dataclass(frozen=True, slots=True)
class Tile:
    """
    One piece of the tree: hashes at `level`, or the leaves themselves when `level` is None.

    >>> Tile(0, 1234067).path
    'tile/0/x001/x234/067'
    >>> Tile(None, 5, 17).path
    'tile/entries/005.p/17'
    """

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The piece's path below the log's address, with `/` between the parts."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number_path(self.number)}{partial}"

    @property
    def first(self) -> int:
        """The position of the piece's first hash or leaf within its level."""
        return self.number * WIDTH


def parse_path(path: str) -> Tile:
    """
    Return the piece a path names.

    Raises: MalformedTile on any other spelling than `Tile.path` writes.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise MalformedTile(f"{path} is no tile path")
    level = None if match["level"] == "entries" else int(match["level"])
    number = int(match["number"].replace("x", "").replace("/", ""))
    piece = Tile(level, number, int(match["width"] or WIDTH))
    if piece.path != path or piece.width > WIDTH or (level or 0) > LEVEL_MAX:
        raise MalformedTile(f"{path} is no tile path")
    return piece


def level_size(level: int, size: int) -> int:
    """Return how many hashes a tree of `size` leaves has at a tile level."""
    return size >> (HEIGHT * level)


def level_count(size: int) -> int:
    """Return how many tile levels a tree of `size` leaves has; the empty tree has none."""
    return 0 if size == 0 else (size.bit_length() - 1) // HEIGHT + 1


def tile_at(level: int | None, number: int, size: int) -> Tile:
    """
    Return a tile with the width it has in a tree of `size` leaves.

    Raises: ValueError when that tree has no such tile.
    """
    width = min(WIDTH, level_size(level or 0, size) - number * WIDTH)
    if width <= 0 or number < 0:
        raise ValueError(f"a tree of {size} leaves has no tile {number} at this level")
    return Tile(level, number, width)


def level_tiles(level: int | None, size: int, *, first: int = 0) -> Iterator[Tile]:
    """Yield the tiles of one level of a tree of `size` leaves, from tile `first` on."""
    count = level_size(level or 0, size)
    for number in range(first, -(-count // WIDTH)):
        yield Tile(level, number, min(WIDTH, count - number * WIDTH))


def all_tiles(size: int) -> Iterator[Tile]:
    """Yield every piece of a tree of `size` leaves: bundles first, then level by level."""
    yield from level_tiles(None, size)
    for level in range(level_count(size)):
        yield from level_tiles(level, size)


def encode_hashes(hashes: Iterable[bytes]) -> bytes:
    """Return the content of a tile."""
    return b"".join(hashes)


def parse_hashes(data: bytes, *, width: int) -> list[bytes]:
    """
    Return the hashes of a tile.

    Raises: MalformedTile when it does not hold exactly `width` hashes.
    """
    length = tree.HASH_LENGTH
    if len(data) != width * length:
        raise MalformedTile(f"{len(data)} bytes instead of {width} hashes of {length} bytes")
    return [data[at : at + length] for at in range(0, len(data), length)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """
    Return the content of an entry bundle: each leaf after its length as u16.

    Raises: ValueError when a leaf is longer than 65,535 bytes.
    """
    longest = max(map(len, entries), default=0)
    if longest > ENTRY_BYTES_MAX:
        raise ValueError(f"a leaf has at most {ENTRY_BYTES_MAX} bytes, not {longest}")
    pack = struct.Struct(">H").pack
    return b"".join([pack(len(entry)) + entry for entry in entries])


def parse_bundle(data: bytes, *, width: int) -> list[bytes]:
    """
    Return the leaves of an entry bundle.

    Raises: MalformedTile when it does not hold exactly `width` leaves.
    """
    entries = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != width:
        raise MalformedTile(f"not exactly {width} leaves")
    return entries


@dataclass(frozen=True, slots=True)
class Growth:
    """
    What appending leaves adds to a tiled tree.

    Shape: `tiles` are the changed tiles with their whole content, level by level; `edge` holds
    per level the hashes of the partial tile afterwards.
    """

    tiles: tuple[tuple[Tile, bytes], ...]
    edge: tuple[tuple[bytes, ...], ...]

    @property
    def root(self) -> bytes:
        """The root of the tree afterwards."""
        return edge_root(self.edge)


def grow(edge: Sequence[Sequence[bytes]], size: int, hashes: Sequence[bytes]) -> Growth:
    """
    Return the tiles that change when leaf hashes are appended to a tree of `size` leaves.

    `edge` holds per level, lowest first, the hashes of the tree's partial tile.
    """
    changed: list[tuple[Tile, bytes]] = []
    grown: list[tuple[bytes, ...]] = []
    rising = list(hashes)
    level = 0
    while rising or level < len(edge):
        row = [*(edge[level] if level < len(edge) else ()), *rising]
        first = level_size(level, size) // WIDTH
        pieces = [tuple(row[at : at + WIDTH]) for at in range(0, len(row), WIDTH)]
        if rising:
            changed += [
                (Tile(level, first + place, len(piece)), encode_hashes(piece))
                for place, piece in enumerate(pieces)
            ]
        partial = pieces.pop() if pieces and len(pieces[-1]) < WIDTH else ()
        grown.append(partial)
        rising = [tree.root_of_hashes(piece) for piece in pieces]
        level += 1
    return Growth(tuple(changed), tuple(grown))


def edge_peaks(edge: Sequence[Sequence[bytes]]) -> list[bytes]:
    """
    Return the roots of a tree's full subtrees, largest first, from its partial tiles.

    `edge` holds per level, lowest first, the hashes of the partial tile (none if the level is
    full).
    """
    peaks: list[bytes] = []
    for hashes in reversed(edge):
        peaks += tree.Frontier().extended(hashes).peaks
    return peaks


def edge_root(edge: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root of a tree from the hashes of its partial tiles, lowest level first."""
    return tree.fold_peaks(edge_peaks(edge))


def _number_path(number: int) -> str:
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))
