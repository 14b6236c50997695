"""A cycle's page shows what completes it, and a form drafts more of it."""

import uuid

from django.urls import reverse

from despensa.domain.child import ChildKind
from despensa.domain.proposal import parse
from despensa.entrypoints.jobs import actions, child
from despensa.records.children import queries as children
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals
from tests.factories.books import new_cycle


def _form(books, **changes):
    today = books.tools.today().isoformat()
    form = {
        "step": "draft_child",
        "kind": "top-up",
        "name": "",
        "opens_on": today,
        "closes_on": today,
    }
    return form | changes


def test_a_child_is_drafted_decided_proposed_and_linked_both_ways(opened_books, signed_in):
    books = opened_books
    client, root = signed_in(books, "jorge"), reverse("office:cycle", args=[books.cycle])

    drafted = client.post(root, _form(books, kind="follow-up", name="winter"))
    url = drafted["Location"]
    client.post(url, {"step": "decide"})
    decided = client.get(url)
    client.post(url, {"step": "propose_opening"})
    page, family = client.get(url).context["page"], client.get(root).context["page"].family

    [made] = children.children_of(books.cycle)
    assert (made.line, made.kind) == ("follow-up/winter", ChildKind.FOLLOW_UP)
    assert root in decided.content.decode()
    assert page.proposal_id is not None
    assert parse(proposals.proposal(page.proposal_id).canonical).scope[2] == made.cycle.bytes
    assert [line.cycle_id for line in family.children] == [made.cycle]
    assert family.children[0].goods
    assert page.family.kinds == ()


def test_a_recovery_is_proposed_to_be_waived(opened_books, signed_in):
    books = opened_books
    client = signed_in(books, "jorge")
    order = child.order_for(
        books.cycle, ChildKind.RECOVERY, child=uuid.uuid4(), today=books.tools.today()
    )
    made = child.make_child(order, books.tools, acting=books.acting("jorge"))
    url = reverse("office:cycle", args=[made.cycle])

    step = client.get(url).context["page"].next_step.step
    client.post(url, {"step": "propose_opening"})
    assert proposals.waiting() == []
    client.post(url, {"step": step})

    assert step == "propose_waiving"
    assert [view.action for view in proposals.waiting()] == ["settle_recovery"]


def test_a_decided_cycle_is_withdrawn_from_its_page(decided_books, signed_in):
    books = decided_books
    client, url = signed_in(books, "jorge"), reverse("office:cycle", args=[books.cycle])
    step = client.get(url).context["page"].withdrawal.step

    client.post(url, {"step": step})

    [waiting] = proposals.waiting()
    page = client.get(url).context["page"]
    assert (waiting.action, page.proposal_id) == ("withdraw_cycle", waiting.id)
    assert "withdrawal waits" in str(page.waiting_word)
    actions.carry_out(books.approved(waiting.id), books.tools)
    shown = client.get(url).context["page"]
    assert (shown.summary.state.word, shown.next_step, shown.withdrawal) == (
        "withdrawn",
        None,
        None,
    )


def test_what_is_wrong_is_said_and_nothing_drafted(opened_books, signed_in):
    books = opened_books
    client, root = signed_in(books, "jorge"), reverse("office:cycle", args=[books.cycle])

    for changes in ({"opens_on": "soon"}, {"closes_on": "2020-01-01"}, {"name": "Winter!"}):
        answer = client.post(root, _form(books, **changes), follow=True)
        assert list(answer.context["messages"])

    assert children.children_of(books.cycle) == []


def test_kinds_that_no_form_drafts_and_people_who_may_not(opened_books, signed_in):
    books = opened_books
    root = reverse("office:cycle", args=[books.cycle])

    told = [signed_in(books, "jorge").post(root, _form(books, kind=kind)) for kind in ("late", "")]
    told.append(signed_in(books, "ana").post(root, _form(books)))

    assert {answer.status_code for answer in told} == {403}
    assert signed_in(books, "samir").get(root).context["page"].family.kinds == ()


def test_a_cycle_that_cannot_be_opened_says_why(opened_books, signed_in):
    books = opened_books
    again = new_cycle(books, "2026-11 again")
    child.cycle.freeze_and_decide(again, books.tools, acting=books.acting("jorge"))
    client, url = signed_in(books, "jorge"), reverse("office:cycle", args=[again])

    page = client.get(url).context["page"]
    refused = client.post(url, {"step": "propose_opening"}, follow=True)

    assert "Canasta" in page.family.taken[0]
    assert any("Canasta" in str(one) for one in refused.context["messages"])
    assert proposals.waiting() == []
    assert queries.cycle(again).state == 2
