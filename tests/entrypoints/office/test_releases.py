"""The room of releases: proposed, agreed to, taken, and gone on its day."""

from datetime import timedelta

import pytest
from django.urls import reverse

from despensa.entrypoints.jobs import actions, package_files, releasing
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.entrypoints.jobs.test_releasing import PUBLIC
from tests.factories.observing import count


def order(books, **other):
    day = books.tools.today() + timedelta(days=30)
    given = {"cycle": str(books.cycle), "recipient": " Court of  Accounts "}
    return given | {"destroy_by": day.isoformat()} | other


def rows(client):
    return client.get(reverse("office:releases")).context["page"].rows


def agreed(books, client, name, given):
    answer = client.post(reverse(f"office:{name}"), given)
    assert answer.status_code == 302, answer.context["page"].errors
    proposal = type(books.cycle)(answer["Location"].rstrip("/").rpartition("/")[2])
    waiting = client.get(reverse("office:releases")).context["page"].waiting
    assert [(one.proposal_id, one.recipient) for one in waiting] == [
        (proposal, "Court of Accounts")
    ]
    actions.carry_out(books.approved(proposal), books.tools)
    return proposal


def test_a_report_and_a_package_are_agreed_taken_and_destroyed(decided_books, signed_in):
    books, client = decided_books, signed_in(decided_books, "jorge")
    agreed(books, client, "report_new", order(books, breakdowns=["sex", "item"]))
    package = agreed(books, client, "package_new", order(books, key=PUBLIC.hex()))

    [second, first] = rows(client)
    assert (first.number, first.recipient, first.state.kind) == (1, "Court of Accounts", "done")
    assert [one.value for one in first.formats] == ["xlsx", "csv"]
    table = client.post(first.take_url, {"format": "csv"})
    book = client.post(first.take_url, {"format": "xlsx"})
    file = client.post(second.take_url, {"format": "package"})

    assert b"sex,female,people planned," in b"".join(table.streaming_content)
    assert b"".join(book.streaming_content)[:2] == b"PK"
    kept = releasing.package_file(package, books.tools)
    assert b"".join(file.streaming_content) == kept.read_bytes()
    assert [one.taken for one in rows(client)] == [1, 2]
    assert count(REGISTRY, "release_fetch") == 3

    books.clock.forward(days=30)
    assert package_files.destroy_due(books.tools) == 2
    assert [(one.state.kind, one.take_url) for one in rows(client)] == [("information", "")] * 2
    answer = client.post(second.take_url, follow=True)
    assert [str(one.level_tag) for one in answer.context["messages"]] == ["warning"]
    assert count(REGISTRY, "release_fetch") == 3


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("package_new", {"key": "zz"}, "id_key"),
        ("package_new", {"key": "00" * 31}, "id_key"),
        ("package_new", {"key": PUBLIC.hex(), "recipient": " "}, "id_recipient"),
        ("package_new", {"key": PUBLIC.hex(), "destroy_by": "2020-01-01"}, "id_destroy_by"),
        ("report_new", {}, "id_breakdowns"),
        ("report_new", {"breakdowns": ["disability"]}, "id_breakdowns"),
        ("report_new", {"breakdowns": ["sex"], "cycle": "x"}, "id_cycle"),
        ("report_new", {"breakdowns": ["sex"], "destroy_by": ""}, "id_destroy_by"),
    ],
)
def test_a_form_that_is_wrong_says_what_to_mend(decided_books, signed_in, name, change, field):
    client = signed_in(decided_books, "jorge")

    answer = client.post(reverse(f"office:{name}"), order(decided_books, **change))

    assert answer.status_code == 422
    assert [error.field_id for error in answer.context["page"].errors] == [field]
    assert fetch(REGISTRY, "SELECT 1 FROM proposal WHERE action LIKE 'release%%'") == []


def test_who_takes_no_releases_sees_them_without_a_way_to_take_them(decided_books, signed_in):
    books = decided_books
    agreed(books, signed_in(books, "jorge"), "report_new", order(books, breakdowns=["sex"]))

    client = signed_in(books, "nour")
    [row] = rows(client)

    assert (row.take_url, row.formats) == ("", ())
    taken = reverse("office:release_take", args=[row.proposal_id])
    assert client.post(taken).status_code == 403
