"""The page that lists whose facts changed since a cycle was decided."""

from django.urls import reverse

from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.books import new_cycle
from tests.factories.shelf import as_owner


def test_what_changed_since_is_counted_and_listed_and_the_cycle_says_where(
    decided_books, signed_in
):
    books = decided_books
    [(home,)] = fetch(REGISTRY, "SELECT household_id FROM decision ORDER BY 1 LIMIT 1")
    with as_owner(books.endpoints, "registry") as connection:
        connection.execute(
            """UPDATE registrant SET birth_month = birth_month - interval '30 years'
               WHERE id IN (SELECT registrant_id FROM membership WHERE household_id = %s)""",
            (home,),
        )
    client = signed_in(books, "jorge")
    where = reverse("office:cycle_differences", args=[books.cycle])

    assert client.get(reverse("office:cycle", args=[books.cycle])).context["page"].has_differences
    asked = client.get(where).context["page"]
    said = client.post(where).context["page"]

    assert (asked.is_compared, asked.rows) == (False, ())
    assert [figure.value for figure in said.figures] == [1, 0, 0]
    assert [(row.number, row.url) for row in said.rows] == [(str(home)[:8], "")]
    assert client.post(reverse("office:cycle_differences", args=[home])).status_code == 404


def test_a_draft_has_nothing_to_compare_and_leads_back(decided_books, signed_in):
    draft = new_cycle(decided_books, "2026-12")
    where = reverse("office:cycle_differences", args=[draft])

    answer = signed_in(decided_books, "jorge").post(where)

    assert answer["Location"] == reverse("office:cycle", args=[draft])
    assert signed_in(decided_books, "nour").get(where).status_code == 403
