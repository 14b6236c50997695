import shutil
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from despensa.adapters.log_storage import LogFiles, verify_log
from despensa.domain.ports.log_storage import LogDamaged, LogRefused, LogStorage, LogUnavailable
from despensa.domain.transparency import checkpoint, tree
from tests.adapters.log_storage.conftest import KEY, VKEY, SignedWith

Leaves = Callable[[int, int], list[bytes]]


class PowerCut(BaseException):
    """The machine stops here."""


def cut_after(steps: int) -> Callable[[str], None]:
    counter = count(1)

    def on_step(_: str) -> None:
        if next(counter) == steps:
            raise PowerCut

    return on_step


def steps_of(work: Callable[[Callable[[str], None]], object]) -> list[str]:
    seen: list[str] = []
    work(seen.append)
    return seen


def visible(log: LogFiles) -> checkpoint.Checkpoint:
    return checkpoint.parse(log.checkpoint()).checkpoint


def test_it_is_a_log_storage(log: LogFiles) -> None:
    storage: LogStorage = log

    assert storage.size == 0


def test_leaves_get_their_numbers_in_order(log: LogFiles, sign: SignedWith) -> None:
    first = log.append([b"a", b"b", b"a"], sign=sign)
    second = log.append([b"c", b"b"], sign=sign)

    assert (first, second, log.size) == ([0, 1, 0], [2, 1], 3)
    assert visible(log).root == tree.root([b"a", b"b", b"c"])
    assert log.read_leaves(0, 3) == [b"a", b"b", b"c"]


def test_the_first_sealing_of_nothing_makes_the_log(log: LogFiles, sign: SignedWith) -> None:
    with pytest.raises(LogUnavailable, match="no checkpoint yet"):
        log.checkpoint()

    assert log.append([], sign=sign) == []
    assert log.append([], sign=sign) == []
    assert visible(log).root == tree.EMPTY_ROOT
    assert len(sign.texts) == 1


@pytest.mark.parametrize("batches", [(1, 255, 1), (256, 256), (300, 300, 70_000), (1,) * 300])
def test_any_batches_lead_to_the_same_tree(
    batches: tuple[int, ...], log: LogFiles, sign: SignedWith, leaves: Leaves, folder: Path
) -> None:
    size = 0
    for batch in batches:
        numbers = log.append(leaves(size, size + batch), sign=sign, adopt_from=size)
        assert numbers == list(range(size, size + batch))
        size += batch

    assert visible(log).root == tree.root(leaves(0, size))
    assert verify_log(folder, VKEY).is_verified
    sign.assert_one_root_a_size()


def test_leaves_are_found_again_only_from_where_the_caller_says(
    log: LogFiles, sign: SignedWith, leaves: Leaves
) -> None:
    log.append(leaves(0, 600), sign=sign)

    assert log.append(leaves(590, 610), sign=sign, adopt_from=590) == list(range(590, 610))
    assert log.append(leaves(0, 2), sign=sign) == [0, 1]


def a_log_before(folder: Path, leaves: Leaves, sign: SignedWith) -> None:
    LogFiles(folder, VKEY).append(leaves(0, 254), sign=sign)


@pytest.mark.parametrize("new", [1, 2, 3, 300])
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    new: int, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    template = tmp_path / "before"
    a_log_before(template, leaves, sign)
    whole = tmp_path / "whole"
    shutil.copytree(template, whole)
    batch = leaves(250, 254 + new)
    steps = steps_of(
        lambda on_step: LogFiles(whole, VKEY, on_step=on_step).append(batch, sign=sign)
    )

    for at in range(1, len(steps) + 1):
        folder = tmp_path / f"cut-{at}"
        shutil.copytree(template, folder)
        with pytest.raises(PowerCut):
            LogFiles(folder, VKEY, on_step=cut_after(at)).append(batch, sign=sign)
        assert LogFiles(folder, VKEY).size in (254, 254 + new)

        numbers = LogFiles(folder, VKEY).append(batch, sign=sign, adopt_from=250)

        assert numbers == list(range(250, 254 + new)), steps[at - 1]
        assert LogFiles(folder, VKEY).checkpoint() == LogFiles(whole, VKEY).checkpoint()
        report = verify_log(folder, VKEY)
        assert report.is_verified
        assert not report.is_interrupted
    assert {"staged", "recorded", "signed", "tiles written", "tiles renamed"} <= set(steps)
    assert {"tiles published", "checkpoint published", "stage dropped"} <= set(steps)
    sign.assert_one_root_a_size()


def test_a_crash_during_the_repair_is_repaired_too(
    folder: Path, sign: SignedWith, leaves: Leaves
) -> None:
    a_log_before(folder, leaves, sign)
    batch = leaves(254, 600)

    for at in range(1, 9):
        with pytest.raises(PowerCut):
            LogFiles(folder, VKEY, on_step=cut_after(at)).append(batch, sign=sign)
    numbers = LogFiles(folder, VKEY).append([*batch, b"more"], sign=sign)

    assert numbers == list(range(254, 601))
    assert verify_log(folder, VKEY).is_verified
    sign.assert_one_root_a_size()


def test_the_first_sealing_may_be_cut_anywhere(
    tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    for at in range(1, 30):
        folder = tmp_path / str(at)
        try:
            LogFiles(folder, VKEY, on_step=cut_after(at)).append(leaves(0, 3), sign=sign)
        except PowerCut:
            LogFiles(folder, VKEY).append([], sign=sign)
        assert LogFiles(folder, VKEY).append(leaves(0, 3), sign=sign) == [0, 1, 2]
        assert verify_log(folder, VKEY).is_verified


def test_a_keeper_that_does_not_answer_leaves_the_stage(
    log: LogFiles, sign: SignedWith, folder: Path
) -> None:
    def unreachable(_: bytes) -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        log.append([b"a"], sign=unreachable)

    assert (log.size, (folder / "sealing" / "pending").exists()) == (0, True)
    assert log.append([b"b"], sign=sign) == [1]
    assert log.read_leaves(0, 2) == [b"a", b"b"]


def test_the_wrong_key_publishes_nothing(log: LogFiles, folder: Path) -> None:
    with pytest.raises(LogRefused, match="the signing key is not the one"):
        log.append([b"a"], sign=lambda _: bytes(64))

    assert not (folder / "checkpoint").exists()


def test_two_roots_are_never_signed_at_one_size(
    folder: Path, tmp_path: Path, sign: SignedWith
) -> None:
    record = tmp_path / "keys" / "last-signed"
    LogFiles(folder, VKEY, signed_record=record).append([b"a"], sign=sign)
    shutil.copytree(folder, tmp_path / "copy")
    LogFiles(folder, VKEY, signed_record=record).append([b"b"], sign=sign)

    with pytest.raises(LogRefused, match="2 were signed or seen before"):
        LogFiles(tmp_path / "copy", VKEY, signed_record=record).append([b"c"], sign=sign)

    sign.assert_one_root_a_size()


def test_another_root_at_a_signed_size_is_refused_at_the_last_moment(
    folder: Path, sign: SignedWith
) -> None:
    with pytest.raises(PowerCut):
        LogFiles(folder, VKEY, on_step=cut_after(2)).append([b"a"], sign=sign)
    (folder / "sealing" / "pending").unlink()

    with pytest.raises(LogRefused, match="1 were signed or seen before"):
        LogFiles(folder, VKEY).append([b"b"], sign=sign)

    assert sign.texts == []


def test_a_swapped_stage_is_refused(tmp_path: Path, sign: SignedWith) -> None:
    for name in ("one", "two"):
        with pytest.raises(PowerCut):
            LogFiles(tmp_path / name, VKEY, on_step=cut_after(2)).append([name.encode()], sign=sign)
    shutil.copy(tmp_path / "one/sealing/pending", tmp_path / "two/sealing/pending")

    with pytest.raises(LogRefused, match="another root was signed at 1 leaves"):
        LogFiles(tmp_path / "two", VKEY).append([], sign=sign)

    assert sign.texts == []


def test_a_folder_put_back_is_noticed_by_the_checkpoint_seen_elsewhere(
    folder: Path, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    a_log_before(folder, leaves, sign)
    shutil.copytree(folder, tmp_path / "backup")
    LogFiles(folder, VKEY).append(leaves(254, 300), sign=sign)
    seen = visible(LogFiles(folder, VKEY))
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)

    with pytest.raises(LogRefused, match="looks older than what was signed before") as refusal:
        LogFiles(folder, VKEY).append([b"x"], sign=sign, last_seen=seen)

    assert "the log has 254 leaves, but 300" in str(refusal.value)
    assert LogFiles(folder, VKEY).size == 254


def test_a_tree_that_does_not_continue_the_one_seen_is_refused(
    folder: Path, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    LogFiles(tmp_path / "other", VKEY).append([b"x"], sign=sign)
    seen = visible(LogFiles(tmp_path / "other", VKEY))
    a_log_before(folder, leaves, sign)

    with pytest.raises(LogRefused, match="first 1 leaves are not those"):
        LogFiles(folder, VKEY).append([b"y"], sign=sign, last_seen=seen)
    stranger = checkpoint.Checkpoint("elsewhere", 1, seen.root)
    with pytest.raises(LogRefused, match="checkpoint of elsewhere"):
        LogFiles(folder, VKEY).append([b"y"], sign=sign, last_seen=stranger)


def test_a_stage_of_another_history_is_refused(
    folder: Path, tmp_path: Path, sign: SignedWith, leaves: Leaves
) -> None:
    a_log_before(folder, leaves, sign)
    LogFiles(tmp_path / "other", VKEY).append([b"x"], sign=sign)
    with pytest.raises(PowerCut):
        LogFiles(tmp_path / "other", VKEY, on_step=cut_after(1)).append([b"y"], sign=sign)
    shutil.copy(tmp_path / "other/sealing/pending", folder / "sealing/pending")

    with pytest.raises(LogRefused, match="leads from 1 to 2 leaves"):
        LogFiles(folder, VKEY).append([b"z"], sign=sign)


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x84\x01\x00\x40\x80"])
def test_a_damaged_stage_is_named(
    folder: Path, log: LogFiles, sign: SignedWith, content: bytes
) -> None:
    log.append([b"a"], sign=sign)
    (folder / "sealing" / "pending").write_bytes(content)

    with pytest.raises(LogDamaged, match="pending is damaged"):
        log.append([b"b"], sign=sign)


def test_a_stage_of_a_newer_version_is_left_alone(
    folder: Path, log: LogFiles, sign: SignedWith
) -> None:
    log.append([b"a"], sign=sign)
    (folder / "sealing" / "pending").write_bytes(b"\x84\x02\x00\x40\x80")

    with pytest.raises(LogRefused, match="newer version"):
        log.append([b"b"], sign=sign)


def test_a_damaged_record_signs_nothing(folder: Path, log: LogFiles, sign: SignedWith) -> None:
    log.append([b"a"], sign=sign)
    record = folder / "sealing" / "last-signed"

    record.write_text("nonsense")
    with pytest.raises(LogRefused, match="not readable"):
        log.append([b"b"], sign=sign)
    record.write_text(checkpoint.Checkpoint("elsewhere", 1, tree.EMPTY_ROOT).text)
    with pytest.raises(LogRefused, match="about elsewhere"):
        log.append([b"b"], sign=sign)


@pytest.mark.parametrize("piece", ["tile/0/000.p/254", "tile/entries/000.p/254"])
def test_nothing_is_built_on_a_damaged_edge(
    piece: str, folder: Path, sign: SignedWith, leaves: Leaves
) -> None:
    a_log_before(folder, leaves, sign)
    path = folder / piece
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    path.write_bytes(data)

    with pytest.raises(LogDamaged):
        LogFiles(folder, VKEY).append([b"x"], sign=sign)

    assert visible(LogFiles(folder, VKEY)).size == 254


def test_an_altered_checkpoint_is_not_built_on(
    folder: Path, log: LogFiles, sign: SignedWith
) -> None:
    log.append([b"a"], sign=sign)
    path = folder / "checkpoint"
    text = path.read_text()

    path.write_text(text.replace("\n1\n", "\n2\n"))
    with pytest.raises(LogDamaged, match="does not verify"):
        log.append([b"b"], sign=sign)
    path.write_bytes(b"\xff")
    with pytest.raises(LogDamaged, match="malformed checkpoint"):
        log.append([b"b"], sign=sign)
    path.write_text(text)
    renamed = checkpoint.vkey("example.org/other", KEY.public_key().public_bytes_raw())
    with pytest.raises(LogRefused, match="another workspace"):
        LogFiles(folder, renamed).append([b"b"], sign=sign)


def test_a_leaf_too_long_for_a_bundle_is_refused_before_staging(
    folder: Path, log: LogFiles, sign: SignedWith
) -> None:
    with pytest.raises(ValueError, match="at most 65535 bytes"):
        log.append([bytes(65_536)], sign=sign)

    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path, sign: SignedWith) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(LogUnavailable, match="Nothing is lost"):
        LogFiles(tmp_path / "file", VKEY).append([b"a"], sign=sign)


def test_a_full_disk_in_the_middle_is_survived(
    log: LogFiles, sign: SignedWith, leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(leaves(0, 10), sign=sign)
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        if "entries" in str(path):
            raise OSError(28, "No space left on device")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(LogUnavailable, match="No space left on device"):
            log.append(leaves(10, 20), sign=sign)

    assert log.size == 10
    assert log.append(leaves(10, 20), sign=sign) == list(range(10, 20))
    sign.assert_one_root_a_size()


def test_two_writers_take_turns(folder: Path, leaves: Leaves) -> None:
    def write(first: int) -> None:
        log = LogFiles(folder, VKEY)
        for number in range(first, first + 20):
            log.append(leaves(number, number + 1), sign=KEY.sign)

    writers = [threading.Thread(target=write, args=(at,)) for at in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert LogFiles(folder, VKEY).size == 40
    assert verify_log(folder, VKEY).is_verified


def test_full_tiles_replace_their_partial_ones(
    folder: Path, log: LogFiles, sign: SignedWith, leaves: Leaves
) -> None:
    for at in range(0, 300, 50):
        log.append(leaves(at, at + 50), sign=sign)

    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    assert "tile/0/000" in names
    assert not [name for name in names if name.startswith("tile/0/000.p/")]
    assert "tile/entries/001.p/44" in names
    assert not [name for name in names if name.endswith(".new")]
