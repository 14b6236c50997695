"""Corrections at the desk: form, diff, refusal, undo, receipts; and the timeline of a household."""

import pytest
from django.urls import reverse

from despensa.domain.correction.slot import Channel, Field, Reason, Slot, State
from despensa.entrypoints.jobs import actions
from despensa.records.bulk import fetch
from despensa.records.corrections import queries
from despensa.records.databases import REGISTRY
from tests.factories.observing import count
from tests.usecases.test_change_household import a_home
from tests.usecases.test_corrections import ADDRESS, NAME, ask, value, wanted


def at(name, *args):
    return reverse(f"office:{name}", args=args)


def typed(answer):
    page = answer.context["page"]
    given = {field.name: field.value for field in (*page.request, *page.fields)}
    return given | dict(page.hidden) | {"channel": "2", "reason": "3"}


def test_a_record_is_corrected_from_its_household_to_the_receipt(registered_books, signed_in):
    books, (home, people) = registered_books, a_home()
    client = signed_in(books, "ana")
    page = client.get(at("household", home)).context["page"]
    address = at("correction_new", home, people[-1])
    assert address in [member.correct_url for member in page.members]

    form = client.get(address)
    same = client.post(address, typed(form))
    said = typed(client.get(address)) | {"full_name": "Zoraida Quintanilla"}
    answer = client.post(address, said)
    again = client.post(address, said)

    assert same.status_code == 422
    assert again["Location"] == answer["Location"]
    assert count(REGISTRY, "correction") == 1
    [view] = queries.waiting(9, reach=reach_of_all(books))
    assert (view.channel, view.reason, view.state) == (
        Channel.PHONE, Reason.ENTRY_MISTAKE, State.WAITING,
    )  # fmt: skip
    shown = signed_in(books, "nour").get(answer["Location"]).context["page"]
    assert "Zoraida Quintanilla" in [row.after for row in shown.rows]
    assert (shown.may_refuse, shown.may_undo) == (True, False)
    actions.carry_out(books.approved(view.proposal), books.tools)
    done = signed_in(books, "ana").get(answer["Location"]).context["page"]
    assert (done.may_undo, bool(done.answer_url)) == (True, True)
    paper = signed_in(books, "ana").get(done.answer_url + "?language=ar").content.decode()
    assert 'dir="rtl"' in paper
    assert "Quintanilla" not in paper


def reach_of_all(books):
    from despensa.domain.role import Permission
    from despensa.records.staff import queries as staff

    return staff.reach_of(books.staff["ana"], Permission.SEE_PROPOSALS, books.tools.today())


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("full_name", "12345"), ("birth", "2999"), ("phone_new", "12"), ("reason", "")],
)
def test_what_cannot_be_read_is_said_at_its_field(registered_books, signed_in, field, wrong):
    home, people = a_home()
    client, address = signed_in(registered_books, "ana"), at("correction_new", home, people[0])

    answer = client.post(address, typed(client.get(address)) | {field: wrong})

    [error] = answer.context["page"].errors
    assert error.field_id in {f"id_{field}", "id_channel"}
    assert count(REGISTRY, "correction") == 0


def test_the_list_of_requests_names_nobody_and_writes_no_look(registered_books, signed_in):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    ask(books, request)
    client = signed_in(books, "samir")
    before = count(REGISTRY, "access_entry")

    listed = client.get(at("corrections"))
    closed = client.get(at("correction", request.id))

    assert str(request.id) in listed.content.decode()
    assert "Quintanilla" not in listed.content.decode() + closed.content.decode()
    assert count(REGISTRY, "access_entry") == before


def test_a_refusal_at_its_page_needs_a_reason_and_the_proposal_points_there(
    registered_books, signed_in
):
    books = registered_books
    request = wanted(books, {NAME: "Zoraida Quintanilla"})
    proposal = ask(books, request).proposal
    client = signed_in(books, "nour")
    page = client.get(at("proposal", proposal)).context["page"]
    assert page.correction_url == at("correction", request.id)

    elsewhere = client.post(
        at("proposal_refuse", proposal), {"hash": page.hash_hex, "reason": "wrong_totals"}
    )
    missing = client.post(at("correction_refuse", request.id), {})
    done = client.post(at("correction_refuse", request.id), {"reason": "80"})

    assert (elsewhere.status_code, missing.status_code, done.status_code) == (422, 422, 302)
    assert queries.correction(request.id).state is State.REFUSED
    assert signed_in(books, "ana").post(at("correction_refuse", request.id)).status_code == 403


def test_a_correction_is_taken_back_from_its_page(registered_books, signed_in):
    books = registered_books
    request = wanted(books, {ADDRESS: "Calle Nueva 3"})
    former = value(books, request, ADDRESS)
    ask(books, request)

    answer = signed_in(books, "ana").post(at("correction_undo", request.id))

    assert answer.status_code == 302
    assert value(books, request, ADDRESS) == former


def test_the_timeline_tells_every_act_in_sentences_after_its_look(opened_books, signed_in):
    books, (home, people) = opened_books, a_home()
    person = people[-1]
    ask(books, wanted(books, {ADDRESS: "Calle Nueva 3"}, person, home))
    books.clock.forward(minutes=9)
    name = wanted(books, {Slot(Field.FULL_NAME): "Zoraida Quintanilla"}, person, home)
    ask(books, name)
    client = signed_in(books, "ana")
    before = count(REGISTRY, "access_entry")

    page = client.get(at("household_timeline", home)).context["page"]

    said = [line.sentence for line in page.lines]
    assert count(REGISTRY, "access_entry") - before == len(people_of(home))
    assert said[0].startswith("A correction of the record of")
    assert "The household was registered." in said
    assert any("A card was made" in one for one in said)
    times = [line.at for line in page.lines]
    assert times == sorted(times, reverse=True)
    assert signed_in(books, "samir").get(at("household_timeline", home)).status_code == 403


def people_of(home):
    return fetch(
        REGISTRY, "SELECT DISTINCT registrant_id FROM membership WHERE household_id = %s", (home,)
    )
