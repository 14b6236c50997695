"""Every room: who may enter, what it shows, and that no name is opened before the look is written."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from despensa.domain.role import PERMISSIONS
from despensa.entrypoints.jobs import worker
from despensa.entrypoints.office.shell import ROOM_PERMISSIONS
from despensa.entrypoints.second_factor import add_totp, current_code
from despensa.records.bulk import fetch
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from tests.factories import books as making
from tests.factories.books import CAST, PASSWORD
from tests.factories.codes import next_code

GOOD = b"""household_number,person_number,full_name,birth_date,sex,role,religion,favourite
N1,1,Rosa Quispe,1984-05-02,female,head,x,y
N1,2,Hugo Quispe,2015,male,member,x,y
"""
BAD = GOOD + b"N2,1,Pedro Mora,2012-13-45,male,head,x,y\n"


def large(count: int = 60) -> bytes:
    rows = [f"L{at},1,Rosa Quispe{at},1984,female,head" for at in range(count)]
    heading = "household_number,person_number,full_name,birth_date,sex,role"
    return "\n".join([heading, *rows, ""]).encode()


def send(client, content: bytes, name: str = "register.csv", **form):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("office:import_new"), {"file": file, "kind": "", **form})


def some_household() -> object:
    [(household,)] = fetch("registry", "SELECT id FROM household ORDER BY id LIMIT 1")
    return household


def head_name_words(books) -> str:
    text = making.register_text(books.tools.today(), skip=0, count=1).splitlines()[1]
    _, _, _, surname, _, given, *_ = text.split(",")
    return f"{given.split()[0]} {surname.split()[0]}"


def test_each_role_enters_its_rooms_and_no_other(opened_books, signed_in):
    answers, allowed = {}, {}
    for username, (_, _, roles) in CAST.items():
        client = signed_in(opened_books, username)
        held = frozenset().union(*(PERMISSIONS[role] for role in roles))
        for room, needed in ROOM_PERMISSIONS.items():
            answers[username, room] = client.get(reverse(f"office:{room}")).status_code
            allowed[username, room] = 200 if needed in held else 403

    assert answers == allowed


def test_nobody_enters_without_signing_in(founded_books, doors, client):
    doors(founded_books)

    answers = [
        client.get(reverse(f"office:{room}"), HTTP_HOST="localhost") for room in ROOM_PERMISSIONS
    ]

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer["Location"].startswith(reverse("account_login")) for answer in answers)


def test_password_and_code_sign_in(founded_books, doors, client):
    doors(founded_books)
    secret = add_totp("ana")
    login = client.post(
        reverse("account_login"), {"login": "ana", "password": PASSWORD}, HTTP_HOST="localhost"
    )
    inside = client.post(login["Location"], {"code": current_code(secret)}, HTTP_HOST="localhost")

    assert login["Location"] == reverse("mfa_authenticate")
    assert inside["Location"] == reverse("office:today")


def test_today_counts_the_open_cycle(leased_books, signed_in):
    answer = signed_in(leased_books, "lucia").get(reverse("office:today"))

    page = answer.context["page"]
    entitled = programmes.outcome_totals(leased_books.cycle)[1]
    assert page.figures[0].value == entitled
    assert [point.remaining for point in page.points] == [len(leased_books.entitled())]


@pytest.fixture
def watched(monkeypatch):
    """Record, at each unseal, whether its access entry was already committed."""
    seen = []

    def watch(books):
        vault = books.keeper.vault
        unseal = vault.unseal

        def checked(access, people):
            rows = fetch(
                "registry",
                """SELECT (SELECT count(*) FROM journal_content WHERE entry = %s),
                          (SELECT count(*) FROM access_entry WHERE entry = %s)""",
                (access.entry.hex(), access.entry.hex()),
            )
            from django.db import connections

            seen.append((rows[0], len(access.persons), connections["registry"].in_atomic_block))
            return unseal(access, people)

        monkeypatch.setattr(vault, "unseal", checked)

    return watch, seen


def test_no_name_is_opened_before_its_look_is_in_the_database(opened_books, signed_in, watched):
    watch, seen = watched
    client = signed_in(opened_books, "ana")
    watch(opened_books)
    query = head_name_words(opened_books)
    found = client.post(reverse("office:households"), {"query": query, "purpose": "card"})
    rows = found.context["page"].results
    opened = client.get(reverse("office:household", args=[rows[0].household_id]))

    assert rows
    assert opened.status_code == 200
    assert len(seen) == 2
    assert all(
        journal == 1 and listed == persons and not is_open
        for (journal, listed), persons, is_open in seen
    )


def test_the_person_can_read_who_looked_and_what_for(opened_books, signed_in):
    client = signed_in(opened_books, "ana")
    client.post(
        reverse("office:households"),
        {"query": head_name_words(opened_books), "purpose": "grievance"},
    )
    household = some_household()
    client.get(reverse("office:household", args=[household]))
    page = client.get(reverse("office:household", args=[household])).context["page"]

    assert len(page.looks) >= 2
    assert {look.person_name for look in page.looks} == {"Ana Molina"}
    assert "Answering a grievance" in {str(look.purpose) for look in page.looks}


def test_a_household_page_says_why(opened_books, signed_in):
    client = signed_in(opened_books, "ana")

    page = client.get(reverse("office:household", args=[some_household()])).context["page"]

    assert len(page.decisions[0].sentences) > 1
    assert page.cards
    assert page.members[0].name


def test_one_name_alone_is_not_searched_and_nothing_is_written(opened_books, signed_in):
    client = signed_in(opened_books, "ana")
    before = fetch("registry", "SELECT count(*) FROM journal")

    answers = [
        client.post(reverse("office:households"), {"query": query}).status_code
        for query in ("rosa", "", "1984")
    ]

    assert answers == [422, 422, 422]
    assert fetch("registry", "SELECT count(*) FROM journal") == before


def test_a_card_number_finds_its_household(opened_books, signed_in):
    number, household = fetch(
        "registry", "SELECT number, household_id FROM card WHERE household_id IS NOT NULL LIMIT 1"
    )[0]

    page = (
        signed_in(opened_books, "ana")
        .post(reverse("office:households"), {"query": number.lower()})
        .context["page"]
    )

    assert [row.household_id for row in page.results] == [household]


def test_a_document_and_a_phone_find_their_person(registered_books, signed_in):
    client = signed_in(registered_books, "ana")
    rows = making.register_text(registered_books.tools.today(), skip=0, count=1).splitlines()
    document, phone = (re.search(r"VP-\d+", rows[1])[0], re.search(r"\+\d+", rows[1])[0])

    found = [
        client.post(reverse("office:households"), {"query": query}).context["page"].results
        for query in (document, phone)
    ]

    assert [len(results) for results in found] == [1, 1]


def test_a_preview_shows_faults_and_nothing_is_written(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    sent = send(client, BAD)
    page = client.get(sent["Location"]).context["page"]
    faulty = client.get(page.faulty_rows_url)

    assert [(error.row, error.column, error.value) for error in page.row_errors] == [
        (4, "birth_date", "2012-13-45")
    ]
    assert [column.column for column in page.dropped_columns] == ["religion"]
    assert page.ignored_columns == ("favourite",)
    assert page.without_document == 2
    given_back = b"".join(faulty.streaming_content)
    assert b"Pedro Mora" in given_back
    assert b"religion" not in given_back
    assert fetch("registry", "SELECT count(*) FROM household") == [(0,)]
    assert fetch("registry", "SELECT count(*) FROM register_import") == [(0,)]


def test_a_small_file_comes_in_at_once(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    sent = send(client, GOOD)
    client.post(sent["Location"], {"step": "import"})
    page = client.get(reverse("office:imports")).context["page"]

    assert fetch("registry", "SELECT count(*) FROM registrant") == [(2,)]
    assert [(row.rows_in, str(row.state.word)) for row in page.imports] == [(2, "in the register")]


def test_a_large_file_waits_and_comes_in_when_a_second_person_agrees(founded_books, signed_in):
    registrar = signed_in(founded_books, "ana")
    secret = add_totp("nour")
    registrar.post(send(registrar, large())["Location"], {"step": "submit"})
    [view] = proposals.waiting()
    approver = signed_in(founded_books, "nour")
    url = reverse("office:proposal_approve", args=[view.id])
    given = {"hash": view.hash.hex(), "password": PASSWORD, "code": current_code(secret)}
    wrong = approver.post(url, given | {"password": "no"})
    other = approver.post(url, given | {"hash": "00" * 32})
    right = approver.post(url, given | {"code": next_code(secret)})
    waiting = proposals.approved()
    done = worker.carry_out_waiting(founded_books.tools)

    assert (wrong.status_code, other.status_code, right.status_code) == (422, 422, 302)
    assert [one.id for one in waiting] == [view.id] == done
    assert fetch("registry", "SELECT count(*) FROM registrant") == [(60,)]


def test_nobody_approves_their_own_and_refusing_ends_it(founded_books, signed_in):
    registrar = signed_in(founded_books, "ana")
    registrar.post(send(registrar, large())["Location"], {"step": "submit"})
    [view] = proposals.waiting()
    own = registrar.post(reverse("office:proposal_approve", args=[view.id]), {})
    approver = signed_in(founded_books, "nour")
    url = reverse("office:proposal_refuse", args=[view.id])
    without_reason = approver.post(url, {"hash": view.hash.hex()})
    refused = approver.post(url, {"hash": view.hash.hex(), "reason": "totals"})

    assert own.status_code == 403
    assert without_reason.status_code == 422
    assert refused.status_code == 302
    assert proposals.waiting() == []


def test_a_strict_file_with_a_fault_cannot_be_submitted(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    sent = send(client, BAD, is_strict="yes")
    page = client.get(sent["Location"]).context["page"]
    client.post(sent["Location"], {"step": "import"})

    assert page.next_step is None
    assert fetch("registry", "SELECT count(*) FROM registrant") == [(0,)]


def test_a_preview_is_shown_to_the_person_who_sent_it_only(founded_books, signed_in):
    sent = send(signed_in(founded_books, "ana"), GOOD)
    fetch("registry", "SELECT 1")
    founded_books.staff["ana"] = founded_books.staff["omar"]
    other = signed_in(founded_books, "omar").get(sent["Location"])

    assert other.status_code == 403


def test_an_unreadable_file_gets_a_sentence(founded_books, signed_in):
    client = signed_in(founded_books, "ana")

    answers = [
        send(client, content) for content in (b"", b"nothing,known\n1,2\n", b"PK\x03\x04broken")
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all(answer.context["page"].errors for answer in answers)


def test_a_cycle_is_drafted_decided_and_proposed(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")
    form = {
        "programme": str(decided_books.programme),
        "name": "2026-12",
        "opens_on": "2026-12-01",
        "closes_on": "2026-12-03",
    }
    drafted = client.post(reverse("office:cycles"), form)
    again = client.post(reverse("office:cycles"), form)
    url = drafted["Location"]
    client.post(url, {"step": "decide"})
    decided = client.get(url).context["page"]
    client.post(url, {"step": "propose_opening"})
    client.post(url, {"step": "propose_opening"})
    proposed = client.get(url).context["page"]

    assert again.status_code == 422
    assert str(decided.summary.state.word) == "decided"
    assert {decided.next_step.step, decided.other_step.step} == {
        "propose_cards",
        "propose_opening",
    }
    assert proposed.proposal_id is not None
    assert len(proposals.waiting()) == 1


def test_a_cycle_is_run_by_nobody_who_only_sees_it(decided_books, signed_in):
    client = signed_in(decided_books, "ana")

    drafted = client.post(reverse("office:cycles"), {})
    stepped = client.post(
        reverse("office:cycle", args=[decided_books.cycle]), {"step": "propose_opening"}
    )

    assert (drafted.status_code, stepped.status_code) == (403, 403)


def test_a_card_is_handed_over_by_its_scanned_code(carded_books, signed_in):
    client = signed_in(carded_books, "ana")
    text = next(iter(carded_books.card_texts.values()))
    url = reverse("office:card_handover")

    answers = [
        client.post(url, {"card_number": typed}).status_code for typed in (text, "AAAA", "C7Q4")
    ]

    # the books' cards were handed over when they were made
    assert answers == [422, 422, 422]


def test_ledger_and_log_are_checked_as_they_are_shown(opened_books, signed_in):
    from despensa.entrypoints.jobs import rounds

    rounds.seal_log(opened_books.tools)
    client = signed_in(opened_books, "nour")
    ledger = client.get(reverse("office:ledger")).context["page"]
    log = client.get(reverse("office:log")).context["page"]

    assert str(ledger.state.word) == str(log.state.word) == "holds"
    assert ledger.units[0].debit_total == ledger.units[0].credit_total > 0
    assert log.size > 0
    assert log.leaves


def test_changes_need_the_token_of_the_form(opened_books, signed_in):
    from django.test import Client

    signed = signed_in(opened_books, "ana")
    strict = Client(enforce_csrf_checks=True, HTTP_HOST="localhost")
    strict.cookies = signed.cookies

    assert strict.post(reverse("office:households"), {"query": "a b"}).status_code == 403


def test_personal_pages_are_not_kept_and_carry_the_policy(opened_books, signed_in):
    answer = signed_in(opened_books, "ana").get(
        reverse("office:household", args=[some_household()])
    )

    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_the_stage_door_is_no_page_outside_a_demonstration(founded_books, doors, client):
    doors(founded_books)

    for token in ("", "x"):
        url = reverse("office:stage_door", args=[token or "y"])
        assert client.get(url, HTTP_HOST="localhost").status_code == 404


UNKNOWN = b"Hogar,Nombre completo,Voto\nH1,Rosa Quispe,A\n"


def test_columns_that_say_nothing_are_asked_for_once(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    asked = send(client, UNKNOWN)
    page = asked.context["page"]
    assert asked.status_code == 422
    assert [column.heading for column in page.columns] == ["Hogar", "Nombre completo"]
    assert b"Rosa Quispe" not in asked.content

    said = {"heading_0": "Hogar", "field_0": "household_number"}
    said |= {"heading_1": "Nombre completo", "field_1": "full_name"}
    file = SimpleUploadedFile("list.csv", UNKNOWN)
    sent = client.post(reverse("office:import_columns"), {"file": file, **said})
    preview = client.get(sent["Location"]).context["page"]
    again = send(client, UNKNOWN.replace(b"Rosa", b"Luz"))

    assert [column.column for column in preview.dropped_columns] == ["Voto"]
    assert preview.kind_word == "Table with mapped columns"
    assert again.status_code == 302
    assert fetch("registry", "SELECT count(*) FROM column_map") == [(1,)]
    assert fetch("registry", "SELECT count(*) FROM household") == [(0,)]


def test_a_forbidden_or_unknown_field_cannot_be_mapped_in_the_office(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    for heading, field in (("Voto", "full_name"), ("Hogar", "nickname"), ("Hogar", "")):
        file = SimpleUploadedFile("list.csv", UNKNOWN)
        said = {"heading_0": heading, "field_0": field, "file": file}
        answer = client.post(reverse("office:import_columns"), said)

        assert answer.status_code == 422
        assert answer.context["page"].errors
    assert client.get(reverse("office:import_columns")).status_code == 302
    assert fetch("registry", "SELECT count(*) FROM column_map") == [(0,)]


def test_a_column_that_was_not_read_can_be_said_later_and_the_rest_stays_said(
    founded_books, signed_in
):
    client = signed_in(founded_books, "ana")
    sent = send(client, GOOD)
    page = client.get(sent["Location"]).context["page"]
    asked = client.get(page.columns_url).context["page"]
    assert [column.heading for column in asked.columns] == ["favourite"]
    for heading, field in (("favourite", "surname_1"), ("sex", "sex")):
        said = {"heading_0": heading, "field_0": field, "file": SimpleUploadedFile("r.csv", GOOD)}
        assert client.post(reverse("office:import_columns"), said).status_code == 302

    [(fields,)] = fetch("registry", "SELECT fields FROM column_map")
    assert fields == {"favourite": "surname_1", "sex": "sex"}
    assert signed_in(founded_books, "nour").get(page.columns_url).status_code in (302, 403)
