"""Identity cards on paper in the office: the pages from asking to handing over."""

import pytest
from django.urls import reverse

from despensa.domain.identifier import display_card_number
from despensa.entrypoints.jobs import actions, wallet
from despensa.records.proposals import queries as proposals
from despensa.records.wallet import paper_queries
from tests.factories.wallet import ADDRESS, somebody


@pytest.fixture(autouse=True)
def address(monkeypatch):
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, ADDRESS)


def test_asked_ordered_printed_counted_and_handed_over(registered_books, signed_in):
    books = registered_books
    home, person = somebody()
    order = reverse("office:identity_order")
    form = {"layout": "3", "language_1": "es", "language_2": "", "help_line": "0800-1"}
    registrar = signed_in(books, "ana")
    asked = registrar.post(reverse("office:identity_ask", args=[home]), {"person": str(person)})
    household = registrar.get(reverse("office:wallet", args=[home])).content.decode()

    maker = signed_in(books, "jorge")
    faults = [
        maker.post(order, form | {name: ""}).context["page"].errors[0].field_id
        for name in ("language_1", "help_line")
    ]
    ordered = maker.post(order, form)
    [view] = proposals.waiting()
    told = maker.get(reverse("office:proposal", args=[view.id])).content.decode()
    actions.carry_out(books.approved(view.id), books.tools)
    [card] = paper_queries.cards_of_batch(view.id)
    room = maker.get(reverse("office:cards")).content.decode()
    sheet = reverse("office:identity_sheet", args=[view.id])
    printed = maker.get(sheet)
    count = reverse("office:identity_count", args=[view.id])
    counted = [maker.post(count, {"good": good}).status_code for good in ("x", "2", "1")]
    nothing = maker.post(order, form).context["page"].errors[0].field_id

    registrar = signed_in(books, "ana")
    number = {"card_number": display_card_number(card.number)}
    handed = [registrar.post(reverse("office:card_handover"), number).status_code for _ in "12"]

    assert asked.status_code == 302
    assert "waits for one on paper" in household
    assert faults == ["id_language_1", "id_help_line"]
    assert ordered.status_code == 302
    assert "Date of birth" in told
    assert (sheet in room, "identity cards" in room) == (True, True)
    assert printed.status_code == 200
    assert b"".join(printed)[:5] == b"%PDF-"
    assert counted == [422, 422, 302]
    assert maker.get(sheet).status_code in (302, 403, 404)
    assert nothing == "id_cards"
    assert handed == [200, 422]
