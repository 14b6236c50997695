"""Long lists are turned by key: every row once, in order, forwards and back, by links alone."""

import re
from uuid import UUID

import psycopg
import pytest
from django.urls import reverse

from despensa.domain.proposal import Reason
from despensa.entrypoints.office import turning
from despensa.entrypoints.office.rooms import books as book_rooms
from despensa.records.cards import queries as cards
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals


def walk(client, room: str, rows: str) -> tuple[list[list[object]], list[list[object]]]:
    """Return the pages of a list as `next` leads through them, and as `previous` leads back."""
    url, forwards, back = reverse(room), [], []
    page = client.get(url).context["page"]
    while True:
        forwards.append(list(getattr(page, rows)))
        if not page.turns.next_url:
            break
        page = client.get(url + page.turns.next_url).context["page"]
    while True:
        back.append(list(getattr(page, rows)))
        if not page.turns.previous_url:
            break
        page = client.get(url + page.turns.previous_url).context["page"]
    return forwards, back


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(turning, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(book_rooms, "LEAVES_SHOWN", 2)


def draft(books, client, count: int) -> None:
    for number in range(count):
        form = {
            "programme": str(books.programme),
            "name": f"round-{number}",
            # the same day for all: the order among them is that of their ids
            "opens_on": "2027-01-01",
            "closes_on": "2027-01-03",
        }
        assert client.post(reverse("office:cycles"), form).status_code == 302


def test_cycles_are_turned_forwards_and_back_without_loss(decided_books, signed_in, small_pages):
    client = signed_in(decided_books, "jorge")
    draft(decided_books, client, 6)

    forwards, back = walk(client, "office:cycles", "cycles")

    expected = [row.id for row in programmes.cycles()]
    assert len(expected) == 7
    assert [row.cycle_id for page in forwards for row in page] == expected
    assert [len(page) for page in forwards] == [2, 2, 2, 1]
    assert [row.cycle_id for page in reversed(back[1:]) for row in page] == expected[:6]


def test_decided_proposals_are_turned_by_links(opened_books, signed_in, small_pages):
    client = signed_in(opened_books, "nour")

    forwards, _ = walk(client, "office:proposals", "finished")

    found = [row.proposal_id for page in forwards for row in page]
    assert len(found) == len(set(found)) > 2
    assert [row.created_at for page in forwards for row in page] == sorted(
        (row.created_at for page in forwards for row in page), reverse=True
    )


def test_the_log_is_turned_down_to_its_first_leaf(opened_books, signed_in, small_pages):
    from despensa.entrypoints.jobs import rounds

    rounds.seal_log(opened_books.tools)
    client = signed_in(opened_books, "nour")

    forwards, back = walk(client, "office:log", "leaves")

    numbers = [leaf.number for page in forwards for leaf in page]
    assert len(numbers) > 4
    assert numbers == sorted(set(numbers), reverse=True)
    assert {leaf.number for page in back for leaf in page} == set(numbers)


@pytest.mark.parametrize(
    "address",
    ["?before=x", "?before=1_x", "?after=99999999999999999999_y", f"?before=1_{UUID(int=1)}"],
)
@pytest.mark.parametrize("room", ["imports", "cycles", "proposals", "log"])
def test_a_damaged_address_shows_a_page(opened_books, signed_in, room, address):
    client = signed_in(opened_books, {"imports": "ana", "cycles": "jorge"}.get(room, "nour"))

    assert client.get(reverse(f"office:{room}") + address).status_code == 200


def test_links_are_plain_links(decided_books, signed_in, small_pages):
    client = signed_in(decided_books, "jorge")
    draft(decided_books, client, 3)

    html = client.get(reverse("office:cycles")).content.decode()

    assert re.search(r'<a rel="next" href="\?before=2027-01-01_[0-9a-f-]{36}">', html)


def propose(books, count: int) -> None:
    for number in range(count):
        books.clock.forward(seconds=number % 2)
        books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **books.opening_order())


def test_waiting_proposals_are_turned_beside_the_decided_ones(carded_books, signed_in, small_pages):
    books = carded_books
    propose(books, 5)
    client = signed_in(books, "nour")
    url = reverse("office:proposals")

    seen, address = [], url
    while True:
        page = client.get(address).context["page"]
        assert len(page.waiting) <= 2
        assert len(page.finished) == 2
        seen += [row.proposal_id for row in page.waiting]
        if not page.waiting_turns.next_url:
            break
        address = url + page.waiting_turns.next_url

    assert seen == [view.id for view in proposals.waiting(None)]
    assert len(seen) == 5
    back = client.get(url + page.waiting_turns.previous_url).context["page"]
    assert [row.proposal_id for row in back.waiting] == seen[2:4]
    assert page.turns.next_url.startswith("?before=")


def test_batches_of_cards_are_turned_and_counted_whole(carded_books, signed_in, small_pages):
    books = carded_books
    [batch] = cards.batches()
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        for number in range(4):
            owner.execute(
                """INSERT INTO card_batch (id, proposal, cycle, count, state, issued_on, destroy_by)
                   SELECT %s, %s, cycle, 1, state, issued_on, destroy_by FROM card_batch
                   WHERE id = %s""",
                (UUID(int=number), UUID(int=number), batch.id),
            )
    client = signed_in(books, "jorge")

    forwards, back = walk(client, "office:cards", "batches")

    assert [row.number for page in forwards for row in page] == [
        str(one.id)[:8] for one in cards.batches()
    ]
    assert [len(page) for page in forwards] == [2, 2, 1]
    assert sum(map(len, back)) >= 5
    figures = client.get(reverse("office:cards")).context["page"].figures
    assert [figure.value for figure in figures] == [
        batch.count + 4, batch.handed_over, batch.count - batch.assigned + 4
    ]  # fmt: skip
