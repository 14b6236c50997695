"""The stock room: an entry is written once, reversed once, and seen in reach only."""

from uuid import uuid4

import pytest
from django.urls import reverse

from despensa.records.databases import LEDGER
from tests.factories.observing import count


@pytest.fixture
def client(leased_books, signed_in):
    return signed_in(leased_books, "lucia")


def unit_of(books):
    return books.entitled()[0][2][0][0]


def test_a_delivery_and_a_count_make_the_report_and_a_mistake_is_reversed(client, leased_books):
    item = f"item_{unit_of(leased_books)}"
    where = reverse("office:stock_point", args=["P01"])
    [row] = client.get(reverse("office:stock")).context["page"].rows
    assert row.url == where
    write = reverse("office:stock_write", args=["P01", "delivery"])
    form = client.get(write).context["page"]
    given = {
        "entry": form.entry_id, "day": leased_books.tools.today().isoformat(), item: "40",
        "lot": "L-77", "donor": "WFP", "waybill": "W-1", "expires_on": "2027-06-30",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(write, given).status_code == 302
    counted = {"entry": str(uuid4()), "day": given["day"], item: "39"}
    client.post(reverse("office:stock_write", args=["P01", "count"]), counted)

    page = client.get(where).context["page"]

    [report] = page.items
    assert (report.received, report.left, report.counted, report.difference) == (40, 40, 39, -1)
    assert [entry.notes for entry in page.entries] == ["L-77 · 2027-06-30 · WFP · W-1", ""] or [
        entry.notes for entry in page.entries
    ] == ["", "L-77 · 2027-06-30 · WFP · W-1"]
    delivered = next(entry for entry in page.entries if entry.notes)
    for _ in range(2):
        assert client.post(delivered.reverse_url).status_code == 302
    page = client.get(where).context["page"]
    assert (page.items[0].received, page.items[0].difference) == (0, 39)
    assert count(LEDGER, "stock_entry") == 3


def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_written(client, leased_books):
    item = f"item_{unit_of(leased_books)}"
    day = leased_books.tools.today().isoformat()
    for kind, given, field in (
        ("loss", {item: "1"}, "id_reason"),
        ("count", {item: "1.5"}, f"id_{item}"),
        ("delivery", {}, "id_day"),
        ("delivery", {item: "1", "day": "2099-01-01"}, "id_day"),
        ("delivery", {item: "1", "waybill": "x" * 61}, "id_waybill"),
        ("opened", {item: "1"}, f"id_{item}"),
    ):
        where = reverse("office:stock_write", args=["P01", kind])
        answer = client.post(where, {"entry": str(uuid4()), "day": day, **given})
        assert answer.status_code == 422
        assert [error.field_id for error in answer.context["page"].errors] == [field]
    assert count(LEDGER, "stock_entry") == 0
    for missing in (("P99", "loss"), ("P01", "nothing")):
        assert client.get(reverse("office:stock_write", args=missing)).status_code == 404


def test_who_only_looks_writes_nothing_and_out_of_reach_there_is_no_point(
    leased_books, signed_in, monkeypatch
):
    from despensa.domain.reach import Reach, Stretch
    from despensa.entrypoints.office.rooms import stock

    auditor = signed_in(leased_books, "samir")
    assert auditor.get(reverse("office:stock_point", args=["P01"])).context["page"].writes == ()
    assert auditor.get(reverse("office:stock_write", args=["P01", "loss"])).status_code == 403
    client = signed_in(leased_books, "lucia")
    elsewhere = Reach((Stretch(None, frozenset({uuid4()})),))
    monkeypatch.setattr(stock, "reach", lambda *_: elsewhere)
    assert client.get(reverse("office:stock")).context["page"].rows == ()
    for name, more in (
        ("stock_point", []), ("stock_write", ["loss"]), ("stock_reverse", [uuid4()])
    ):  # fmt: skip
        where = reverse(f"office:{name}", args=["P01", *more])
        answer = client.post(where) if name == "stock_reverse" else client.get(where)
        assert answer.status_code == 404
