"""One person alone: a proposal waits 24 hours instead of a second person, and says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from despensa.domain.encoding import cose
from despensa.domain.proposal import ApprovalKind, Reason, verify_approval
from despensa.domain.role import Role
from despensa.entrypoints.jobs import rounds
from despensa.records.proposals import queries
from despensa.usecases.add_staff import NewStaff, add_staff


def proposed(books):
    return books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME, parameters=("text",))


def alone(books):
    return replace(books.tools, workspace=replace(books.tools.workspace, single_operator=True))


def test_a_proposal_is_approved_by_having_waited_a_day(founded_books):
    books = founded_books
    waiting = proposed(books)
    tools = alone(books)

    too_early = rounds.approve_waited(tools)
    books.clock.forward(hours=24)
    ripe = rounds.approve_waited(tools)
    again = rounds.approve_waited(tools)

    assert (too_early, ripe, again) == (0, 1, 0)
    view = queries.proposal(waiting)
    authority = books.keeper.signatory.public_keys().authority
    approval = verify_approval(view.signed, authority_keys={cose.key_id(authority): authority})
    assert approval.kind is ApprovalKind.WAITED


def test_where_two_people_work_waiting_approves_nothing(founded_books):
    books = founded_books
    waiting = proposed(books)

    books.clock.forward(hours=48)

    assert rounds.approve_waited(books.tools) == 0
    assert queries.proposal(waiting).signed is None


def test_a_proposal_whose_creator_has_no_role_any_more_keeps_no_other_waiting(founded_books):
    books = founded_books
    today = books.tools.today()
    books.staff["guest"] = add_staff(
        NewStaff(
            "guest", None, "guest", "en", [Role.PROGRAMME_MANAGER], None, today,
            today + timedelta(days=1),
        ),
        acting=books.acting(),
    )  # fmt: skip
    left = books.proposal(
        "guest", "publish_rule", Reason.PUBLISHED_PROGRAMME, parameters=("a text",)
    )
    ripe = proposed(books)
    books.clock.forward(hours=24)

    assert rounds.approve_waited(alone(books)) == 1

    assert queries.proposal(ripe).signed is not None
    assert queries.proposal(left).signed is None


@pytest.mark.parametrize("name", ["log", "kek-1", "authority"])
def test_a_workspace_with_a_log_never_makes_a_lost_key_anew(founded_books, name):
    from despensa.adapters.keeper.key_files import KeyMissing
    from despensa.entrypoints.wiring import open_tools

    found = founded_books.tools.workspace
    workspace = replace(found, keeper_mode="in-process", keeper_socket=None)
    rounds.seal_log(founded_books.tools)
    (workspace.keys / "keeper" / f"{name}.key").unlink()

    with pytest.raises(KeyMissing, match=name):
        open_tools(workspace)
