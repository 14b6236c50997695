"""The pages about what became of a file: who may look, that looks are written down, and undoing."""

import pytest
from django.urls import reverse

from despensa.domain.role import PERMISSIONS, Permission
from despensa.entrypoints.jobs import worker
from despensa.entrypoints.second_factor import add_totp, current_code
from despensa.records.bulk import fetch
from despensa.records.proposals import queries as proposals
from tests.factories.books import CAST, PASSWORD

WRONG_FILE = {"reason": "50"}


def first_import():
    [(found,)] = fetch("registry", "SELECT id FROM register_import ORDER BY staged_at LIMIT 1")
    return found


def looks():
    [(found,)] = fetch("registry", "SELECT count(*) FROM access_entry")
    return found


def state_of(register_import):
    [(found,)] = fetch(
        "registry", "SELECT state FROM register_import WHERE id = %s", (register_import,)
    )
    return found


def test_each_role_reaches_the_pages_it_works_on_and_no_other(registered_books, signed_in):
    register_import = first_import()
    doors = {
        reverse("office:import_pair", args=[register_import, 1]): Permission.CHANGE_HOUSEHOLDS,
        reverse("office:import_undo", args=[register_import]): Permission.PROPOSE_IMPORT,
    }
    answers, allowed = {}, {}
    for username, (_, _, roles) in CAST.items():
        client = signed_in(registered_books, username)
        held = frozenset().union(*(PERMISSIONS[role] for role in roles))
        for address, needed in doors.items():
            for method in (client.get, client.post):
                answers[username, address, method.__name__] = method(address).status_code == 403
                allowed[username, address, method.__name__] = needed not in held

    assert answers == allowed
    assert proposals.waiting() == []


def test_every_pair_that_is_opened_is_written_down_with_its_people(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    register_import = first_import()
    detail = reverse("office:import_detail", args=[register_import])
    before = looks()
    page = client.get(detail).context["page"]
    after_the_totals = looks()
    pair = client.get(page.pairs[0].url).context["page"]
    after_one = looks()
    client.get(pair.turns.next_url)
    missing = client.get(reverse("office:import_pair", args=[register_import, 10_000]))

    assert before == after_the_totals
    assert [str(one.effect.word) for one in page.pairs] == ["new"]
    assert after_one - before == len(pair.parts) - 1 > 0
    assert looks() > after_one
    assert missing.status_code == 404
    rows = fetch(
        "registry",
        """SELECT DISTINCT registrant_id FROM membership WHERE household_id = %s""",
        (pair.household_id,),
    )
    read = fetch("registry", "SELECT person FROM access_entry")
    assert {person for (person,) in rows} <= {person for (person,) in read}


def test_an_import_is_undone_by_two_people_once(registered_books, signed_in):
    books = registered_books
    secret = add_totp("nour")
    register_import = first_import()
    address = reverse("office:import_undo", args=[register_import])
    client = signed_in(books, "ana")
    shown = client.get(address).context["page"]
    without = client.post(address, {})
    proposed = client.post(address, WRONG_FILE)
    again = client.post(address, WRONG_FILE)
    [view] = proposals.waiting()
    own = client.post(reverse("office:proposal_approve", args=[view.id]), {})
    still = state_of(register_import)
    approver = signed_in(books, "nour")
    given = {"hash": view.hash.hex(), "password": PASSWORD, "code": current_code(secret)}
    agreed = approver.post(reverse("office:proposal_approve", args=[view.id]), given)
    done = worker.carry_out_waiting(books.tools)
    client = signed_in(books, "ana")
    late = client.get(address).context["page"]
    sent_late = client.post(address, WRONG_FILE)
    detail = client.get(reverse("office:import_detail", args=[register_import]))

    assert [fact.value for fact in shown.totals] == [12, 48, 0]
    assert without.status_code == 422
    assert without.context["page"].errors[0].field_id == "id_reason"
    assert proposed["Location"] == again["Location"]
    assert proposed["Location"] == reverse("office:proposal", args=[view.id])
    assert own.status_code == 403
    assert still == 2
    assert (agreed.status_code, done, state_of(register_import)) == (302, [view.id], 4)
    assert late.totals == ()
    assert "undone before" in str(late.errors[0].message)
    assert sent_late.status_code == 422
    assert proposals.waiting() == []
    assert str(detail.context["page"].totals_title) == "What came in and was taken back"
    assert detail.context["page"].pairs == ()
    pair = client.get(reverse("office:import_pair", args=[register_import, 1]))
    assert pair.status_code == 404


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_after_a_cycle_counted_them_the_page_says_why_not(opened_books, signed_in, language):
    client = signed_in(opened_books, "ana")
    client.cookies["django_language"] = language
    address = reverse("office:import_undo", args=[first_import()])

    page = client.get(address)
    sent = client.post(address, WRONG_FILE)

    assert page.status_code == 200
    assert page.context["page"].totals == ()
    assert page.context["page"].errors
    assert b"<select" not in page.content
    assert sent.status_code == 422
    assert proposals.waiting() == []
    assert state_of(first_import()) == 2


def test_a_cycle_that_opened_meanwhile_stops_what_was_agreed(decided_books, signed_in):
    from tests.factories import books as making

    address = reverse("office:import_undo", args=[first_import()])
    proposed = signed_in(decided_books, "ana").post(address, WRONG_FILE)
    [view] = proposals.waiting()
    making.carded(decided_books)
    making.opened(decided_books)
    decided_books.approved(view.id)
    done = worker.carry_out_waiting(decided_books.tools)

    assert proposed.status_code == 302
    assert view.id not in done
    assert state_of(first_import()) == 2
    [(people,)] = fetch("registry", "SELECT count(*) FROM person_key")
    assert people > 0
