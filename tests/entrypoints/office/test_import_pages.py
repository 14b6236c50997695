"""The pages of a file: many faults, a large file, how far it is, and what every state says."""

import csv
import os
import threading
import time
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils.translation import override

from despensa.adapters.register_file import reader
from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.entrypoints.jobs import progress, reading
from despensa.entrypoints.office.rooms import import_words, upload
from despensa.entrypoints.office.states import IMPORT_STATES, IMPORT_TOTALS
from despensa.records.bulk import fetch
from despensa.records.proposals import queries as proposals
from tests.entrypoints.office.test_rooms import send

HEADING = "household_number,person_number,full_name,birth_date,sex,role"
BAD_ROWS = 20_000


def all_bad(rows: int) -> bytes:
    lines = [f"L{at},1,Rosa Quispe{at},2012-13-45,female,head" for at in range(rows)]
    return "\n".join([HEADING, *lines, ""]).encode()


def mixed(bad: int) -> bytes:
    good = [f"G{at},1,Ana Mora{at},1984,female,head" for at in range(60)]
    return all_bad(bad) + "\n".join([*good, ""]).encode()


def staging_bytes(books) -> int:
    folder = books.tools.workspace.run / "staging"
    return sum(path.stat().st_size for path in folder.glob("*.sealed"))


@pytest.mark.timeout(120)
def test_a_file_whose_every_row_is_wrong_shows_the_first_and_gives_all_back(
    founded_books, signed_in
):
    client = signed_in(founded_books, "ana")
    few = client.get(send(client, all_bad(100))["Location"])
    sealed_few = staging_bytes(founded_books)
    many = client.get(send(client, all_bad(BAD_ROWS))["Location"])
    sealed_many = staging_bytes(founded_books) - sealed_few
    page = many.context["page"]
    download = client.get(page.faulty_rows_url)
    parts = list(download.streaming_content)
    rows = list(csv.DictReader(b"".join(parts).decode("utf-8-sig").splitlines()))

    assert page.errors_total == BAD_ROWS
    assert len(page.row_errors) == 50
    assert [(one.column, one.count, one.first_row) for one in page.totals_by_reason] == [
        ("birth_date", BAD_ROWS, 2)
    ]
    assert abs(len(many.content) - len(few.content)) < 500
    assert abs(sealed_many - sealed_few) < 2_000
    assert [row["household_number"] for row in rows] == [f"L{at}" for at in range(BAD_ROWS)]
    assert all(row["despensa_reason"].startswith("birth_date: ") for row in rows)
    assert download["Content-Type"] == "application/octet-stream"
    assert len(parts) > 1
    assert max(map(len, parts)) <= 1 << 20


def test_the_faulty_rows_wait_with_the_file_and_go_with_it(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    sent = send(client, mixed(70))
    of_preview = client.get(client.get(sent["Location"]).context["page"].faulty_rows_url)
    given_back = b"".join(of_preview.streaming_content)
    client.post(sent["Location"], {"step": "submit"})
    [view] = proposals.waiting()
    page = client.get(reverse("office:import_detail", args=[import_of(view.id)])).context["page"]
    of_proposal = b"".join(client.get(page.faulty_rows_url).streaming_content)
    left = lying(founded_books)
    approver = signed_in(founded_books, "nour")
    refused = {"hash": view.hash.hex(), "reason": "totals"}
    approver.post(reverse("office:proposal_refuse", args=[view.id]), refused)
    gone = signed_in(founded_books, "ana").get(page.faulty_rows_url)

    assert given_back.count(b"2012-13-45") == 70
    assert of_proposal == given_back
    assert left == {f"{view.id.hex}.sealed", f"{view.id.hex}.beside"}
    assert gone.status_code == 404
    assert lying(founded_books) == set()


def lying(books) -> set[str]:
    """Return the files that lie in the staging folder; their keys are of the same names."""
    keys = books.tools.workspace.keys / "keeper" / "staging"
    files = {path.name for path in (books.tools.workspace.run / "staging").iterdir()}
    assert {path.stem for path in keys.iterdir()} == {name.partition(".")[0] for name in files}
    return files


def import_of(proposal):
    [(found,)] = fetch(
        "registry", "SELECT id FROM register_import WHERE proposal = %s", (proposal,)
    )
    return found


class Gate:
    """Holds the reading of a file after so many rows were told, until it is opened."""

    def __init__(self, monkeypatch, rows=12_345):
        self.reached, self.open = threading.Event(), threading.Event()
        self.streams = []

        def read(stream, *, told, **options):
            self.streams.append(stream)
            told(rows)
            self.reached.set()
            assert self.open.wait(30)
            return reader.read_register(stream, told=told, **options)

        monkeypatch.setattr(upload, "READ_AT_ONCE_BYTES", 0)
        monkeypatch.setattr(upload, "read_register", read)


def ended(books, preview_id):
    end = time.monotonic() + 30
    while not reading.of(preview_id, books.staff["ana"]).is_over:
        assert time.monotonic() < end
        time.sleep(0.02)


def id_of(answer) -> UUID:
    return UUID(answer["Location"].strip("/").rpartition("/")[2])


def test_a_large_file_is_read_beside_the_request_and_its_page_says_how_far(
    founded_books, signed_in, monkeypatch
):
    gate = Gate(monkeypatch)
    client = signed_in(founded_books, "ana")
    sent = send(client, mixed(3))
    assert gate.reached.wait(30)
    page = client.get(sent["Location"])
    listed = client.get(reverse("office:imports")).context["page"].imports
    [stream] = gate.streams
    names_left = os.fstat(stream.fileno()).st_nlink
    gate.open.set()
    ended(founded_books, id_of(sent))
    polled = client.get(sent["Location"], headers={"HX-Request": "true"})

    assert page.context["page"].state is IMPORT_STATES["reading"]
    assert b"12,345 rows so far" in page.content
    assert b'hx-trigger="every 2s"' in page.content
    assert [(row.rows_in, row.state) for row in listed] == [(12_345, IMPORT_STATES["reading"])]
    assert names_left == 0
    assert polled["HX-Refresh"] == "true"
    assert polled.context["page"].errors_total == 3
    assert fetch("registry", "SELECT count(*) FROM household") == [(0,)]


def test_nobody_else_sees_a_file_that_is_read_and_it_can_be_thrown_away(
    founded_books, signed_in, monkeypatch
):
    gate = Gate(monkeypatch)
    client = signed_in(founded_books, "ana")
    sent = send(client, mixed(3))
    assert gate.reached.wait(30)
    found = reading.of(id_of(sent), founded_books.staff["ana"])
    thrown = client.post(sent["Location"], {"step": "discard"})
    gate.open.set()
    end = time.monotonic() + 30
    while not found.is_over:
        assert time.monotonic() < end
        time.sleep(0.02)

    assert reading.of(id_of(sent), founded_books.staff["omar"]) is None
    assert thrown["Location"] == reverse("office:imports")
    assert client.get(sent["Location"])["Location"] == reverse("office:imports")
    assert not list(founded_books.tools.workspace.run.glob("staging/*"))


def test_a_large_file_that_cannot_be_read_says_so_on_its_page(
    founded_books, signed_in, monkeypatch
):
    monkeypatch.setattr(upload, "READ_AT_ONCE_BYTES", 0)
    client = signed_in(founded_books, "ana")
    unknown = send(client, b"nothing,known\n1,2\n")
    broken = send(client, mixed(1) + b'L9,1,"Rosa Quispe,1984,female,head\n')
    ended(founded_books, id_of(broken))
    other = send(client, mixed(1), kind="hope")
    ended(founded_books, id_of(other))
    pages = [client.get(one["Location"]).context["page"] for one in (broken, other)]

    assert unknown.status_code == 422
    assert [page.state for page in pages] == [IMPORT_STATES["unreadable"]] * 2
    assert "was cut off" in str(pages[0].errors[0].message)
    assert "another kind" in str(pages[1].errors[0].message)
    assert b"Send a file again" in client.get(other["Location"]).content


def test_a_file_above_the_limit_names_the_command_that_takes_it(founded_books, signed_in, settings):
    settings.DESPENSA_UPLOAD_MAX_MIB = 1
    client = signed_in(founded_books, "ana")
    answer = send(client, b"x" * ((1 << 20) + 1))
    form = client.get(reverse("office:import_new"))

    assert answer.status_code == 422
    assert "larger than 1 MiB" in str(answer.context["page"].errors[0].message)
    assert "despensa import FILE" in str(answer.context["page"].errors[0].message)
    assert b'data-mib-max="1"' in form.content


def test_what_must_be_read_whole_has_a_limit_of_its_own():
    for content, limits, code in (
        (b'[{"_uuid": 1}]' + b" " * 2_000, Limits(whole_bytes_max=1_000), "too_large_whole"),
        (mixed(50), Limits(whole_bytes_max=1_000), None),
    ):
        try:
            reader.read_headings(content, filename="list", limits=limits)
            found = None
        except RegisterFileError as error:
            found = error.code
        assert found == code


def test_the_page_of_a_proposal_says_how_far_the_register_is_written(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    client.post(send(client, mixed(3))["Location"], {"step": "submit"})
    [view] = proposals.waiting()
    founded_books.approved(view.id)
    addresses = (
        reverse("office:proposal", args=[view.id]),
        reverse("office:import_detail", args=[import_of(view.id)]),
    )
    before = [client.get(address).context["page"].job for address in addresses]
    progress.say(view.id, 40)
    try:
        during = [client.get(address).context["page"].job for address in addresses]
    finally:
        progress.end(view.id)

    assert [str(job.problem) for job in before] == [
        "It begins within seconds, also after a restart."
    ] * 2
    assert [(job.done, job.total, str(job.problem)) for job in during] == [(40, 60, "")] * 2


@pytest.mark.parametrize(
    ("state", "decided", "name"),
    [
        (1, (1, None, 1), "proposed"),
        (1, (1, None, 0), "expired"),
        (1, (2, None, 1), "writing"),
        (2, (4, None, 1), "done"),
        (3, (3, "nour", 1), "refused"),
        (3, (3, None, 1), "expired"),
        (4, (4, None, 1), "undone"),
    ],
)
def test_every_state_of_an_import_has_its_own_words(
    founded_books, doors, monkeypatch, state, decided, name
):
    doors(founded_books)
    proposal_state, refused_by, still = decided
    view = SimpleNamespace(
        state=proposal_state,
        refused_by=refused_by,
        expires_at=founded_books.tools.now() + (1 if still else -1),
    )
    monkeypatch.setattr(import_words.proposals, "proposal", lambda _: view)
    row = SimpleNamespace(
        id=UUID(int=1), proposal=UUID(int=2), state=state, counts={"rows": 60, "people": 60},
        file_name="list.csv", kind="despensa-template", staged_at=0, staff=UUID(int=3),
    )  # fmt: skip
    page = import_words.page_of_import(row, may_open=False)

    assert page.state is IMPORT_STATES[name]
    assert page.totals_title == IMPORT_TOTALS[name]
    assert (page.job is not None) == (name == "writing")
    assert (page.proposal_id is not None) == (name == "proposed")
    assert (page.undo_url != "") == (name == "done")


def test_the_words_of_states_are_said_in_every_language():
    said = {}
    for language in ("en", "es", "ar"):
        with override(language):
            said[language] = [str(word) for word in IMPORT_TOTALS.values()]
            said[language] += [str(state.word) for state in IMPORT_STATES.values()]

    assert not set(said["en"]) & set(said["es"])
    assert not set(said["en"]) & set(said["ar"])
    assert IMPORT_TOTALS["undone"] != IMPORT_TOTALS["preview"]
