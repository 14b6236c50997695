"""Staging, approving, refusing and taking in a register file."""

import os

import pytest

from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, ApprovalInvalid
from despensa.domain.registration.staged import decode_households, encode_households
from despensa.entrypoints.jobs import actions
from despensa.entrypoints.jobs.staging import stage
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.journal_store import AlreadyUsed
from despensa.records.proposals import queries
from despensa.records.proposals.store import NotWaiting
from despensa.records.registry.store import FileKnown
from despensa.usecases import import_register as desk
from despensa.usecases.expire_proposals import expire_proposals
from despensa.usecases.refuse_proposal import refuse_proposal
from tests.factories.observing import Killed, at_once, count, dies, digests, raised

DONE, REFUSED = 4, 3


def _staged(books, **which):
    return stage(books.register(**which), "register.csv", books.tools, acting=books.acting("ana"))


def _staging_files(books):
    return [
        path
        for folder in (books.folder / "run/staging", books.folder / "keys/keeper/staging")
        if folder.is_dir()
        for path in folder.iterdir()
    ]


def test_an_approved_file_is_taken_in_and_its_staging_destroyed(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))

    said = actions.carry_out(proposal, books.tools)

    register = books.register()
    assert said == (f"{len(register.households)} households with {register.people} people taken in")
    assert count(REGISTRY, "household") == len(register.households)
    assert count(REGISTRY, "registrant") == register.people == count(REGISTRY, "person_key")
    assert queries.proposal(proposal).state == DONE
    assert _staging_files(books) == []


def test_nothing_of_a_staged_file_is_readable_on_the_disk(founded_books):
    books = founded_books
    name = books.register().households[0].persons[0].full_name.encode()

    _staged(books)

    files = [path for path in books.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if name in path.read_bytes()]


def test_the_same_file_cannot_be_staged_while_it_waits(founded_books):
    books = founded_books
    _staged(books)
    before = digests(books.endpoints)

    with pytest.raises(FileKnown):
        _staged(books)

    assert digests(books.endpoints) == before
    assert len(_staging_files(books)) == 2


def test_the_same_file_cannot_be_staged_after_it_was_taken_in(registered_books):
    books = registered_books
    before = digests(books.endpoints)

    with pytest.raises(FileKnown):
        _staged(books)

    assert digests(books.endpoints) == before
    assert _staging_files(books) == []


def test_two_people_staging_the_same_file_leave_one_proposal(founded_books):
    books = founded_books

    ended = at_once(lambda: _staged(books), lambda: _staged(books))

    assert [type(error) for error in raised(ended)] == [FileKnown]
    assert count(REGISTRY, "proposal") == 1
    assert len(_staging_files(books)) == 2


def test_an_import_carried_out_twice_changes_nothing(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))
    actions.carry_out(proposal, books.tools)
    before = digests(books.endpoints)

    with pytest.raises(actions.NotCarriedOut):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_two_processes_carry_an_import_out_once(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))

    ended = at_once(*[lambda: actions.carry_out(proposal, books.tools)] * 2)

    assert len(raised(ended)) == 1
    assert isinstance(raised(ended)[0], AlreadyUsed | actions.NotCarriedOut)
    assert count(REGISTRY, "household") == len(books.register().households)


def test_households_known_from_another_file_are_left_as_they_are(registered_books):
    books = registered_books
    known = count(REGISTRY, "household")
    larger = books.register(count=known + 2)

    proposal = books.approved(stage(larger, "more.csv", books.tools, acting=books.acting("ana")))
    said = actions.carry_out(proposal, books.tools)

    assert said.startswith("2 households")
    assert count(REGISTRY, "household") == known + 2


def test_two_files_that_share_households_taken_in_at_once_double_nobody(founded_books):
    books = founded_books
    proposals = [books.approved(_staged(books, skip=skip, count=8)) for skip in (0, 4)]

    ended = at_once(
        *[lambda proposal=p: actions.carry_out(proposal, books.tools) for p in proposals]
    )

    assert raised(ended) == []
    assert count(REGISTRY, "household") == 12 == count(REGISTRY, "origin")


@pytest.mark.parametrize(
    "module, name, after",
    [
        (desk.PackedStore, "write", False),
        (desk.PackedStore, "write", True),
        (journal_store, "append", False),
        (desk.store, "finish_import", True),
    ],
)
def test_killed_inside_the_import_nothing_is_written_and_it_can_be_repeated(
    founded_books, monkeypatch, module, name, after
):
    books = founded_books
    proposal = books.approved(_staged(books))
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, module, name, after=after)

        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before
    actions.carry_out(proposal, books.tools)
    assert count(REGISTRY, "household") == len(books.register().households)


def test_killed_after_the_import_the_next_call_destroys_the_staging(founded_books, monkeypatch):
    books = founded_books
    proposal = books.approved(_staged(books))
    with monkeypatch.context() as patched:
        dies(patched, type(books.keeper.staging), "destroy")
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    assert len(_staging_files(books)) == 2

    with pytest.raises(actions.NotCarriedOut, match="carried out before"):
        actions.carry_out(proposal, books.tools)

    assert _staging_files(books) == []


def test_a_staged_file_of_another_content_is_refused(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))
    sealed = next((books.folder / "run/staging").iterdir())
    data = bytearray(sealed.read_bytes())
    data[40] ^= 1
    sealed.write_bytes(data)
    before = digests(books.endpoints)

    with pytest.raises(actions.NotCarriedOut, match="damaged"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_a_staged_file_that_is_gone_is_said(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))
    books.keeper.staging.destroy(proposal.bytes, at=books.clock.at)

    with pytest.raises(actions.NotCarriedOut, match="stage it again"):
        actions.carry_out(proposal, books.tools)


def test_households_of_a_place_that_was_not_said_are_refused(founded_books, monkeypatch):
    books = founded_books
    proposal = books.approved(_staged(books))
    monkeypatch.setattr(actions, "decode_report", lambda _: {"source": "s", "places": []})
    before = digests(books.endpoints)

    with pytest.raises(ApprovalInvalid, match="outside the area"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_a_staged_file_with_fewer_households_than_were_approved_is_refused(
    founded_books, monkeypatch
):
    books = founded_books
    proposal = books.approved(_staged(books))
    door = type(books.keeper.staging)
    real = door.open_parts

    def one_less(staging, proposal_id):
        report, first, *rest = real(staging, proposal_id)
        return iter([report, encode_households(decode_households(first)[1:]), *rest])

    monkeypatch.setattr(door, "open_parts", one_less)
    before = digests(books.endpoints)

    with pytest.raises(ApprovalInvalid, match="another file"):
        actions.carry_out(proposal, books.tools)

    assert digests(books.endpoints) == before


def test_an_import_that_nobody_approved_is_refused(founded_books):
    books = founded_books
    proposal = _staged(books)

    with pytest.raises(actions.NotCarriedOut, match="not approved"):
        actions.carry_out(proposal, books.tools)


def test_an_approval_used_too_late_is_refused(founded_books):
    books = founded_books
    proposal = books.approved(_staged(books))
    books.clock.forward(seconds=APPROVAL_KEPT_SECONDS)

    with pytest.raises(ApprovalInvalid, match="expired"):
        actions.carry_out(proposal, books.tools)


def test_a_refused_import_is_destroyed_and_its_file_may_be_staged_again(founded_books):
    books = founded_books
    proposal = _staged(books)

    refuse_proposal(proposal, acting=books.acting("nour"), staging=books.keeper.staging)

    assert _staging_files(books) == []
    assert queries.proposal(proposal).state == REFUSED
    assert _staged(books) != proposal


def test_a_proposal_is_refused_once(founded_books):
    books = founded_books
    proposal = _staged(books)
    refuse_proposal(proposal, acting=books.acting("nour"), staging=books.keeper.staging)

    with pytest.raises(NotWaiting):
        refuse_proposal(proposal, acting=books.acting("nour"), staging=books.keeper.staging)


def test_an_expired_import_is_destroyed_and_its_file_may_be_staged_again(founded_books):
    books = founded_books
    waiting, approved = _staged(books), books.approved(_staged(books, skip=12))
    books.clock.forward(seconds=APPROVAL_KEPT_SECONDS - 1)
    assert expire_proposals(acting=books.acting(), staging=books.keeper.staging) == 0
    books.clock.forward(seconds=1)

    ended = expire_proposals(acting=books.acting(), staging=books.keeper.staging)

    assert ended == 2
    assert {queries.proposal(p).state for p in (waiting, approved)} == {REFUSED}
    assert _staging_files(books) == []
    _staged(books)


def test_expiring_again_changes_nothing(founded_books):
    books = founded_books
    _staged(books)
    books.clock.forward(seconds=APPROVAL_KEPT_SECONDS)
    expire_proposals(acting=books.acting(), staging=books.keeper.staging)
    before = digests(books.endpoints)

    assert expire_proposals(acting=books.acting(), staging=books.keeper.staging) == 0

    assert digests(books.endpoints) == before


def test_only_a_person_stages(founded_books):
    books = founded_books

    with pytest.raises(ValueError, match="person"):
        stage(books.register(), "register.csv", books.tools, acting=books.acting())

    assert not os.path.exists(books.folder / "run/staging")
