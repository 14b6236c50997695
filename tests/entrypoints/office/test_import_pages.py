"""The pages of a file: many faults, a large file, how far it is, and what every state says."""

import csv

import pytest
from django.urls import reverse

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
