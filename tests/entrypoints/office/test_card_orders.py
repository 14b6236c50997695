"""Ordering and counting cards in the office."""

from uuid import UUID, uuid4

from django.urls import reverse

from despensa.adapters.qr import read_images
from despensa.domain.identifier import display_card_number
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.cards import queries as card_queries
from despensa.records.databases import REGISTRY
from despensa.records.proposals import queries as proposals


def test_cards_are_ordered_in_a_form_and_each_fault_stands_at_its_field(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")
    step = client.post(
        reverse("office:cycle", args=[decided_books.cycle]), {"step": "propose_cards"}
    )
    url = reverse("office:card_order")
    form = {
        "cycle": str(decided_books.cycle), "stock": "4", "layout": "2", "language_1": "es",
        "language_2": "ar", "help_line": "0800-2", "years": "3",
    }  # fmt: skip
    faults = {
        "stock": "x", "layout": "9", "language_1": "", "help_line": "1" * 40, "years": "11",
        "cycle": str(uuid4()),
    }  # fmt: skip
    told = {
        name: [
            error.field_id
            for error in client.post(url, form | {name: value, "language_2": ""})
            .context["page"]
            .errors
        ]
        for name, value in faults.items()
    }
    ordered = client.post(url, form)
    [view] = proposals.waiting()
    shown = client.get(reverse("office:proposal", args=[view.id])).content.decode()

    assert step["Location"] == f"{url}?cycle={decided_books.cycle}"
    assert client.get(step["Location"]).status_code == 200
    assert told == {name: [f"id_{name}"] for name in faults}
    assert ordered.status_code == 302
    assert "0800-2" in shown
    assert "A4, eight cards" in shown


def test_a_batch_is_counted_in_a_form(decided_books, signed_in):
    books = decided_books
    proposal = books.proposal(
        "jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order()
    )
    books.approved(proposal)
    actions.carry_out(proposal, books.tools)
    [batch] = card_queries.batches()
    numbers = card_queries.numbers_of_batch(batch.id)
    client = signed_in(books, "jorge")
    url = reverse("office:card_count", args=[batch.id])

    answers = [
        client.post(url, {"good": good, "spoilt": spoilt})
        for good, spoilt in (
            ("x", ""),
            (str(len(numbers)), numbers[0]),
            (str(len(numbers) - 1), "AAAA"),
            (str(len(numbers) - 1), display_card_number(numbers[0])),
        )
    ]
    faults = [[one.field_id for one in answer.context["page"].errors] for answer in answers[:3]]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 302]
    assert faults == [["id_good"], ["id_good"], ["id_spoilt"]]
    assert card_queries.batches()[0].state == 3


def test_a_card_is_replaced_from_the_household_s_page(carded_books, signed_in):
    [[old, home], *_] = fetch(
        REGISTRY, "SELECT number, household_id FROM card WHERE state = 2 ORDER BY 1"
    )
    [[new], *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1")
    client = signed_in(carded_books, "ana")
    url = reverse("office:card_replace", args=[home, old])
    page = client.get(reverse("office:household", args=[home])).content.decode()

    answers = [client.post(url, {"by": typed}) for typed in ("AAAA", old, new)]

    assert url in page
    assert client.get(url).status_code == 200
    assert [answer.status_code for answer in answers] == [422, 422, 302]
    assert {card.number: card.state for card in card_queries.cards_of(home)} == {old: 4, new: 2}
    assert client.get(reverse("office:card_replace", args=[uuid4(), old])).status_code == 404


def test_the_slip_for_a_phone_s_list_is_printed_beside_the_new_card(leased_books, signed_in):
    books = leased_books
    household, [old, *_], _ = books.entitled()[0]
    home = UUID(bytes=household)
    [[new], *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1")
    client = signed_in(books, "ana")
    url = reverse("office:card_slips", args=[home, old, new])

    early = client.post(url)
    done = client.post(reverse("office:card_replace", args=[home, old]), {"by": new})
    page, first, again = client.get(url), client.post(url), client.post(url)

    assert early.status_code == 404
    assert (done.status_code, done.url) == (302, url)
    assert url in page.content.decode()
    assert first.content[:5] == b"%PDF-"
    assert read_images(first.content) == read_images(again.content) != []
    assert client.get(reverse("office:card_slips", args=[uuid4(), old, new])).status_code == 404
