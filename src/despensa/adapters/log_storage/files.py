"""
The log in a folder: sealing new leaves so that no crash and no restore can make it lie.

Sealing, in this order: stage the leaves and the size they lead to -> record size and root about
to be signed -> sign -> publish bundles and tiles -> publish the checkpoint -> drop the stage. Each
arrow is a flush to disk. After a crash the next call finds the stage and walks the same path
again; every step gives the same bytes when repeated.
Source: docs/explanation/design.md section 5.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from despensa.adapters.log_storage import durable
from despensa.adapters.log_storage.signing import BRING_BACK, SigningRecord
from despensa.adapters.log_storage.stage import Stage, parse_stage
from despensa.adapters.log_storage.tiles import CHECKPOINT, LAST_SIGNED, LOCK, PENDING, TileFolder
from despensa.domain.ports.log_storage import (
    Cosigner,
    LogDamaged,
    LogRefused,
    LogUnavailable,
    Signer,
    nobody,
)
from despensa.domain.transparency import checkpoint as note
from despensa.domain.transparency import tile, tree


def _nothing(_: str) -> None:
    return


class LogFiles:
    """
    A log kept as C2SP tile files. Implements `despensa.domain.ports.log_storage.LogStorage`.

    `log_vkey` is the log's verifier key text, whose name is the origin. `signed_record` is where
    size and root of the last signing are remembered; kept outside the folder (beside the keys) it
    notices a folder that was restored as a whole. `known_as` is asked for the key texts of now, the
    one in use first, when the ones known do not fit: another process may have exchanged the key.
    `on_step` is told every completed step.
    """

    def __init__(
        self,
        folder: Path,
        log_vkey: str,
        *,
        signed_record: Path | None = None,
        known_as: Callable[[], Sequence[str]] | None = None,
        on_step: Callable[[str], None] = _nothing,
    ) -> None:
        """Open a log folder; it need not exist yet."""
        self.folder = folder
        self.key = note.parse_vkey(log_vkey)
        self._known_as = known_as
        self._former: tuple[note.VerifierKey, ...] = ()
        # a stolen key, for as long as the log is signed anew
        self._trusted_once: tuple[note.VerifierKey, ...] = ()
        self._tiles = TileFolder(folder)
        self._stage_path = folder / PENDING
        self._record = SigningRecord(signed_record or folder / LAST_SIGNED, self.key.name)
        self._on_step = on_step

    @property
    def size(self) -> int:
        """The number of leaves under the visible checkpoint; 0 before the first."""
        return self._visible().size

    def checkpoint(self) -> str:
        """
        Return the visible checkpoint's text.

        Raises: LogUnavailable before the first append; LogDamaged.
        """
        text = self._tiles.read_checkpoint()
        if text is None:
            raise LogUnavailable(
                f"{self.folder} has no checkpoint yet: the first sealing writes it"
            )
        self._verified(text)
        return text

    def read_leaf(self, number: int) -> bytes:
        """
        Return one leaf's bytes.

        Raises: LogUnavailable, LogDamaged; ValueError when the tree has no such leaf.
        """
        return self.read_leaves(number, number + 1)[0]

    def read_leaves(self, first: int, end: int) -> list[bytes]:
        """
        Return the bytes of leaves `first` up to, not including, `end`.

        Raises: LogUnavailable, LogDamaged; ValueError when the tree has no such leaves.
        """
        return self._tiles.read_leaves(first, end, size=self.size)

    def leaf_hashes(self, first: int, end: int) -> list[bytes]:
        """
        Return the tree hashes of leaves `first` up to, not including, `end`.

        Raises: LogUnavailable, LogDamaged; ValueError when the tree has no such leaves.
        """
        return self._tiles.read_leaf_hashes(first, end, size=self.size)

    def root_at(self, size: int) -> bytes:
        """
        Return the root the tree had at an earlier size.

        Raises: LogUnavailable, LogDamaged; ValueError when the tree is smaller.
        """
        self._check_size(size)
        return self._root_at(size, self._visible())

    def inclusion_proof(self, number: int, *, size: int) -> list[bytes]:
        """
        Return the audit path of a leaf in the tree of `size` leaves.

        Raises: LogUnavailable, LogDamaged; ValueError when that tree has no such leaf.
        """
        self._check_size(size)
        return self._tiles.span_roots(tree.inclusion_spans(number, size), size=self.size)

    def consistency_proof(self, old_size: int, *, size: int) -> list[bytes]:
        """
        Return the proof that the tree of `size` leaves continues that of `old_size`.

        Raises: LogUnavailable, LogDamaged; ValueError when the sizes do not fit.
        """
        self._check_size(size)
        return self._tiles.span_roots(tree.consistency_spans(old_size, size), size=self.size)

    def append(
        self,
        leaves: Sequence[bytes],
        *,
        sign: Signer,
        cosign: Cosigner = nobody,
        adopt_from: int = 0,
        last_seen: note.Checkpoint | None = None,
    ) -> list[int]:
        """
        Return the leaf numbers of these leaves once a checkpoint covers them.

        The first call, even with no leaves, writes the first checkpoint; the first one after an
        exchange of the key signs anew.
        Locks: `sealing/lock` in the folder; a second process waits.
        Raises: LogUnavailable, LogDamaged, LogRefused; ValueError for a leaf above 65,535 bytes.
        """
        too_long = max(map(len, leaves), default=0)
        if too_long > tile.ENTRY_BYTES_MAX:
            raise ValueError(f"a leaf has at most {tile.ENTRY_BYTES_MAX} bytes, not {too_long}")
        with self._locked():
            self._look_again()
            self._finish_interrupted(sign, cosign)
            visible = self._visible()
            self._check_not_rolled_back(visible, last_seen)
            hashes = tree.leaf_hashes(leaves)
            known = self._numbers_of(hashes, visible.size, adopt_from)
            fresh: dict[bytes, bytes] = {}
            for leaf_hash, leaf in zip(hashes, leaves, strict=True):
                if leaf_hash not in known:
                    fresh.setdefault(leaf_hash, leaf)
            if fresh or not self._is_signed_by_the_key_in_use():
                self._seal(visible, list(fresh.values()), list(fresh), sign, cosign)
            known.update(zip(fresh, range(visible.size, visible.size + len(fresh)), strict=True))
            return [known[leaf_hash] for leaf_hash in hashes]

    @contextmanager
    def trusting(self, public_key: bytes) -> Iterator[None]:
        """Take a checkpoint signed by a key that was stolen, for as long as it is signed anew."""
        self._trusted_once = (note.VerifierKey(self.key.name, note.ED25519, public_key),)
        try:
            yield
        finally:
            self._trusted_once = ()

    def held_still(self) -> AbstractContextManager[None]:
        """Return a context in which nothing is sealed, so that the folder can be copied."""
        return self._locked()

    def _seal(
        self,
        visible: note.Checkpoint,
        leaves: list[bytes],
        hashes: list[bytes],
        sign: Signer,
        cosign: Cosigner,
    ) -> None:
        growth = self._grown(visible, hashes)
        stage = Stage(visible.size, growth.root, leaves)
        durable.write_files([(self._stage_path, stage.encoded())])
        self._on_step("staged")
        self._publish(stage, growth, sign, cosign)

    def _publish(self, stage: Stage, growth: tile.Growth, sign: Signer, cosign: Cosigner) -> None:
        checkpoint = note.Checkpoint(self.key.name, stage.size, growth.root)
        self._record.remember(checkpoint)
        self._on_step("recorded")
        text = self._signed(checkpoint, sign)
        for public, signature in cosign(checkpoint.text.encode()):
            text = note.beside(text, public_key=public, signature=signature)
        self._on_step("signed")
        files = [*self._bundles(stage), *growth.tiles]
        durable.write_files(
            [(self._tiles.path(piece), content) for piece, content in files],
            on_step=lambda step: self._on_step(f"tiles {step}"),
        )
        self._on_step("tiles published")
        durable.write_files([(self.folder / CHECKPOINT, text.encode())])
        self._on_step("checkpoint published")
        self._drop_stage(stage)

    def _signed(self, checkpoint: note.Checkpoint, sign: Signer) -> str:
        """Return the checkpoint signed by the key in use. Raises: LogRefused for any other."""
        for is_last in (False, True):
            text = note.sign(checkpoint, public_key=self.key.public_key, signer=sign)
            try:
                note.verify(text, self.key)
            except note.BadCheckpointSignature as error:
                if is_last or not self._look_again():
                    raise LogRefused(
                        f"the signing key is not the one {self.key.name} is known by; nothing was "
                        "published"
                    ) from error
            else:
                break
        return text

    def _look_again(self) -> bool:
        """Learn the keys of now and return whether they are others than before."""
        if self._known_as is None:
            return False
        in_use, *former = map(note.parse_vkey, self._known_as())
        before = (self.key, self._former)
        self.key, self._former = in_use, tuple(former)
        return before != (self.key, self._former)

    def _drop_stage(self, stage: Stage) -> None:
        durable.remove_files([self._stage_path])
        self._on_step("stage dropped")
        for piece in _completed(stage.old_size, stage.size):
            _remove_partials(self._tiles.path(piece))

    def _finish_interrupted(self, sign: Signer, cosign: Cosigner) -> None:
        data = durable.read_file(self._stage_path)
        if data is None:
            return
        stage = parse_stage(data, self._stage_path)
        visible = self._visible()
        if (visible.size, visible.root) == (stage.size, stage.root) and self._has_checkpoint():
            self._drop_stage(stage)
            return
        if visible.size != stage.old_size:
            raise LogRefused(
                f"an interrupted sealing leads from {stage.old_size} to {stage.size} leaves, but "
                f"the checkpoint in {self.folder} covers {visible.size}. {BRING_BACK}"
            )
        growth = self._grown(visible, tree.leaf_hashes(stage.leaves))
        if growth.root != stage.root:
            raise LogDamaged(f"{self._stage_path} does not lead to the root it names")
        self._publish(stage, growth, sign, cosign)

    def _grown(self, visible: note.Checkpoint, hashes: Sequence[bytes]) -> tile.Growth:
        edge = self._tiles.read_edge(visible.size)
        if tile.edge_root(edge) != visible.root:
            raise LogDamaged(
                f"the tiles in {self.folder} do not lead to the signed root at {visible.size} "
                "leaves. Nothing was appended; `despensa log verify` names the broken piece."
            )
        return tile.grow(edge, visible.size, hashes)

    def _bundles(self, stage: Stage) -> Iterator[tuple[tile.Tile, bytes]]:
        first, width = divmod(stage.old_size, tile.WIDTH)
        leaves = stage.leaves
        if not leaves:
            # signed anew as it is
            return
        if width:
            partial = tile.Tile(None, first, width)
            kept = self._tiles.read_bundle(partial)
            edge = self._tiles.read_hashes(tile.Tile(0, first, width))
            if tree.leaf_hashes(kept) != edge:
                raise LogDamaged(
                    f"{partial.path} is damaged: its leaves are not those of the tree. Nothing "
                    "was published; bring it back from the public mirror or a backup."
                )
            leaves = kept + leaves
        for piece in tile.level_tiles(None, stage.size, first=first):
            start = piece.first - first * tile.WIDTH
            yield piece, tile.encode_bundle(leaves[start : start + piece.width])

    def _check_not_rolled_back(
        self, visible: note.Checkpoint, last_seen: note.Checkpoint | None
    ) -> None:
        for earlier in (self._record.last(), last_seen):
            if earlier is None:
                continue
            if earlier.origin != self.key.name:
                raise LogRefused(f"a checkpoint of {earlier.origin} is not of {self.key.name}")
            if earlier.size > visible.size:
                raise LogRefused(
                    f"the log has {visible.size} leaves, but {earlier.size} were signed or seen "
                    f"before. {BRING_BACK}"
                )
            if self._root_at(earlier.size, visible) != earlier.root:
                raise LogRefused(
                    f"the first {earlier.size} leaves are not those signed or seen before. "
                    f"{BRING_BACK}"
                )

    def _root_at(self, size: int, visible: note.Checkpoint) -> bytes:
        if size == visible.size:
            return visible.root
        return self._tiles.span_roots([(0, size)], size=visible.size)[0]

    def _numbers_of(self, hashes: list[bytes], size: int, adopt_from: int) -> dict[bytes, int]:
        wanted = set(hashes)
        found: dict[bytes, int] = {}
        start = min(max(adopt_from, 0), size) // tile.WIDTH
        for piece in tile.level_tiles(0, size, first=start) if wanted else ():
            stored = self._tiles.read_hashes(piece)
            if not wanted.isdisjoint(stored):
                for place, leaf_hash in enumerate(stored):
                    if leaf_hash in wanted:
                        found.setdefault(leaf_hash, piece.first + place)
        return found

    def _visible(self) -> note.Checkpoint:
        text = self._tiles.read_checkpoint()
        if text is None:
            return note.Checkpoint(self.key.name, 0, tree.EMPTY_ROOT)
        return self._verified(text)

    def _has_checkpoint(self) -> bool:
        return (self.folder / CHECKPOINT).exists()

    def _is_signed_by_the_key_in_use(self) -> bool:
        text = self._tiles.read_checkpoint()
        if text is None:
            return False
        try:
            note.verify(text, self.key)
        except note.UnknownLogKey:
            return False
        return True

    def _verified(self, text: str) -> note.Checkpoint:
        try:
            try:
                return self._by_a_known_key(text)
            except note.UnknownLogKey:
                if not self._look_again():
                    raise
                return self._by_a_known_key(text)
        except note.UnknownLogKey as error:
            raise LogRefused(f"{error}; is this folder or key of another workspace?") from error
        except (note.MalformedCheckpoint, note.BadCheckpointSignature) as error:
            raise LogDamaged(f"{self.folder / CHECKPOINT}: {error}") from error

    def _by_a_known_key(self, text: str) -> note.Checkpoint:
        return note.verify_by_any(text, [self.key, *self._former, *self._trusted_once])

    def _check_size(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ValueError(f"the log has {self.size} leaves, not {size}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self.folder / LOCK
        with durable.said_plainly(self.folder):
            durable.make_folder(path.parent)
            file = path.open("ab")
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _completed(old_size: int, size: int) -> Iterator[tile.Tile]:
    for level in (None, *range(tile.level_count(size))):
        old = tile.level_size(level or 0, old_size)
        new = tile.level_size(level or 0, size)
        if old % tile.WIDTH and old // tile.WIDTH < new // tile.WIDTH:
            yield tile.Tile(level, old // tile.WIDTH)


def _remove_partials(path: Path) -> None:
    folder = path.with_name(path.name + ".p")
    if folder.is_dir():
        durable.remove_files(sorted(folder.iterdir()))
        with durable.said_plainly(folder):
            folder.rmdir()
