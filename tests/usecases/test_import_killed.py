"""
An import whose process is killed, at many moments from its first step to its last.

The child dies by the default action of a signal that a timer sends: nothing of ours runs after it,
wherever the process is, in our code, in the driver or in the middle of a COPY.
"""

import os
import signal

import pytest
from django.db import connections

from despensa.domain.registration.staged import HOUSEHOLDS_AT_ONCE
from despensa.entrypoints.jobs import actions, staging
from despensa.entrypoints.jobs.staging import stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

TABLES = (
    "household", "registrant", "registrant_document", "registrant_phone", "membership",
    "person_key", "search_token", "person_tokens", "origin", "journal", "journal_content", "leaf_queue",
)  # fmt: skip
FIRST_SECONDS, STEP = 0.004, 1.12
MOMENTS_MIN = 12


def counts():
    found = {table: fetch(REGISTRY, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    connections.close_all()
    return found


def killed_after(seconds, act):
    """Run an act in a process of its own, killed after so long; return whether it was."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            act()
        except BaseException:  # the parent looks at the books, not at this
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "the act failed by itself"
    return False


def moments():
    seconds = FIRST_SECONDS
    while seconds < 60:
        yield seconds
        seconds *= STEP


@pytest.mark.timeout(300)
@pytest.mark.parametrize("households_at_once", [HOUSEHOLDS_AT_ONCE, 3])
def test_an_approved_import_is_whole_or_absent_whenever_its_process_is_killed(
    founded_books, monkeypatch, households_at_once
):
    """Small slices are sealed by processes beside the one that is killed."""
    monkeypatch.setattr(staging, "HOUSEHOLDS_AT_ONCE", households_at_once)
    books = founded_books
    register = books.register()
    proposal = books.approved(stage(register, "r.csv", books.tools, acting=books.acting("ana")))
    before = counts()
    kills = 0

    for seconds in moments():
        was_killed = killed_after(seconds, lambda: actions.carry_out(proposal, books.tools))
        now = counts()
        if now != before:
            assert now["household"] == now["origin"] == len(register.households)
            assert now["registrant"] == now["person_key"] == register.people
            assert (
                now["leaf_queue"] - before["leaf_queue"] == now["journal"] - before["journal"] > 0
            )
            break
        assert was_killed
        kills += 1

    assert kills >= MOMENTS_MIN
    after = counts()
    with pytest.raises(actions.NotCarriedOut, match="carried out before"):
        actions.carry_out(proposal, books.tools)
    assert counts() == after
    folder = books.folder / "run/staging"
    assert not folder.is_dir() or list(folder.iterdir()) == []


@pytest.mark.timeout(300)
def test_staging_leaves_a_proposal_with_its_file_or_neither(founded_books):
    books = founded_books
    register = books.register()
    kills = 0

    for seconds in moments():
        was_killed = killed_after(
            seconds, lambda: stage(register, "r.csv", books.tools, acting=books.acting("ana"))
        )
        waiting = fetch(
            REGISTRY,
            """SELECT proposal.id FROM proposal JOIN register_import ON proposal = proposal.id""",
        )
        alone = fetch(REGISTRY, "SELECT count(*) FROM proposal")[0][0]
        connections.close_all()
        assert len(waiting) == alone <= 1
        if waiting:
            assert books.tools.keeper.staging.open(waiting[0][0].bytes)
            break
        assert was_killed
        kills += 1

    assert kills >= 3
    done = actions.carry_out(books.approved(waiting[0][0]), books.tools)
    assert done.startswith(f"{len(register.households)} households")
