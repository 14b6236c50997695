"""The worker: what was approved is carried out, whatever ended before, and told when it cannot be."""

import threading
import time
from uuid import uuid4

import pytest

from despensa.entrypoints.jobs import worker
from despensa.entrypoints.jobs.staging import stage
from despensa.records.proposals import queries

PATIENCE_SECONDS = 30


def approved_import(books, *, skip: int):
    register = books.register(skip=skip, count=2)
    waiting = stage(register, "late.csv", books.tools, acting=books.acting("ana"))
    return books.approved(waiting)


def until(holds) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(holds())


@pytest.fixture
def started():
    running = []

    def start(books):
        running.append(worker.Worker(books.tools))
        running[-1].start()
        return running[-1]

    yield start
    for one in running:
        one.stop()


def test_what_was_approved_before_the_start_is_carried_out(registered_books, started):
    proposal = approved_import(registered_books, skip=20)

    started(registered_books)

    assert until(lambda: queries.approved() == [])
    assert queries.proposal(proposal).state == 4


def test_one_that_cannot_be_done_is_told_and_holds_up_no_other(registered_books, started):
    broken = approved_import(registered_books, skip=20)
    whole = approved_import(registered_books, skip=30)
    registered_books.keeper.staging.destroy(broken.bytes, at=registered_books.clock.at)

    helper = started(registered_books)

    assert until(lambda: queries.proposal(whole).state == 4)
    assert until(lambda: helper.problem(broken))
    assert "staged file is gone" in helper.problem(broken)
    assert [view.id for view in queries.approved()] == [broken]


def test_a_task_runs_once_and_says_why_it_stopped(registered_books, started):
    helper = started(registered_books)
    subject, free, runs = uuid4(), threading.Event(), []

    def work():
        runs.append(1)
        free.wait(PATIENCE_SECONDS)
        raise OSError(28, "No space left on device")

    first = helper.run(subject, "decide", work)
    second = helper.run(subject, "decide", work)
    free.set()

    assert first is second
    assert first.done.wait(PATIENCE_SECONDS)
    assert first.problem.startswith("The disk is full.")
    assert runs == [1]


def test_of_two_workers_one_works(registered_books):
    held = worker.fetch("registry", "SELECT pg_try_advisory_lock(%s)", (worker._LOCK,))
    approved_import(registered_books, skip=20)
    idle = worker.Worker(registered_books.tools)
    thread = threading.Thread(target=idle._round)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    still = len(queries.approved())
    worker.fetch("registry", "SELECT pg_advisory_unlock(%s)", (worker._LOCK,))

    assert held == [(True,)]
    assert still == 1
