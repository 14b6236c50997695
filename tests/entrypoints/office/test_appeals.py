"""Appeals in the office: from the household's page to the answer, the papers and what follows."""

from datetime import timedelta

import pytest
from django.urls import reverse

from despensa.domain.appeal import Answer, Ground
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries as duplicates
from despensa.records.grievances import queries
from tests.factories.observing import count
from tests.usecases.test_appeals import WORDS, bring, opened, staffed, wanted
from tests.usecases.test_change_household import a_home


def at(name, *args):
    return reverse(f"office:{name}", args=args)


@pytest.fixture
def books(opened_books):
    return staffed(opened_books)


def test_an_appeal_goes_from_the_household_to_its_answer_and_papers(books, signed_in):
    home = a_home()[0]
    ana, rosa = signed_in(books, "ana"), signed_in(books, "rosa")
    [panel] = ana.get(at("household", home)).context["page"].decisions
    assert panel.appeal_url == at("appeal_new", home, books.cycle)
    form = ana.get(panel.appeal_url).context["page"]
    typed = dict(form.hidden) | {"text": WORDS}

    missing = ana.post(panel.appeal_url, typed)
    taken = ana.post(panel.appeal_url, typed | {"ground": "2"})
    again = ana.post(panel.appeal_url, typed | {"ground": "2"})
    second = ana.post(panel.appeal_url, dict(form.hidden) | {"ground": "1"})

    assert (missing.status_code, taken.status_code, second.status_code) == (422, 302, 422)
    assert WORDS in missing.context["page"].text
    assert again["Location"] == taken["Location"]
    assert count(REGISTRY, "grievance") == 1
    [panel] = ana.get(at("household", home)).context["page"].decisions
    assert (panel.appeal_url, panel.open_appeal_url) == ("", taken["Location"])

    own = ana.get(taken["Location"]).context["page"]
    page = rosa.get(taken["Location"]).context["page"]
    assert (own.may_answer, page.may_answer, page.text) == (False, True, WORDS)
    answer = at("appeal_answer", page.appeal_id)
    assert ana.post(answer, {"answer": "2", "reason": "97"}).status_code == 403
    bare = rosa.post(answer, {"answer": "2"})
    assert [error.field_id for error in bare.context["page"].errors] == ["id_reason"]
    assert rosa.post(answer, {}).status_code == 422
    assert rosa.post(answer, {"answer": "2", "reason": "97"}).status_code == 302
    done = rosa.get(taken["Location"]).context["page"]
    assert (done.may_answer, bool(done.answer_papers)) == (False, True)
    papers = [rosa.get(choice.value) for choice in (*done.brought_papers, *done.answer_papers)]
    assert {paper["Content-Type"] for paper in papers} == {"application/pdf"}
    assert {paper["Content-Language"] for paper in papers} == {"es", "en", "ar"}
    assert not any(b"cinco" in paper.content for paper in papers)


def test_the_list_names_nobody_and_writes_no_look_and_opening_one_does(books, signed_in):
    one = wanted(books)
    bring(books, one)
    client = signed_in(books, "rosa")
    before = count(REGISTRY, "access_entry")

    listed = client.get(at("appeals")).content.decode()

    assert str(one.id) in listed
    assert "cinco" not in listed
    assert count(REGISTRY, "access_entry") == before
    assert str(one.household) not in listed
    client.get(at("appeal", one.id))
    assert count(REGISTRY, "access_entry") > before
    looks = client.get(at("household", one.household)).context["page"].looks
    assert any("words of an appeal" in look.fields for look in looks)
    assert client.get(at("appeal", one.household)).status_code == 404
    [line, *_] = (
        signed_in(books, "ana").get(at("household_timeline", one.household)).context["page"].lines
    )
    assert line.url == at("appeal", one.id)


def test_an_upheld_appeal_shows_what_follows_and_where_nothing_does(books, signed_in):
    one = wanted(books, ground=Ground.RULE_MISAPPLIED)
    bring(books, one)
    client = signed_in(books, "rosa")

    client.post(at("appeal_answer", one.id), {"answer": str(int(Answer.UPHELD))})

    page = client.get(at("appeal", one.id)).context["page"]
    view = queries.appeal(one.id)
    assert page.child_url == at("cycle", view.child)
    assert (page.gives_nothing, page.may_prepare) == (view.proposal is None, False)
    assert client.post(at("appeal_prepare", one.id)).status_code == 302
    assert queries.appeal(one.id).proposal == view.proposal
    assert opened(books, one).text == WORDS


def test_who_may_be_registered_twice_is_told_until_when_money_waits(books, signed_in, monkeypatch):
    one = wanted(books)
    bring(books, one)
    until = books.tools.today() + timedelta(days=9)
    client = signed_in(books, "rosa")
    asked = []
    monkeypatch.setattr(
        duplicates, "money_waits", lambda homes, on: asked.append((homes, on)) or {homes[0]: until}
    )

    page = client.get(at("appeal", one.id)).context["page"]

    assert page.money_waits_until == until
    assert asked == [([one.household], books.tools.today())]
