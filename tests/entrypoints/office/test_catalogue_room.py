"""The catalogue of facts in the office: read in words, changed by two people, its end shown."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from despensa.domain.catalogue import catalogue_text
from despensa.entrypoints.jobs import actions, cataloguing, retention
from despensa.records.proposals import queries as proposals
from tests.domain.test_catalogue_change import READ_BY_RULE, added, with_fact, without

NEW = "office:catalogue_new"


def look(client, text):
    given = SimpleUploadedFile("catalogue.yaml", text.encode())
    return client.post(reverse(NEW), {"file": given})


def test_every_fact_is_read_in_words(decided_books, signed_in):
    client = signed_in(decided_books, "samir")

    page = client.get(reverse("office:catalogue")).context["page"]

    rows = {row.name: row for row in page.facts}
    assert len(rows) == 9
    assert str(rows["language"].purposes) == "delivery"
    assert rows["language"].goes_on is None
    assert {rows[name].goes_on for name in READ_BY_RULE} == {None}
    assert rows["dwelling_shared"].goes_on is not None
    assert "waits for a rule" in str(rows["dwelling_shared"].state.word)
    assert not page.may_propose
    file = client.get(reverse("office:catalogue_file"))
    assert file.content.decode() == catalogue_text()


def test_a_file_is_looked_into_then_sent_to_a_second_person_who_sees_the_same(
    decided_books, signed_in
):
    client = signed_in(decided_books, "jorge")

    page = look(client, added()).context["page"]
    answer = client.post(reverse(NEW), {"text": page.text, "propose": "yes"})

    [change] = page.changes
    assert (str(change.what), str(change.fact)) == ("new fact", "The dwelling was damaged")
    [view] = proposals.waiting()
    assert answer.url == reverse("office:proposal", args=[view.id])
    approver = signed_in(decided_books, "nour")
    assert approver.get(answer.url).context["page"].changes == page.changes
    actions.carry_out(decided_books.approved(view.id), decided_books.tools)
    assert approver.get(answer.url).context["page"].changes == page.changes


def test_what_stands_in_the_way_is_listed(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")

    answer = look(client, without(READ_BY_RULE[0]))

    assert answer.status_code == 422
    assert "is in use and reads it" in answer.context["page"].problems[0]
    for sent in ({}, {"file": SimpleUploadedFile("x.yaml", b"\xff\xfe")}, {"text": "facts: ["}):
        answer = client.post(reverse(NEW), sent)
        assert answer.status_code == 422
        assert answer.context["page"].errors
    assert proposals.waiting() == []


def test_what_stands_in_the_way_is_said_in_the_readers_language(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")
    said = {}
    for language in ("en", "es", "ar"):
        client.cookies["django_language"] = language
        said[language] = [
            *look(client, without(READ_BY_RULE[0])).context["page"].problems,
            *look(client, with_fact(READ_BY_RULE[0], type="text")).context["page"].problems,
            *look(client, "facts: [").context["page"].problems,
        ]

    assert {language: len(lines) for language, lines in said.items()} == {"en": 3, "es": 3, "ar": 3}
    assert "is in use and reads it" in said["en"][0]
    assert "está en uso y lo lee, y el catálogo no tiene ese dato" in said["es"][0]
    assert "type debe ser uno de" in said["es"][1]
    assert "no se puede leer como YAML" in said["es"][2]
    assert not set(said["ar"]) & {*said["en"], *said["es"]}


def test_what_was_destroyed_is_shown_with_the_day_it_leaves_the_backups(
    registered_books, signed_in
):
    books = registered_books
    actions.carry_out(
        books.approved(cataloguing.propose(without("language"), acting=books.acting("jorge"))),
        books.tools,
    )
    client = signed_in(books, "samir")
    rows = {r.name: r for r in client.get(reverse("office:catalogue")).context["page"].facts}
    assert "no longer needed" in str(rows["language"].state.word)

    books.clock.forward(days=90)
    retention.carry_out(books.tools)

    page = client.get(reverse("office:catalogue")).context["page"]
    [gone] = [row for row in page.destroyed if row.name == "language"]
    assert gone.values
    assert (gone.in_backups_until - books.tools.today()).days == 35
    assert "language" not in {row.name for row in page.facts}
