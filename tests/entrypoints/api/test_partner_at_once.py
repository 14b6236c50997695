"""Requests of a partner that come twice at once, or whose answering is killed in the middle."""

import json

import pytest

from despensa.entrypoints.jobs import answering
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.partners import store
from despensa.usecases import keep_partner_answer as keeping
from despensa.usecases import look_up_for_partner as looking
from tests.factories.observing import Killed, at_once, count, dies
from tests.factories.partner import consent, people_with_documents, value_of


def unsigned(answer):
    """Return what was answered without its signature, if it has one: that has its own time."""
    value = json.loads(answer.content)
    value.pop("signature", None)
    return value


def searched(client, books, partner):
    """Return a signed search for somebody who agreed to it."""
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    return client.signed(client.header("search"), client.search(number))


def used():
    return fetch(REGISTRY, "SELECT kind, used FROM partner_meter ORDER BY kind")


def test_the_same_message_twice_at_once_is_one_and_answered_the_same(books, client):
    body = searched(client, books, client.register())

    first, second = at_once(*[lambda: client.post("sync/search", body)] * 2)

    assert (first.status_code, second.status_code) == (200, 200)
    assert unsigned(first) == unsigned(second)
    assert client.records(first)
    assert count(REGISTRY, "partner_message") == 1
    assert used() == [(1, 1), (2, 1), (3, 1)]


def test_the_last_question_of_an_hour_is_asked_by_one_of_two(books, client):
    client.register(an_hour=1)
    bodies = [client.signed(client.header("search"), client.search("V-1")) for _ in range(2)]

    ended = at_once(*[lambda body=body: client.post("sync/search", body) for body in bodies])

    assert sorted(answer.status_code for answer in ended) == [200, 429]
    assert used() == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (store, "take"),
        (store, "count_message"),
        (looking, "look_up_for_partner"),
        (store, "keep_answer"),
        (keeping, "keep_partner_answer"),
    ],
)
@pytest.mark.parametrize("mode", ["sync/search", "search"])
def test_killed_anywhere_the_same_message_is_answered_and_counted_once(
    books, client, monkeypatch, owner, name, mode
):
    body = searched(client, books, client.register())
    with monkeypatch.context() as patched:
        for place in {owner, *_bound(name)}:
            dies(patched, place, name, after=True)
        with pytest.raises(Killed):
            client.post(mode, body)

    answer = client.post(mode, body)

    assert answer.status_code == 200
    assert count(REGISTRY, "partner_message") == 1
    assert used() == [(1, 1), (2, 1), (3, 1)]
    if mode == "search":
        told = client.ask("sync/txn/status", client.status("t-1"))
        [one] = value_of(told)["message"]["txnstatus_response"]["txn_status"]["search_response"]
        assert len(one["data"]["reg_records"]) == 1
    else:
        assert len(client.records(answer)) == 1
    assert unsigned(client.post(mode, body)) == unsigned(answer)


def _bound(name):
    """Return the modules that call a use case by its own name."""
    return [answering] if hasattr(answering, name) else []
