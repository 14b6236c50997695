"""Two processes on one keeper's files: nothing is lost, doubled or half-written."""

import os
import threading
from multiprocessing import get_context

import pytest

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.vault import READS_AN_HOUR_A_PERSON
from despensa.domain.ports.keeper import Access, AccessRefused, Purpose
from despensa.domain.sealing import Column, Sealed, ToSeal

PROCESSES = get_context("fork")
EACH = 40
PERSON, STAFF = bytes([1]) * 16, bytes([2]) * 16
AT = 1_795_276_800


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


def _enter(lock, entered):
    with lock:
        entered.set()


def test_a_fork_made_while_another_thread_holds_the_lock_waits_its_turn(tmp_path):
    lock, entered = KeeperLock(tmp_path / "lock"), PROCESSES.Event()
    held, leave = threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    forked = PROCESSES.Process(target=_enter, args=(lock, entered), daemon=True)
    forked.start()
    waited = not entered.wait(0.2)
    leave.set()
    holder.join()

    assert waited
    assert entered.wait(10)
    forked.join()


def test_a_fork_that_lives_on_does_not_keep_the_lock_of_another_thread(tmp_path):
    lock, end = KeeperLock(tmp_path / "lock"), PROCESSES.Event()
    with lock:
        forked = PROCESSES.Process(target=end.wait, daemon=True)
        forked.start()
    second = PROCESSES.Event()
    other = PROCESSES.Process(
        target=_enter, args=(KeeperLock(tmp_path / "lock"), second), daemon=True
    )
    other.start()

    assert second.wait(10)
    end.set()
    forked.join()
    other.join()


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


def _keeper(folder):
    return open_keeper(keys=folder, staging=folder / "staging", workspace=bytes(16))


def _read_until_refused(number, folder, told):
    keeper = _keeper(folder)
    [owner] = keeper.vault.new_keys([PERSON])
    [[stored]] = keeper.vault.seal([(owner, [ToSeal(Column.FULL_NAME, PERSON, 1, "Lucía")])])
    read = 0
    while True:
        entry = bytes([number]) + read.to_bytes(15, "big")
        access = Access(entry, STAFF, AT, Purpose.SEARCH, (PERSON,), (Column.FULL_NAME,))
        try:
            keeper.vault.unseal(access, [(owner, [Sealed(Column.FULL_NAME, PERSON, stored)])])
        except AccessRefused:
            break
        read += 1
    told.put(read)


def test_two_processes_together_read_no_more_than_one_persons_quota(tmp_path):
    told = PROCESSES.SimpleQueue()

    in_two_processes(_read_until_refused, tmp_path, told)

    assert told.get() + told.get() == READS_AN_HOUR_A_PERSON
    assert len(list(_keeper(tmp_path).own_copy.records())) == READS_AN_HOUR_A_PERSON


def test_the_quota_outlives_the_process_that_used_it_up(tmp_path):
    told = PROCESSES.SimpleQueue()
    _read_until_refused(0, tmp_path, told)

    _read_until_refused(1, tmp_path, told)

    assert (told.get(), told.get()) == (READS_AN_HOUR_A_PERSON, 0)


def _read_and_die(folder):
    keeper = _keeper(folder)
    people = tuple(number.to_bytes(16, "big") for number in range(READS_AN_HOUR_A_PERSON))
    access = Access(bytes(16), STAFF, AT, Purpose.SEARCH, people, (Column.FULL_NAME,))
    real = os.fsync

    def killed(descriptor):
        real(descriptor)
        os._exit(9)

    os.fsync = killed
    keeper.vault.unseal(access, [])


def test_a_process_killed_before_it_opened_anything_has_spent_its_quota(tmp_path):
    _keeper(tmp_path)
    process = PROCESSES.Process(target=_read_and_die, args=(tmp_path,))
    process.start()
    process.join(60)
    told = PROCESSES.SimpleQueue()

    _read_until_refused(1, tmp_path, told)

    assert (process.exitcode, told.get()) == (9, 0)
