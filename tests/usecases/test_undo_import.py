"""Undoing an import: what it brought is gone, what it changed is what it was, or it says why not."""

import pytest

from despensa.domain.import_undo import Obstacle, UndoRefused
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions, undoing
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.journal_store import AlreadyUsed
from despensa.records.programmes import store as programme_store
from despensa.records.programmes.store import WrongState
from despensa.records.registry import taken_back
from despensa.records.registry.rebuild import rebuilt
from tests.factories.books import decided, opened
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.refiled import in_the_open, read, rows, taken_in
from tests.records.test_rebuild import _opened, _people
from tests.usecases.test_import_again import edited

UNDONE = 4


def first_import(books):
    [(found,)] = fetch(REGISTRY, "SELECT id FROM register_import ORDER BY staged_at LIMIT 1")
    return found


def undone(books, register_import, reason=Reason.WRONG_FILE):
    proposal = undoing.propose(register_import, reason, acting=books.acting("ana"))
    return actions.carry_out(books.approved(proposal), books.tools)


def refused(books, register_import):
    with pytest.raises(UndoRefused) as why:
        undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))
    return why.value.obstacle


def test_what_an_import_brought_is_gone_and_may_come_again(registered_books):
    books = registered_books
    register_import = first_import(books)
    [(leaves,)] = fetch(REGISTRY, "SELECT count(*) FROM journal")

    said = undone(books, register_import)

    assert said == "12 households with 48 people taken back, 0 households restored"
    assert in_the_open(books) == {}
    assert count(REGISTRY, "search_token") == count(REGISTRY, "origin") == 0
    assert count(REGISTRY, "person_tokens") == 0
    assert count(REGISTRY, "registrant", "full_name IS NOT NULL OR facts <> '{}'") == 0
    assert count(REGISTRY, "membership", "until_date IS DISTINCT FROM from_date") == 0
    assert count(REGISTRY, "journal") > leaves, "the import's leaf stays and the undo has its own"
    again, _ = taken_in(books, rows())
    assert again == "12 households with 48 people taken in"
    assert len(in_the_open(books)) == 48


def test_what_an_import_updated_is_what_it_was(registered_books):
    books = registered_books
    before, people = digests(books.endpoints), in_the_open(books)
    books.clock.forward(days=3)
    _, register_import = taken_in(books, edited())

    said = undone(books, register_import)

    now = digests(books.endpoints)
    assert said == "0 households with 0 people taken back, 3 households restored"
    assert in_the_open(books) == people
    assert now["registry.origin"] == before["registry.origin"]
    assert now["registry.search_token"] == before["registry.search_token"]
    assert now["registry.person_tokens"] == before["registry.person_tokens"]
    assert count(REGISTRY, "registrant_before") == count(REGISTRY, "sealed_before") == 0
    assert count(REGISTRY, "person_key") == len(people), "whom the file brought has no key left"
    rebuilt_people = rebuilt(_opened(books, _people()), _people())
    stored = fetch(REGISTRY, "SELECT id, full_name, address FROM registrant")
    assert {(r.id, r.full_name, r.address) for r in rebuilt_people.registrants} == {
        (one, name and bytes(name), address and bytes(address)) for one, name, address in stored
    }


def test_the_mended_file_updates_again_after_an_undo(registered_books):
    books = registered_books
    books.clock.forward(days=3)
    _, register_import = taken_in(books, edited())
    undone(books, register_import)

    said, _ = taken_in(books, edited()[::-1])

    assert said.endswith("3 households updated")


def test_an_undo_sent_twice_or_by_two_is_done_once(registered_books):
    books = registered_books
    register_import = first_import(books)
    proposals = [
        books.approved(
            undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))
        )
        for _ in range(2)
    ]
    first = proposals[0]

    ended = at_once(
        lambda: actions.carry_out(first, books.tools),
        lambda: actions.carry_out(first, books.tools),
        lambda: actions.carry_out(proposals[1], books.tools),
    )

    assert len(raised(ended)) == 2
    assert {type(error) for error in raised(ended)} <= {
        AlreadyUsed, actions.NotCarriedOut, UndoRefused,
    }  # fmt: skip
    assert refused(books, register_import) is Obstacle.UNDONE_BEFORE


@pytest.mark.parametrize(
    "module, name",
    [(taken_back, "empty_people"), (taken_back, "finish"), (journal_store, "record")],
)
def test_killed_in_the_middle_nothing_is_undone_and_it_can_be_repeated(
    registered_books, monkeypatch, module, name
):
    books = registered_books
    register_import = first_import(books)
    proposal = books.approved(
        undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))
    )
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, module, name, after=True)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before
    actions.carry_out(proposal, books.tools)
    assert in_the_open(books) == {}


def test_an_open_cycle_that_counted_them_stands_in_the_way(carded_books):
    books = carded_books
    register_import = first_import(books)
    assert refused(books, register_import) is Obstacle.CARDS_MADE

    opened(books)

    assert refused(books, register_import) is Obstacle.CYCLE_OPENED


def kept():
    return [count(REGISTRY, f"{table}_before") for table in ("household", "registrant", "sealed")]


def test_what_an_undo_would_need_is_destroyed_when_the_cycle_opens(decided_books, monkeypatch):
    books = decided_books
    books.clock.forward(days=3)
    _, register_import = taken_in(books, edited())
    assert all(kept())
    with monkeypatch.context() as patched:
        dies(patched, programme_store, "move", after=True)
        with pytest.raises(Killed):
            opened(books)
    assert all(kept()), "not opened, so it can still be undone"
    assert undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))

    opened(books)

    assert kept() == [0, 0, 0]
    assert refused(books, register_import) is Obstacle.CYCLE_OPENED


def test_what_came_after_the_cycle_opened_is_kept_until_the_next(opened_books):
    books = opened_books
    books.clock.forward(days=3)
    _, register_import = taken_in(books, edited())

    assert all(kept())
    assert undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))


def test_a_cycle_decided_with_them_opens_no_more(registered_books):
    books = registered_books
    register_import = first_import(books)
    decided(books)
    undone(books, register_import)

    waiting = books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **books.opening_order())
    with pytest.raises(WrongState, match="Draft a new cycle"):
        actions.carry_out(books.approved(waiting), books.tools)


def test_a_later_change_or_correction_stands_in_the_way(registered_books):
    from despensa.domain.household.operation import Kind
    from despensa.domain.household.operation import Reason as Why
    from tests.usecases.test_import_again import _change

    books = registered_books
    register_import = first_import(books)
    people = in_the_open(books)
    somebody = people["Ramona Castaño Yáñez"]
    import psycopg

    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE registrant SET sex = 3 WHERE id = %s", (somebody["id"],))
    assert refused(books, register_import) is Obstacle.CORRECTED_LATER

    [home] = somebody["home"]
    _change(books, Kind.NEW_HEAD, Why.HEAD_CANNOT_ACT, home, head=somebody["id"])

    with pytest.raises(UndoRefused, match=str(home)[:8]) as why:
        undoing.propose(register_import, Reason.WRONG_FILE, acting=books.acting("ana"))
    assert why.value.obstacle is Obstacle.CHANGED_LATER


def test_an_import_updated_later_is_undone_from_the_last_to_the_first(registered_books):
    books = registered_books
    register_import = first_import(books)
    books.clock.forward(days=3)
    _, later = taken_in(books, edited())

    assert refused(books, register_import) is Obstacle.CHANGED_LATER

    undone(books, later)
    undone(books, register_import)
    assert in_the_open(books) == {}


def test_only_a_taken_in_file_and_a_fitting_reason_are_undone(founded_books):
    from despensa.entrypoints.jobs.staging import stage

    books = founded_books
    stage(read(books, rows()), "r.csv", books.tools, acting=books.acting("ana"))
    waiting = first_import(books)

    assert refused(books, waiting) is Obstacle.NOT_TAKEN_IN
    with pytest.raises(UndoRefused, match="reason"):
        undoing.propose(waiting, Reason.NEW_REGISTRATIONS, acting=books.acting("ana"))
