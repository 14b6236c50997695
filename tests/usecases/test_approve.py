"""Two people agree on exactly one hash: approving, and every way it is refused."""

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from despensa.domain import proposal as rules
from despensa.domain.encoding import cose
from despensa.domain.proposal import (
    APPROVAL_KEPT_SECONDS,
    ApprovalInvalid,
    ApprovalKind,
    Proposal,
    Reason,
)
from despensa.entrypoints.jobs import actions
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.proposals import queries, store
from despensa.records.proposals.store import NotWaiting
from despensa.usecases.approve import OwnProposal, approve
from despensa.usecases.expire_proposals import expire_proposals
from despensa.usecases.propose import propose
from despensa.usecases.refuse_proposal import refuse_proposal
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.shelf import as_app

APPROVED = 2


def _proposal(books, **content):
    return books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME, **content)


def _approve(books, proposal_id, *, by="nour", seen=None, kind=ApprovalKind.PASSWORD_AND_CODE):
    approve(
        proposal_id,
        seen_hash=seen or queries.proposal(proposal_id).hash,
        kind=kind,
        assertion=None,
        acting=books.acting(by),
        signatory=books.keeper.signatory,
    )


def _signed(books, **changes):
    """An approval record as an enemy with the database, and not the key, would like it."""
    proposal_id = changes.pop("proposal_id")
    view = queries.proposal(proposal_id)
    approval = rules.Approval(
        **{
            "proposal_hash": view.hash,
            "approver": books.staff["nour"].bytes,
            "kind": ApprovalKind.PASSWORD_AND_CODE,
            "at": books.clock.at,
        }
        | changes
    )
    return books.keeper.signatory.sign(approval.payload(), label=rules.APPROVAL_LABEL)


def _write_approval(books, proposal_id, signed, *, approver="nour", creator="jorge", kind=2):
    with as_app(books.endpoints, "registry") as connection:
        connection.execute(
            "INSERT INTO approval (proposal_id, creator, approver, kind, approved_at, signed)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                proposal_id, books.staff[creator], books.staff[approver], kind, books.clock.at,
                signed,
            ),
        )  # fmt: skip
        connection.execute("UPDATE proposal SET state = 2 WHERE id = %s", (proposal_id,))


def test_a_second_person_approves_exactly_this_content(founded_books):
    books = founded_books
    proposal_id = _proposal(books, parameters=("text",))

    _approve(books, proposal_id)

    found = actions.verified(proposal_id, books.tools)
    assert found.proposal.parameters == ("text",)
    assert queries.proposal(proposal_id).state == APPROVED
    authority = books.keeper.signatory.public_keys().authority
    record = rules.verify_approval(
        found.mandate.signed, authority_keys={cose.key_id(authority): authority}
    )
    assert record.approver == books.staff["nour"].bytes


def test_a_proposal_is_approved_once(founded_books):
    books = founded_books
    proposal_id = _proposal(books)
    _approve(books, proposal_id)
    before = digests(books.endpoints)

    with pytest.raises(NotWaiting):
        _approve(books, proposal_id, by="omar")

    assert digests(books.endpoints) == before


def test_of_two_approvers_at_once_one_is_told_that_it_was_decided(founded_books):
    books = founded_books
    proposal_id = _proposal(books)

    ended = at_once(*[lambda by=by: _approve(books, proposal_id, by=by) for by in ("nour", "omar")])

    assert [type(error) for error in raised(ended)] == [NotWaiting]
    assert count(REGISTRY, "approval") == 1


def test_a_proposal_that_does_not_exist_is_not_approved(founded_books):
    books = founded_books

    with pytest.raises(NotWaiting):
        _approve(books, UUID(int=7), seen=bytes(32))


def test_the_creator_cannot_approve(founded_books):
    books = founded_books
    proposal_id = _proposal(books)
    before = digests(books.endpoints)

    with pytest.raises(OwnProposal):
        _approve(books, proposal_id, by="jorge")

    assert digests(books.endpoints) == before


def test_the_creator_cannot_wait_where_two_people_are_the_rule(founded_books):
    books = founded_books
    proposal_id = _proposal(books)
    books.clock.forward(hours=25)

    with pytest.raises(OwnProposal):
        _approve(books, proposal_id, by="jorge", kind=ApprovalKind.WAITED)


def test_a_single_operator_waits_a_day(founded_books):
    books = founded_books
    proposal_id = _proposal(books)

    with pytest.raises(ApprovalInvalid, match="24 hours"):
        _wait(books, proposal_id)
    books.clock.forward(hours=24)
    _wait(books, proposal_id)

    alone = replace(books.tools.workspace, single_operator=True)
    tools = replace(books.tools, workspace=alone)
    assert actions.verified(proposal_id, tools).creator == books.staff["jorge"]


def _wait(books, proposal_id):
    approve(
        proposal_id,
        seen_hash=queries.proposal(proposal_id).hash,
        kind=ApprovalKind.WAITED,
        assertion=None,
        acting=books.acting("jorge"),
        signatory=books.keeper.signatory,
        single_operator=True,
    )


def test_another_hash_than_the_one_seen_is_refused(founded_books):
    books = founded_books
    proposal_id = _proposal(books)

    with pytest.raises(ApprovalInvalid, match="another content"):
        _approve(books, proposal_id, seen=bytes(32))


def test_an_expired_proposal_is_not_approved(founded_books):
    books = founded_books
    proposal_id = _proposal(books)
    books.clock.forward(seconds=APPROVAL_KEPT_SECONDS)

    with pytest.raises(ApprovalInvalid, match="expired"):
        _approve(books, proposal_id)


def test_only_a_person_approves(founded_books):
    books = founded_books
    proposal_id = _proposal(books)

    with pytest.raises(ValueError, match="person"):
        _approve(books, proposal_id, by=None)


def test_nobody_proposes_in_another_name(founded_books):
    books = founded_books
    acting = books.acting("jorge")
    proposal = Proposal(
        acting.new_id().bytes, acting.workspace.bytes, "publish_rule", books.staff["ana"].bytes,
        acting.at, acting.at + 60, Reason.PUBLISHED_PROGRAMME,
    )  # fmt: skip

    with pytest.raises(ValueError, match="person acting"):
        propose(proposal, acting=acting)

    assert count(REGISTRY, "proposal") == 0


@pytest.mark.parametrize("name", ["approve", "append"])
def test_killed_while_approving_the_proposal_still_waits(founded_books, monkeypatch, name):
    books = founded_books
    proposal_id = _proposal(books)
    before = digests(books.endpoints)
    owner = journal_store if name == "append" else approve.__globals__["store"]
    with monkeypatch.context() as patched:
        dies(patched, owner, name, after=True)
        with pytest.raises(Killed):
            _approve(books, proposal_id)

    assert digests(books.endpoints) == before
    _approve(books, proposal_id)


def test_an_approval_announces_itself_in_the_log(founded_books):
    books = founded_books
    proposal_id = _proposal(books)
    waiting = count(REGISTRY, "leaf_queue")

    _approve(books, proposal_id)

    assert count(REGISTRY, "leaf_queue") == waiting + 1


class TestAnEnemyWithTheDatabase:
    """What the app role may write does not carry an action."""

    def test_an_altered_approval_is_not_used(self, founded_books):
        books = founded_books
        proposal_id = _proposal(books)
        signed = bytearray(_signed(books, proposal_id=proposal_id))
        signed[-1] ^= 1
        _write_approval(books, proposal_id, bytes(signed))

        with pytest.raises(cose.BadSignature):
            actions.carry_out(proposal_id, books.tools)

    def test_an_approval_of_another_hash_is_not_used(self, founded_books):
        books = founded_books
        proposal_id, other = _proposal(books), _proposal(books, parameters=("other",))
        _write_approval(books, proposal_id, _signed(books, proposal_id=other))

        with pytest.raises(ApprovalInvalid, match="another content"):
            actions.carry_out(proposal_id, books.tools)

    def test_a_signed_approval_by_the_creator_is_not_used(self, founded_books):
        books = founded_books
        proposal_id = _proposal(books)
        signed = _signed(books, proposal_id=proposal_id, approver=books.staff["jorge"].bytes)
        _write_approval(books, proposal_id, signed)

        with pytest.raises(ApprovalInvalid, match="second person"):
            actions.carry_out(proposal_id, books.tools)

    def test_the_database_refuses_the_creators_own_approval(self, founded_books):
        books = founded_books
        proposal_id = _proposal(books)

        with pytest.raises(psycopg.errors.CheckViolation):
            _write_approval(books, proposal_id, b"", approver="jorge")

    def test_the_database_refuses_an_approval_that_names_another_creator(self, founded_books):
        books = founded_books
        proposal_id = _proposal(books)

        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            _write_approval(books, proposal_id, b"", approver="jorge", creator="ana")

    def test_a_proposal_altered_after_its_approval_is_not_used(self, founded_books):
        books = founded_books
        proposal_id = books.approved(_proposal(books, parameters=("honest",)))
        altered = rules.parse(queries.proposal(proposal_id).canonical)
        content = rules.Proposal(
            **{name: getattr(altered, name) for name in altered.__dataclass_fields__}
            | {"parameters": ("altered",)}
        ).canonical()

        with (
            as_app(books.endpoints, "registry") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(
                "UPDATE proposal SET canonical = %s WHERE id = %s", (content, proposal_id)
            )

    def test_an_action_nobody_knows_is_not_carried_out(self, founded_books):
        books = founded_books
        acting = books.acting("jorge")
        wanted = Proposal(
            acting.new_id().bytes, acting.workspace.bytes, "erase_everything", acting.staff.bytes,
            acting.at, acting.at + 60, Reason.STAFF_CHANGE,
        )  # fmt: skip
        store.add(wanted, acting=acting)
        proposal_id = books.approved(UUID(bytes=wanted.proposal_id))

        with pytest.raises(actions.NotCarriedOut, match="erase_everything"):
            actions.carry_out(proposal_id, books.tools)

    def test_an_action_nobody_knows_is_not_proposed(self, founded_books):
        with pytest.raises(ValueError, match="erase_everything"):
            founded_books.proposal("jorge", "erase_everything", Reason.STAFF_CHANGE)


def test_a_refused_proposal_says_by_whom_when_and_why(founded_books):
    books = founded_books
    refused = books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE)
    expired = books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, lifetime=60)

    refuse_proposal(
        refused, acting=books.acting("nour"), staging=books.keeper.staging, reason="totals"
    )
    at = books.clock.at
    books.clock.forward(hours=1)
    expire_proposals(acting=books.acting(), staging=books.keeper.staging)

    view = queries.proposal(refused)
    assert (view.refused_by, view.refused_at, view.refusal_reason) == (
        books.staff["nour"], at, "totals"
    )  # fmt: skip
    view = queries.proposal(expired)
    assert (view.refused_by, view.refused_at, view.refusal_reason) == (None, books.clock.at, "")
