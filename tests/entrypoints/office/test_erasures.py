"""Erasing a person at the desk: form, what changes, proposal, approval, receipt for printing."""

import base64

import pytest
from django.urls import reverse

from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from tests.entrypoints.office.test_household_changes import hidden
from tests.factories.observing import count
from tests.usecases.test_change_household import a_home
from tests.usecases.test_erase_person import erase, wish_for


def address(home):
    return reverse("office:household_erase", args=[home])


def test_a_person_is_proposed_approved_and_gone_from_the_page(registered_books, signed_in):
    books = registered_books
    client = signed_in(books, "ana")
    home, people = a_home()
    page = client.get(reverse("office:household", args=[home])).context["page"]
    assert address(home) in [choice.value for choice in page.changes.operations]

    preview = client.post(address(home), {"people": people[-1], "reason": "30"})
    said = preview.context["page"].sentences
    assert "cannot be undone" in said[0]
    assert len(said) > 1
    assert count(REGISTRY, "proposal", "action = 'erase_person'") == 0
    answer = client.post(address(home), hidden(preview))

    [(proposal,)] = fetch(REGISTRY, "SELECT id FROM proposal WHERE action = 'erase_person'")
    assert answer["Location"] == reverse("office:proposal", args=[proposal])
    shown = client.get(answer["Location"]).context["page"]
    assert [fact.value for fact in shown.parameters] == [str(home)[:8], str(people[-1])[:8]]
    assert (shown.may_decide, shown.receipt_url) == (False, "")
    books.approved(proposal)
    actions.carry_out(proposal, books.tools)
    done = client.get(answer["Location"]).context["page"]
    assert done.receipt_url == reverse("office:erasure_receipt", args=[proposal])
    after = client.get(reverse("office:household", args=[home]))
    assert after.status_code == 200
    history = client.get(reverse("office:household_history", args=[home]))
    [row] = history.context["page"].timeline
    assert row.undo_url == ""


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason": "30"}, "id_people"), ({"reason": "8"}, "id_reason"), ({}, "id_people")],
)
def test_a_form_that_is_not_whole_says_what_to_mend(registered_books, signed_in, given, field):
    client = signed_in(registered_books, "ana")
    home, people = a_home()
    person = {"people": people[-1]} if field == "id_reason" else {}

    answer = client.post(address(home), {**person, **given})

    assert answer.status_code == 422
    assert [error.field_id for error in answer.context["page"].errors] == [field]


def test_the_only_collector_is_refused_until_somebody_follows(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    home, people = a_home()

    refused = client.post(address(home), {"people": people[0], "reason": "30"})
    preview = client.post(
        address(home), {"people": people[0], "reason": "30", "head": str(people[1])}
    )

    assert refused.status_code == 422
    assert "Only this person may collect" in str(refused.context["page"].errors[0].message)
    assert preview.context["page"].sentences


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Receipt of an erasure"), ("es", "Recibo de un borrado"), ("ar", "إيصال محو")],
)
def test_the_receipt_is_in_the_language_of_the_person(registered_books, signed_in, language, title):
    books = registered_books
    home, people = a_home()
    proposal = erase(books, wish_for(people[-1], home), Reason.RETENTION_ENDED)
    client = signed_in(books, "ana")
    where = reverse("office:erasure_receipt", args=[proposal])

    page = client.get(where, {"language": language}).context["page"]

    assert page.title == title
    assert page.direction == ("rtl" if language == "ar" else "ltr")
    picture = base64.b64decode(page.code_url.partition(",")[2])
    assert picture.startswith(b"<svg")
    assert len(page.words.split()) == 8
    assert queries.erasure_receipt(proposal)


def test_a_proposal_without_an_erasure_has_no_receipt(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    [(proposal,), *_] = fetch(REGISTRY, "SELECT id FROM proposal")

    assert client.get(reverse("office:erasure_receipt", args=[proposal])).status_code == 404
