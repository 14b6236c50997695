"""A batch at a print shop in the office: proposed, given out, its list looked at and taken."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from despensa.adapters import age
from despensa.domain.proposal import Reason
from despensa.entrypoints.jobs import actions
from despensa.records.cards import queries
from despensa.records.proposals import queries as proposals


def _list(text):
    return SimpleUploadedFile("shop.csv", text.encode())


@pytest.fixture
def batch(decided_books):
    """A batch that was printed and read back in the house."""
    books = decided_books
    order = books.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order())
    actions.carry_out(books.approved(order), books.tools)
    [made] = queries.batches()
    return made.id


def test_a_batch_goes_to_a_shop_and_comes_back_in_the_office(decided_books, batch, signed_in):
    client = signed_in(decided_books, "jorge")
    identity, public = age.new_identity()
    shop, package, taken = (
        reverse(f"office:{name}", args=[batch])
        for name in ("card_shop", "card_package", "card_return")
    )
    early = [client.get(url).status_code for url in (package, taken)]
    faults = [
        client.post(shop, {"shop": name, "key": key}).context["page"].errors[0].field_id
        for name, key in (("", public), ("Sol", "age1x"))
    ]

    proposed = client.post(shop, {"shop": "Imprenta Sol", "key": public})
    [view] = proposals.waiting()
    told = client.get(reverse("office:proposal", args=[view.id])).content.decode()
    decided_books.approved(view.id)
    actions.carry_out(view.id, decided_books.tools)
    room = client.get(reverse("office:cards")).content.decode()
    sealed = b"".join(client.get(package).streaming_content)

    assert early == [404, 404]
    assert faults == ["id_shop", "id_key"]
    assert proposed.status_code == 302
    assert "Imprenta Sol" in told
    assert public in told
    assert "Imprenta Sol" in room
    assert client.get(reverse("office:card_sheet", args=[batch])).status_code == 404
    assert age.open_with(sealed, identity).startswith(b"PK")

    nothing = "serial,sha256\n"
    wrong = client.post(taken, {"file": _list("x"), "step": "close"})
    looked = client.post(taken, {"file": _list(nothing), "step": "look"})
    closed = client.post(taken, {"file": _list(nothing), "step": "close"})

    assert (wrong.status_code, looked.status_code, closed.status_code) == (422, 200, 302)
    made = queries.batches()[0]
    assert looked.context["page"].figures[1].value == made.count
    assert made.state == 3
    assert [client.get(url).status_code for url in (package, shop)] == [404, 200]


def test_nobody_out_of_reach_learns_of_a_batch(decided_books, batch, signed_in):
    client = signed_in(decided_books, "jorge")

    for name in ("card_shop", "card_package", "card_return"):
        assert client.get(reverse(f"office:{name}", args=[uuid4()])).status_code == 404
