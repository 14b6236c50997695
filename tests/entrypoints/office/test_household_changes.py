"""Changing a household at the desk: form, preview, done, undone; refusals say how to go on."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import translation

from despensa.domain.household.membership import MemberRole
from despensa.domain.household.operation import Kind, Reason
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.statement import Says, Statement
from despensa.entrypoints.office import household_words
from despensa.records.bulk import fetch
from despensa.records.cards import queries as cards
from despensa.records.databases import REGISTRY
from despensa.records.households import queries
from despensa.records.registry import queries as registry
from despensa.usecases.add_institution import add_institution
from tests.usecases.test_change_household import a_home, an_order, do

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def hidden(answer):
    """Return the hidden fields of a page's form."""
    found = {}
    for name, value in HIDDEN.findall(answer.content.decode()):
        found.setdefault(unescape(name), []).append(unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


def send(client, home, name, *, day, **fields):
    """Fill the form of an operation in and ask for its preview."""
    address = reverse("office:household_change", args=[home, name])
    form = hidden(client.get(address))
    return client.post(address, {"day": day.isoformat(), "reason": "1", **form, **fields})


def agree(client, home, name, preview):
    return client.post(reverse("office:household_change", args=[home, name]), hidden(preview))


def living(home):
    return queries.situation_of([home]).living(home)


def test_a_split_is_previewed_done_and_undone(opened_books, signed_in):
    client, today = signed_in(opened_books, "ana"), opened_books.tools.today()
    home, people = a_home()
    before = living(home)

    preview = send(
        client, home, "split", day=today, reason="6", people=[people[-1]], other_head=people[-1],
        carry="2",
    )  # fmt: skip
    assert living(home) == before
    page = preview.context["page"]
    assert any("A new household is made with 1 person" in one for one in page.sentences)
    assert any("Everything that is still free" in one for one in page.sentences)

    answer = agree(client, home, "split", preview)

    assert answer["Location"] == reverse("office:household", args=[home])
    assert people[-1] not in living(home)
    shown = client.get(answer["Location"]).context["page"]
    [row] = shown.changes.timeline
    assert row.undo_url
    undo = client.get(row.undo_url)
    assert undo.context["page"].sentences
    client.post(row.undo_url, hidden(undo) | {"reason": "17"})
    assert living(home) == before
    assert [row.is_undone for row in queries.timeline(home)] == [False, True]


def test_the_same_form_sent_twice_is_done_once(registered_books, signed_in):
    client, today = signed_in(registered_books, "ana"), registered_books.tools.today()
    home, people = a_home()
    preview = send(client, home, "head", day=today, head=people[1])

    answers = [agree(client, home, "head", preview) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {302}
    assert len(queries.timeline(home)) == 1


def test_a_child_is_registered_with_the_household(registered_books, signed_in):
    client, today = signed_in(registered_books, "ana"), registered_books.tools.today()
    home, people = a_home()
    preview = send(
        client, home, "birth", day=today, full_name="  Luz   Molina ", sex="female",
        born=(today - timedelta(days=4)).isoformat(),
    )  # fmt: skip
    assert any("Luz Molina" in one for one in preview.context["page"].sentences)

    agree(client, home, "birth", preview)

    assert len(living(home)) == len(people) + 1
    page = client.get(reverse("office:household", args=[home])).context["page"]
    assert "Luz Molina" in {member.name for member in page.members}


def test_what_cannot_be_read_or_done_is_said_and_kept(registered_books, signed_in):
    client, today = signed_in(registered_books, "ana"), registered_books.tools.today()
    home, people = a_home()

    cases = [
        send(client, home, "death", day=today),
        send(client, home, "death", day=today, reason="99", people=[people[0]]),
        send(client, home, "death", day=today, people=[people[0]]),
        send(client, home, "leave", day=today + timedelta(days=2), people=[people[-1]]),
        send(client, home, "birth", day=today, full_name=" "),
        send(client, home, "merge", day=today, other="2222-2222-2X", reason="16"),
        send(client, home, "move", day=today, area="nowhere"),
    ]

    assert {case.status_code for case in cases} == {422}
    told = [str(case.context["page"].errors[0].message) for case in cases]
    assert told[0].startswith("Nobody was chosen")
    assert told[1] == "Choose a reason."
    assert told[2].startswith("Nobody could collect")
    assert told[3].startswith("The day lies in the future")
    assert told[4] == "Write the name."
    assert told[5].startswith("There is no household")
    assert len(queries.timeline(home)) == 0
    assert f'value="{people[0]}" checked' in cases[2].content.decode()


def test_an_old_preview_is_refused_and_begun_anew(registered_books, signed_in):
    books = registered_books
    client, today = signed_in(books, "ana"), books.tools.today()
    home, people = a_home()
    preview = send(client, home, "head", day=today, head=people[1])
    do(books, an_order(books, Kind.LEAVE, home, people=(people[-1],)))

    answer = agree(client, home, "head", preview)

    assert answer.status_code == 422
    assert "changed meanwhile" in str(answer.context["page"].errors[0].message)
    assert hidden(answer)["version"] == ["1"]
    assert hidden(answer)["operation"] != hidden(preview)["operation"]


def test_people_of_another_household_join_by_its_card(carded_books, signed_in):
    client, today = signed_in(carded_books, "ana"), carded_books.tools.today()
    home, _ = a_home()
    other, number = _another_with_card(home)
    guest = living(other)[-1]

    choice = send(client, home, "join", day=today, reason="6", other=number)
    assert {one.value for one in choice.context["page"].fields[1].choices} >= {str(guest)}
    form = hidden(choice) | {
        "day": today.isoformat(), "reason": "6", "other": number, "people": [str(guest)],
    }  # fmt: skip
    preview = client.post(reverse("office:household_change", args=[home, "join"]), form)
    agree(client, home, "join", preview)

    assert guest in living(home)
    assert guest not in living(other)


def _another_with_card(home):
    for (other,) in fetch(
        REGISTRY,
        """SELECT household_id FROM membership WHERE role IN (1, 2) AND household_id <> %s
           GROUP BY household_id HAVING count(*) > 1 ORDER BY household_id""",
        (home,),
    ):
        numbers = cards.usable_by_household([other]).get(other)
        if numbers:
            return other, numbers[0]
    raise AssertionError("no other household has a card")


def test_an_institution_collects_and_stands_on_the_page(registered_books, signed_in):
    books = registered_books
    client, today = signed_in(books, "ana"), books.tools.today()
    home, people = a_home()
    shelter = add_institution(
        kind=1, names={"es": "Casa Luz"}, office={"es": "dirección"}, area=books.root_area,
        acting=books.acting("jorge"),
    )  # fmt: skip

    preview = send(
        client, home, "collector", day=today, collector=f"institution:{shelter}",
        collector_role="3",
    )  # fmt: skip
    agree(client, home, "collector", preview)

    page = client.get(reverse("office:household", args=[home])).context["page"]
    assert [row.name for row in page.changes.institutions] == ["Casa Luz, dirección (shelter)"]
    rows = {(row.holder, row.role) for row in queries.rows_on([home], today)}
    assert (shelter, MemberRole.PRIMARY_COLLECTOR) in rows
    assert (people[0], MemberRole.PRIMARY_COLLECTOR) not in rows


def test_the_history_shows_a_past_day_and_is_a_look(registered_books, signed_in):
    books = registered_books
    client = signed_in(books, "ana")
    home, people = a_home()
    books.clock.forward(days=5)
    do(books, an_order(books, Kind.LEAVE, home, people=(people[-1],)))
    address = reverse("office:household_history", args=[home])
    before = len(registry.looks(people, 50))

    now = client.get(address).context["page"]
    then = client.get(address, {"on": (books.tools.today() - timedelta(days=1)).isoformat()})

    gone = {row.name for row in then.context["page"].roles} - {row.name for row in now.roles}
    assert len(gone) == 1
    assert gone.pop() in now.timeline[0].sentences[0]
    assert len(registry.looks(people, 50)) == before + 2
    wrong = client.get(address, {"on": "someday"})
    assert (wrong.status_code, wrong.context["page"].day) == (422, books.tools.today())


def test_who_may_not_change_sees_the_history_and_no_operation(registered_books, signed_in):
    home, _ = a_home()
    nobody = UUID(int=1)
    client = signed_in(registered_books, "jorge")

    assert client.get(reverse("office:household", args=[home])).status_code == 403
    ana = signed_in(registered_books, "ana")
    assert ana.get(reverse("office:household_change", args=[nobody, "head"])).status_code == 404
    assert ana.get(reverse("office:household_change", args=[home, "sell"])).status_code == 404
    undo = ana.get(reverse("office:household_undo", args=[home, nobody]))
    assert undo["Location"] == reverse("office:household", args=[home])


@pytest.mark.parametrize("language", ["es", "ar"])
def test_forms_and_previews_speak_the_readers_language(registered_books, signed_in, language):
    client, today = signed_in(registered_books, "ana"), registered_books.tools.today()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    home, people = a_home()

    preview = send(client, home, "head", day=today, head=people[1])

    text = " ".join(preview.context["page"].sentences)
    assert preview.status_code == 200
    assert "is head" not in text
    assert "Yes, do this" not in preview.content.decode()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_kind_reason_statement_and_refusal_has_its_words(language):
    with translation.override(language):
        for says in Says:
            said = Statement(
                says, UUID(int=1), day=date(2026, 1, 2), area=UUID(int=2), count=2, of=3
            )
            told = [
                household_words.sentence(one, name=lambda _: "Ana", area=lambda _: "Loma")
                for one in (said, replace(said, is_here=False))
            ]
            assert all(told)
            assert not any("%" in one for one in told)
        values = {"day": date(2026, 1, 2), "count": 3, "limit": 2}
        refusals = {household_words.refusal(ChangeRefused(why, **values)) for why in Why}
    assert len(refusals) >= len(Why) - 1
    assert set(household_words.KINDS) == set(Kind)
    assert set(household_words.REASONS) == set(Reason)


def test_a_household_nobody_lives_in_any_more_is_shown(carded_books, signed_in):
    books = carded_books
    client = signed_in(books, "ana")
    home, _ = a_home()
    other, _ = _another_with_card(home)
    order = an_order(books, Kind.MERGE, home, other=other, other_version=0)
    do(books, order)

    page = client.get(reverse("office:household", args=[other]))

    assert page.status_code == 200
    assert page.context["page"].changes.ended_on == books.tools.today()
    assert page.context["page"].changes.operations == ()
