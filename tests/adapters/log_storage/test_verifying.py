import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.adapters.log_storage import LogFiles, LogReport, verify_log
from despensa.domain.transparency import checkpoint, tile, tree
from despensa.domain.transparency.proof import Answer
from tests.adapters.log_storage.conftest import VKEY, SignedWith

Leaves = Callable[[int, int], list[bytes]]


@pytest.fixture
def filled(folder: Path, log: LogFiles, sign: SignedWith, leaves: Leaves) -> Path:
    log.append(leaves(0, 700), sign=sign)
    return folder


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def broken_piece(report: LogReport) -> tuple[str, int | None]:
    assert report.answer is Answer.NOT_VALID
    assert report.problem is not None
    assert report.problem.mend
    return report.problem.piece, report.problem.leaf


def seen_in(folder: Path) -> checkpoint.Checkpoint:
    return checkpoint.parse((folder / "checkpoint").read_text()).checkpoint


def test_a_whole_log_is_verified_with_progress(filled: Path) -> None:
    told: list[tuple[int, int]] = []

    report = verify_log(
        filled, VKEY, last_seen=seen_in(filled), on_progress=lambda *step: told.append(step)
    )

    assert report.is_verified
    assert report.problem is None
    assert (report.leaves_checked, report.tiles_checked) == (700, 4)
    assert told == [(256, 700), (512, 700), (700, 700)]


def test_an_empty_log_is_verified(folder: Path, log: LogFiles, sign: SignedWith) -> None:
    log.append([], sign=sign)

    assert verify_log(folder, VKEY).is_verified


@pytest.mark.parametrize("number", [0, 255, 256, 600, 699])
def test_a_flipped_bit_in_a_leaf_names_the_leaf(number: int, filled: Path) -> None:
    piece = tile.tile_at(None, number // 256, 700)
    at = sum(2 + len(b"leaf %d" % before) for before in range(piece.first, number)) + 3

    flip(filled / piece.path, at)

    assert broken_piece(verify_log(filled, VKEY)) == (piece.path, number)


@pytest.mark.parametrize("number", [0, 300, 699])
def test_a_flipped_bit_in_a_tile_names_the_tile(number: int, filled: Path) -> None:
    piece = tile.tile_at(0, number // 256, 700)

    flip(filled / piece.path, (number - piece.first) * 32 + 7)

    report = verify_log(filled, VKEY)
    assert broken_piece(report) == (piece.path, number)
    assert report.problem is not None
    assert "leaves are whole" in report.problem.mend


def test_a_flipped_bit_in_an_upper_tile_names_it(filled: Path) -> None:
    flip(filled / "tile/1/000.p/2", 40)

    assert broken_piece(verify_log(filled, VKEY)) == ("tile/1/000.p/2", None)


def test_every_flipped_bit_of_the_checkpoint_is_noticed(filled: Path) -> None:
    path = filled / "checkpoint"
    for at in range(len(path.read_bytes())):
        flip(path, at)
        report = verify_log(filled, VKEY)
        assert not report.is_verified
        assert report.problem is not None
        assert report.problem.piece == "checkpoint"
        flip(path, at)


def test_a_missing_or_short_piece_is_named(filled: Path) -> None:
    for piece in ("tile/entries/001", "tile/0/001", "tile/1/000.p/2"):
        path = filled / piece
        data = path.read_bytes()
        path.unlink()
        assert broken_piece(verify_log(filled, VKEY))[0] == piece
        path.write_bytes(data[:-1])
        assert broken_piece(verify_log(filled, VKEY))[0] == piece
        path.write_bytes(data)
    (filled / "checkpoint").unlink()
    assert broken_piece(verify_log(filled, VKEY)) == ("checkpoint", None)


def test_a_leaf_rewritten_together_with_its_tiles_is_noticed(filled: Path, leaves: Leaves) -> None:
    changed = [*leaves(0, 5), b"forged", *leaves(6, 700)]
    for piece in tile.level_tiles(None, 700):
        part = changed[piece.first : piece.first + piece.width]
        (filled / piece.path).write_bytes(tile.encode_bundle(part))
    for piece, content in tile.grow((), 0, tree.leaf_hashes(changed)).tiles:
        (filled / piece.path).write_bytes(content)

    report = verify_log(filled, VKEY)

    assert broken_piece(report) == ("checkpoint", None)
    assert report.problem is not None
    assert "not the root of these 700 leaves" in report.problem.reason


def test_a_leaf_and_its_tile_that_contradict_each_other_and_the_root(filled: Path) -> None:
    flip(filled / "tile/entries/000", 3)
    flip(filled / "tile/0/001", 3)

    report = verify_log(filled, VKEY)

    assert broken_piece(report) == ("tile/entries/000", 0)
    assert report.problem is not None
    assert "contradict" in report.problem.reason


def test_a_rolled_back_folder_is_noticed(
    filled: Path, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    shutil.copytree(filled, tmp_path / "backup")
    LogFiles(filled, VKEY).append(leaves(700, 900), sign=sign)
    seen = seen_in(filled)

    report = verify_log(tmp_path / "backup", VKEY, last_seen=seen)

    assert broken_piece(report) == ("checkpoint", 700)
    assert report.problem is not None
    assert "leaves are missing at the end" in report.problem.reason
    shutil.copy(filled / "sealing/last-signed", tmp_path / "backup/sealing/last-signed")
    assert broken_piece(verify_log(tmp_path / "backup", VKEY)) == ("checkpoint", 700)


@pytest.mark.parametrize("size", [1, 256, 300, 699, 700])
def test_a_forked_log_is_noticed(
    size: int, filled: Path, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    LogFiles(tmp_path / "fork", VKEY).append([b"other", *leaves(1, size)], sign=sign)
    LogFiles(tmp_path / "earlier", VKEY).append(leaves(0, size), sign=sign)

    forked = verify_log(filled, VKEY, last_seen=seen_in(tmp_path / "fork"))
    continued = verify_log(filled, VKEY, last_seen=seen_in(tmp_path / "earlier"))

    assert broken_piece(forked) == ("checkpoint", None)
    assert continued.is_verified


def test_an_unknown_key_or_log_is_cannot_tell(filled: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32).public_key().public_bytes_raw()
    seen = checkpoint.Checkpoint("elsewhere", 1, tree.EMPTY_ROOT)

    for report in (
        verify_log(filled, checkpoint.vkey("example.org/log", other)),
        verify_log(filled, VKEY, last_seen=seen),
    ):
        assert report.answer is Answer.CANNOT_TELL
        assert not report.is_verified


def test_an_interrupted_sealing_is_told_and_no_problem(filled: Path, sign: SignedWith) -> None:
    def unreachable(_: bytes) -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        LogFiles(filled, VKEY).append([b"new"], sign=unreachable)

    report = verify_log(filled, VKEY)

    assert (report.is_verified, report.is_interrupted) == (True, True)
    LogFiles(filled, VKEY).append([], sign=sign)
    assert not verify_log(filled, VKEY).is_interrupted


def test_a_damaged_signing_record_is_named(filled: Path) -> None:
    (filled / "sealing/last-signed").write_text("nonsense")

    assert broken_piece(verify_log(filled, VKEY)) == ("sealing/last-signed", None)


def test_the_mirror_without_the_writers_files_is_verified(filled: Path) -> None:
    shutil.rmtree(filled / "sealing")

    assert verify_log(filled, VKEY).is_verified
