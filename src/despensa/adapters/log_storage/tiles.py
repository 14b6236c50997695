"""
The read side of a log folder: hashes, leaves, subtree roots and proofs from tile files.

`checkpoint` and `tile/` may be served and mirrored as they are; `sealing/` is the writer's own.
Reads only the tiles an answer needs. Source: C2SP tlog-tiles v0.1.0.
"""

from collections.abc import Callable
from pathlib import Path

from despensa.adapters.log_storage import durable
from despensa.domain.ports.log_storage import LogDamaged, LogUnavailable
from despensa.domain.transparency import tile, tree

CHECKPOINT = "checkpoint"
PENDING = "sealing/pending"
LAST_SIGNED = "sealing/last-signed"
LOCK = "sealing/lock"


class TileFolder:
    """Tile files below a folder, as a web server would show them."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder; it need not exist yet."""
        self.folder = folder

    def path(self, piece: tile.Tile) -> Path:
        """Return where a tile or bundle lies."""
        return self.folder / piece.path

    def read_checkpoint(self) -> str | None:
        """
        Return the checkpoint's text, or None before the first.

        Raises: LogUnavailable, LogDamaged.
        """
        path = self.folder / CHECKPOINT
        data = durable.read_file(path)
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError as error:
            raise LogDamaged(f"malformed checkpoint: {path} is not text") from error

    def read_hashes(self, piece: tile.Tile) -> list[bytes]:
        """
        Return the hashes of a tile; a partial one is also found within the full one.

        Raises: LogUnavailable, LogDamaged.
        """
        try:
            data = self._read(piece)
            if len(data) == tile.WIDTH * tree.HASH_LENGTH:
                data = data[: piece.width * tree.HASH_LENGTH]
            return tile.parse_hashes(data, width=piece.width)
        except tile.MalformedTile as error:
            raise LogDamaged(f"{piece.path} is damaged: {error}") from error

    def read_bundle(self, piece: tile.Tile) -> list[bytes]:
        """
        Return the leaves of a bundle; a partial one is also found within the full one.

        Raises: LogUnavailable, LogDamaged.
        """
        path = self.path(piece)
        try:
            data = durable.read_file(path)
            if data is not None:
                return tile.parse_bundle(data, width=piece.width)
            full = tile.Tile(None, piece.number)
            return tile.parse_bundle(self._read(full), width=full.width)[: piece.width]
        except tile.MalformedTile as error:
            raise LogDamaged(f"{piece.path} is damaged: {error}") from error

    def read_edge(self, size: int) -> list[list[bytes]]:
        """
        Return per level, lowest first, the hashes of the partial tile of a tree.

        Raises: LogUnavailable, LogDamaged.
        """
        edge = []
        for level in range(tile.level_count(size)):
            number, width = divmod(tile.level_size(level, size), tile.WIDTH)
            edge.append(self.read_hashes(tile.Tile(level, number, width)) if width else [])
        return edge

    def read_leaf_hashes(self, first: int, end: int, *, size: int) -> list[bytes]:
        """
        Return the hashes of leaves `first` up to `end` of a tree of `size` leaves.

        Raises: LogUnavailable, LogDamaged; ValueError when that tree has no such leaves.
        """
        return self._range(0, (first, end), size, self.read_hashes)

    def read_leaves(self, first: int, end: int, *, size: int) -> list[bytes]:
        """
        Return the bytes of leaves `first` up to `end` of a tree of `size` leaves.

        Raises: LogUnavailable, LogDamaged; ValueError when that tree has no such leaves.
        """
        return self._range(None, (first, end), size, self.read_bundle)

    def span_roots(self, spans: list[tree.Span], *, size: int) -> list[bytes]:
        """
        Return the roots over leaf ranges of a tree whose checkpoint covers `size` leaves.

        Raises: LogUnavailable, LogDamaged.
        """
        seen: dict[tuple[int, int], list[bytes]] = {}

        def full_subtree(level: int, number: int) -> bytes:
            tile_level, height = divmod(level, tile.HEIGHT)
            first = number << height
            place = (tile_level, first // tile.WIDTH)
            if place not in seen:
                seen[place] = self.read_hashes(tile.tile_at(*place, size))
            at = first % tile.WIDTH
            return tree.root_of_hashes(seen[place][at : at + (1 << height)])

        return [tree.span_root(span, full_subtree) for span in spans]

    def _range(
        self,
        level: int | None,
        span: tree.Span,
        size: int,
        read: Callable[[tile.Tile], list[bytes]],
    ) -> list[bytes]:
        first, end = span
        if not 0 <= first <= end <= size:
            raise ValueError(f"a log of {size} leaves has no leaves {first} to {end}")
        start = first // tile.WIDTH
        found: list[bytes] = []
        for number in range(start, -(-end // tile.WIDTH)):
            found += read(tile.tile_at(level, number, size))
        offset = start * tile.WIDTH
        return found[first - offset : end - offset]

    def _read(self, piece: tile.Tile) -> bytes:
        data = durable.read_file(self.path(piece))
        if data is None and piece.width < tile.WIDTH:
            data = durable.read_file(self.path(tile.Tile(piece.level, piece.number)))
        if data is None:
            raise LogUnavailable(
                f"{self.path(piece)} is missing. Bring it back from the public mirror or a "
                "backup; `despensa log verify` then says whether it is the right one."
            )
        return data
