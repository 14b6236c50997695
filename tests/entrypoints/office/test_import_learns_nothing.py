"""
A list of names shown to learn nothing: the pages of a file are the same for strangers.

One file holds people who are registered, the other the same file with invented people: names,
numbers of households, documents and phones of the same length. Whoever sends both sees the same
pages, byte by byte, and nothing of the register is asked while they are made.
"""

import re

from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from despensa.records.bulk import fetch
from despensa.records.proposals import queries as proposals
from tests.entrypoints.office.test_rooms import send
from tests.factories import books as making

CALLED = ("full_name", "surname_1", "surname_2", "given", "household_number", "person_number")
NUMBERED = ("document_number", "phone")
_TURNED = str.maketrans(
    "aeioubcdfghjklmnpqrstvwxyzAEIOUBCDFGHJKLMNPQRSTVWXYZ0123456789",
    "eiouacdfghjklmnpqrstvwxyzbEIOUACDFGHJKLMNPQRSTVWXYZB1234567890",
)
# what is different for every file, whoever is in it
_MASKED = (
    re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    re.compile(rb"(?<=csrfmiddlewaretoken\" value=\")[A-Za-z0-9]+"),
    re.compile(rb"\b[0-9a-f]{64}\b"),
    re.compile(rb"\b[0-9a-f]{4}( [0-9a-f]{4}){15}\b"),
    re.compile(rb"<time[^>]*>[^<]*</time>"),
)
_ABOUT_PEOPLE = re.compile(
    r"\b(registrant|household|membership|person_key|search_token|origin|import_pair|card)\b"
)


def invented(text: str) -> str:
    """Return a file of the same shape with other people: every letter and digit is turned."""
    heading, *rows = text.splitlines()
    places = [at for at, name in enumerate(heading.split(",")) if _says_who(name)]
    turned = []
    for row in rows:
        cells = row.split(",")
        for at in places:
            cells[at] = cells[at].translate(_TURNED)
        turned.append(",".join(cells))
    return "\r\n".join([heading, *turned, ""])


def _says_who(heading: str) -> bool:
    return heading in CALLED or heading.endswith(NUMBERED) or heading.startswith("given")


def spoilt(text: str) -> str:
    """Make the birth date of some people wrong, so that there is something to show."""
    heading, *rows = text.splitlines()
    at = heading.split(",").index("birth_date")
    for number in range(3, len(rows), 17):
        cells = rows[number].split(",")
        rows[number] = ",".join([*cells[:at], "2012-13-45", *cells[at + 1 :]])
    return "\r\n".join([heading, *rows, ""])


class Seen:
    """What was answered at every station: status, headers and masked bytes."""

    def __init__(self):
        self.stations = {}

    def take(self, name, answer):
        content = answer.content
        for one in _MASKED:
            content = one.sub(b"*", content)
        headers = {
            key: _MASKED[0].sub(b"*", value.encode()) for key, value in answer.headers.items()
        }
        self.stations[name] = answer.status_code, headers, content
        return answer


def walk(books, signed_in, text):
    """Send a file and look at every page of it up to the one that shows how far it is written."""
    seen = Seen()
    registrar = signed_in(books, "ana")
    sent = seen.take("sent", send(registrar, text.encode()))
    preview = seen.take("preview", registrar.get(sent["Location"]))
    download = registrar.get(preview.context["page"].faulty_rows_url)
    faulty = b"".join(download.streaming_content).decode("utf-8-sig")
    seen.take("submitted", registrar.post(sent["Location"], {"step": "submit"}))
    seen.take("again", registrar.get(sent["Location"]))
    [view] = proposals.waiting()
    staged = reverse("office:import_detail", args=[import_of(view.id)])
    proposal = reverse("office:proposal", args=[view.id])
    seen.take("waiting", registrar.get(staged))
    seen.take("proposal", registrar.get(proposal))
    approver = signed_in(books, "nour")
    seen.take("approval", approver.get(proposal))
    wrong = {"hash": view.hash.hex(), "password": "wrong", "code": "000000"}
    refused = approver.post(reverse("office:proposal_approve", args=[view.id]), wrong)
    seen.take("approval refused", refused)
    books.approved(view.id)
    registrar = signed_in(books, "ana")
    seen.take("writing", registrar.get(staged))
    seen.take("how far", registrar.get(staged, headers={"HX-Request": "true"}))
    seen.take("proposal writing", registrar.get(proposal))
    return seen.stations, faulty


def import_of(proposal):
    [(found,)] = fetch(
        "registry", "SELECT id FROM register_import WHERE proposal = %s", (proposal,)
    )
    return found


def test_the_pages_of_a_file_of_strangers_are_the_same(registered_books, signed_in):
    today = registered_books.tools.today()
    known = spoilt(making.register_text(today, skip=0, count=2 * making.HOUSEHOLDS))
    strangers = invented(known)
    assert known != strangers
    assert len(known) == len(strangers)
    walks, asked = [], []
    for text in (known, strangers):
        with CaptureQueriesContext(connections["registry"]) as queries:
            walks.append(walk(registered_books, signed_in, text))
        asked.append([re.sub(r"'[^']*'|\d+", "?", one["sql"]) for one in queries])
    (of_known, faulty), (of_strangers, faulty_strangers) = walks

    assert b"2012-13-45" in of_known["preview"][2]
    assert set(of_known) == set(of_strangers)
    for station, answer in of_known.items():
        assert of_strangers[station] == answer, station
    assert invented(faulty) == faulty_strangers
    assert asked[0] == asked[1]
    assert any("register_import" in sql for sql in asked[0])
    assert [sql for sql in asked[0] if _ABOUT_PEOPLE.search(sql)] == []
