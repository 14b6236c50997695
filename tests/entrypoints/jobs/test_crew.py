"""Workers beside a process: results in order, errors said, nobody left behind."""

import os
import signal
import threading

import pytest

from despensa.domain.ports.crew import Alone
from despensa.entrypoints.jobs import crew
from despensa.entrypoints.jobs.crew import Forks, WorkerFailed


class Doubling:
    """Doubles numbers; says at the end how many it doubled."""

    def __init__(self, at_seven=None):
        self.done = 0
        self.at_seven = at_seven

    def do(self, item):
        if item == 7 and self.at_seven is not None:
            self.at_seven()
        self.done += 1
        return 2 * item

    def finish(self):
        return -self.done

    def encode_item(self, item):
        return [b"%d" % item, b"", b"0"]

    def decode_item(self, data):
        return int(bytes(data)) // 10

    encode_result = encode_item
    decode_result = decode_item


def parts(count):
    return ((number, str(number)) for number in range(count))


def fails():
    raise ValueError("what must not be told")


@pytest.fixture(autouse=True)
def nobody_left_behind(monkeypatch):
    """Fail where a worker outlives its crew."""
    workers, fork = [], os.fork

    def counted():
        worker = fork()
        workers.append(worker)
        return worker

    monkeypatch.setattr(os, "fork", counted)
    yield
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


@pytest.mark.parametrize("crew", [Alone(), Forks(1), Forks(2), Forks(3)])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 20])
def test_results_come_in_the_order_of_the_parts(crew, count):
    every = list(crew.each(Doubling(), parts(count)))

    assert [one for one in every if one[0] is not None] == [
        (str(number), 2 * number) for number in range(count)
    ]
    assert -sum(result for kept, result in every if kept is None) == count


@pytest.mark.parametrize(
    "at_seven, said",
    [
        (fails, "a worker failed: ValueError"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended before its part was done"),
    ],
)
def test_a_worker_that_fails_or_dies_is_an_error(at_seven, said):
    with pytest.raises(WorkerFailed, match=said):
        list(Forks().each(Doubling(at_seven), parts(20)))


def test_a_result_too_long_for_the_shared_memory_goes_by_the_pipe(monkeypatch):
    monkeypatch.setattr(crew, "_SHARED_BYTES", 2)

    every = list(Forks(2).each(Doubling(), parts(60)))

    assert [result for kept, result in every if kept is not None] == [2 * n for n in range(60)]


def test_whoever_stops_in_the_middle_leaves_no_worker():
    results = Forks().each(Doubling(), parts(1_000))
    next(results)

    results.close()


def test_two_crews_of_one_process_do_not_keep_each_others_workers(monkeypatch):
    every, in_turn = [], threading.Barrier(2)
    begin = crew._Fork.__init__

    def one_of_each_crew(*arguments):
        in_turn.wait(10)
        begin(*arguments)

    monkeypatch.setattr(crew._Fork, "__init__", one_of_each_crew)
    threads = [
        threading.Thread(
            target=lambda: every.append(list(Forks(3).each(Doubling(), parts(50)))), daemon=True
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert [len(results) for results in every] == [53, 53]
