"""Two processes on one keeper's files: nothing is lost, doubled or half-written."""

import os
import threading
from multiprocessing import get_context

import pytest

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy

PROCESSES = get_context("fork")
EACH = 40


def in_two_processes(work, *arguments):
    started = [PROCESSES.Process(target=work, args=(number, *arguments)) for number in range(2)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
        assert process.exitcode == 0


def _count_up(_number, folder):
    lock = KeeperLock(folder / "lock")
    for _ in range(EACH):
        with lock, lock:
            count = int((folder / "count").read_text())
            (folder / "count").write_text(str(count + 1))


def test_the_lock_keeps_two_processes_apart(tmp_path):
    (tmp_path / "count").write_text("0")

    in_two_processes(_count_up, tmp_path)

    assert (tmp_path / "count").read_text() == str(2 * EACH)


def test_the_lock_keeps_two_threads_of_one_process_apart(tmp_path):
    (tmp_path / "count").write_text("0")
    lock = KeeperLock(tmp_path / "lock")

    def count_up():
        for _ in range(EACH):
            with lock:
                count = int((tmp_path / "count").read_text())
                (tmp_path / "count").write_text(str(count + 1))

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (tmp_path / "count").read_text() == str(2 * EACH)


def test_the_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(KeyError), KeeperLock(tmp_path / "lock"):
        raise KeyError

    with KeeperLock(tmp_path / "lock"):
        pass


def _append(number, path):
    copy = OwnCopy(path)
    for place in range(EACH):
        copy.append({0: number, 1: place, 2: bytes(300)})


def test_the_own_copy_keeps_the_records_of_both_processes_in_their_order(tmp_path):
    path = tmp_path / "own-copy.journal"

    in_two_processes(_append, path)

    records = list(OwnCopy(path).records())
    for number in range(2):
        assert [r[1] for r in records if r[0] == number] == list(range(EACH))


def test_a_record_another_process_did_not_finish_is_cut_before_the_next(tmp_path):
    path = tmp_path / "own-copy.journal"
    mine, killed = OwnCopy(path), OwnCopy(path)
    mine.append({0: 1})
    killed.append({0: 2})
    with path.open("ab") as file:
        file.write((100).to_bytes(4, "big") + b"half")

    mine.append({0: 3})

    assert [record[0] for record in OwnCopy(path).records()] == [1, 2, 3]


def test_a_full_disk_leaves_no_part_of_a_record(tmp_path, monkeypatch):
    path = tmp_path / "own-copy.journal"
    copy = OwnCopy(path)
    copy.append({0: 1})
    whole = path.read_bytes()
    real = os.write
    monkeypatch.setattr(os, "write", lambda to, data: real(to, data[:3]))

    with pytest.raises(OSError, match="only a part"):
        copy.append({0: 2})

    assert path.read_bytes() == whole


def _make_key(_number, path, seen):
    seen.put(key_files.read_or_make(path, os.urandom))


def test_of_two_processes_that_make_a_key_the_first_wins(tmp_path):
    for attempt in range(8):
        seen = PROCESSES.SimpleQueue()

        in_two_processes(_make_key, tmp_path / f"{attempt}.key", seen)

        assert seen.get() == seen.get() == (tmp_path / f"{attempt}.key").read_bytes()
    assert not list(tmp_path.glob("*.partial"))
