"""Cases: a dishonest phone is played, its cases are seen, and two people close them."""

import shutil
from uuid import uuid4

import pytest
from django.urls import reverse

from despensa.adapters.field_device import FieldDevice
from despensa.domain.event import Means
from despensa.domain.reach import Reach, Stretch
from despensa.domain.redemption.merge import CaseCause
from despensa.domain.redemption.verdict import Verdict
from despensa.entrypoints.jobs import merging
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.office import case_words
from despensa.entrypoints.office.phone_words import mark
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.usecases.accept_events import accept_events
from despensa.usecases.judge_case import NoSuchCase, judge_case
from tests.factories.observing import count, digests


def scan(books, texts, folder="P01"):
    operator = books.staff["lucia"].bytes
    with FieldDevice.open(books.phone_folder(folder)) as phone:
        if not phone.is_session_open:
            phone.open_session(books.clock.at, operator)
        for text in texts:
            phone.scan(
                text, Means.FILE, books.clock.at, operator,
                today=books.tools.today().toordinal() - DAY_ZERO,
            )  # fmt: skip
        batch = phone.pending_batch()
    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)


@pytest.fixture
def dishonest(leased_books, monkeypatch):
    """A phone that forgets what it gave, and then a second journal of the same phone."""
    books = leased_books
    texts = [books.card_texts[numbers[0]] for _, numbers, _ in books.entitled()]
    monkeypatch.setattr(FieldDevice, "_collected", lambda _: frozenset())
    scan(books, [texts[0], texts[0]])
    shutil.copytree(books.phone_folder("P01"), books.phone_folder("TWIN"))
    scan(books, texts[1:2])
    scan(books, texts[2:3], "TWIN")
    assert merging.merge_all(books.tools).excess == 1
    return books


def test_a_dishonest_phones_cases_are_seen_and_closed_by_two_people(dishonest, signed_in):
    books = dishonest
    untouched = {
        table: digest
        for table, digest in digests(books.endpoints).items()
        if table.split(".")[1] in {"card", "household", "tag", "account", "lease_row", "decision"}
    }
    jorge, nour = signed_in(books, "jorge"), signed_in(books, "nour")
    rows = {str(row.cause): row for row in jorge.get(reverse("office:cases")).context["page"].rows}
    excess = rows["More handed over than the list held"]
    forked = rows["The phone's journal has two versions"]
    assert len(rows) == 2
    assert {row.phone_mark for row in rows.values()} == {mark(books.device)}
    assert (excess.point_name, excess.on) == ("Punto P01", books.session.day)
    assert (excess.goods[:2], forked.set_aside) == ("1 ", 1)

    said = {"verdict": str(int(Verdict.NOT_HONEST_AT_THE_POINT))}
    assert jorge.post(excess.judge_url, {"verdict": "99"}).status_code == 422
    assert jorge.post(excess.judge_url, said).status_code == 302
    again = jorge.post(excess.judge_url, said)
    assert [error.field_id for error in again.context["page"].errors] == [f"id_{excess.id}"]
    assert count(LEDGER, "case_end") == 0
    assert nour.post(excess.judge_url, said).status_code == 302
    closed = next(
        row for row in nour.get(reverse("office:cases")).context["page"].rows if row.id == excess.id
    )
    assert (str(closed.verdict), closed.judge_url) == ("Not honest at the point", "")
    assert nour.post(excess.judge_url, said).status_code == 404
    [(first, second)] = fetch(LEDGER, "SELECT first, second FROM case_end")
    assert (first, second) == (books.staff["jorge"], books.staff["nour"])
    after = digests(books.endpoints)
    assert {table: after[table] for table in untouched} == untouched


def test_who_disagrees_waits_for_a_third_and_out_of_reach_there_is_no_case(dishonest, signed_in):
    books = dishonest
    everywhere = Reach((Stretch(None, None),))
    [(case,)] = fetch(LEDGER, "SELECT id FROM delivery_case")

    def judge(name, verdict, reach=everywhere):
        return judge_case(case, verdict, reach=reach, acting=books.acting(name))

    assert not judge("jorge", Verdict.TAKEN_TWICE)
    assert not judge("nour", Verdict.MISTAKE_AT_THE_POINT)
    elsewhere = Reach((Stretch(None, frozenset({uuid4()})),))
    with pytest.raises(NoSuchCase):
        judge("omar", Verdict.TAKEN_TWICE, elsewhere)
    assert judge("omar", Verdict.TAKEN_TWICE)
    looks = signed_in(books, "samir")
    assert all(
        row.judge_url == "" for row in looks.get(reverse("office:cases")).context["page"].rows
    )
    where = reverse("office:case_judge", args=[case])
    assert looks.post(where, {"verdict": "1"}).status_code == 403


def test_every_cause_of_a_case_has_its_words():
    assert set(case_words.CAUSES) == {cause.name for cause in CaseCause}
