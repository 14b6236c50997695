"""What the partners' door does not carry out, and the standard's own words for it."""

import json

from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import callbacks
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.observing import count
from tests.factories.partner import (
    Post,
    consent,
    people_with_documents,
    value_of,
)
from tests.usecases.test_erase_person import erase, wish_for


def test_lists_expressions_and_predicates_are_rejected_in_both_modes(books, client, standard):
    client.register()
    expression = client.search(
        "x", query_type="expression",
        query={"type": "ns:org:QueryType:expression", "value": {"expression": {"query": {}}}},
    )  # fmt: skip
    predicate = client.search(
        "x", query_type="predicate",
        query=[{"seq_num": 1, "expression1": {"attribute_name": "age", "operator": "gt",
                                              "attribute_value": "1"}}],
    )  # fmt: skip
    many = client.search("V-1")
    many["search_request"] *= 3
    for message, total, code in (
        (expression, 1, "rjct.filter.invalid"),
        (predicate, 1, "rjct.filter.invalid"),
        (many, 3, "rjct.search_criteria.invalid"),
    ):
        body = client.signed(client.header("search", total_count=total), message)
        assert standard.request_faults("/registry/sync/search", json.loads(body)) == []
        said = value_of(client.post("sync/search", body))
        assert standard.answer_faults("/registry/sync/search", 200, said) == []
        assert said["header"]["status"] == "rjct"
        assert said["message"]["search_response"][0]["status_reason_code"] == code
        assert "data" not in said["message"]["search_response"][0]
        ack = client.ask("search", message, total_count=total)
        correlation = value_of(ack)["message"]["correlation_id"]
        found = value_of(
            client.ask("sync/txn/status", client.status(correlation, by="correlation_id"))
        )
        [one, *_] = found["message"]["txnstatus_response"]["txn_status"]["search_response"]
        assert one["status_reason_code"] == code
    assert count(REGISTRY, "access_entry", "purpose = 40") == 0


def test_subscriptions_are_rejected_with_the_standards_codes(books, client, standard, monkeypatch):
    client.register(callback="https://spmis.example.org/")
    at = client.header("x")["message_ts"]
    subscribe = {
        "transaction_id": "t-9",
        "subscribe_request": [
            {
                "reference_id": "r-1",
                "timestamp": at,
                "subscribe_criteria": {
                    "reg_event_type": "REGISTER",
                    "filter": {"type": "NIN", "value": "V-1"},
                    "notify_record_type": "Member",
                },
            }
        ],
    }
    unsubscribe = {"transaction_id": "t-9", "timestamp": at, "subscription_codes": ["x"]}
    for path, message in (("subscribe", subscribe), ("unsubscribe", unsubscribe)):
        body = client.signed(client.header(path), message)
        assert standard.request_faults(f"/registry/{path}", json.loads(body)) == []
        said = value_of(client.post(path, body))
        assert standard.answer_faults(f"/registry/{path}", 200, said) == []
        assert said["message"]["ack_status"] == "NACK"
    monkeypatch.setenv("DESPENSA_PARTNER_CALLBACKS", "1")
    post = Post()
    assert value_of(client.ask("subscribe", subscribe))["message"]["ack_status"] == "ACK"
    client.ask("unsubscribe", unsubscribe)
    callbacks.send_due(books.tools, post)
    said = {
        value["header"]["action"]: value for _, body in post.sent for value in [json.loads(body)]
    }
    first, second = said["on-subscribe"], said["on-unsubscribe"]
    assert standard.request_faults("/registry/on-subscribe", first) == []
    assert standard.request_faults("/registry/on-unsubscribe", second) == []
    [one] = first["message"]["subscribe_response"]
    assert (one["status"], one["status_reason_code"]) == ("rjct", "rjct.notify_types.invalid")
    assert second["message"]["status_reason_code"] == "rjct.subscription_code.invalid"
    assert first["header"]["status_reason_code"] == "rjct.action.not_supported"


def test_what_only_a_registry_sends_is_not_taken_in(client, standard, books):
    for path in ("on-search", "on-subscribe", "on-unsubscribe", "notify", "txn/on-status"):
        answer = client.post(path, b"{}")

        assert answer.status_code == 404
        assert standard.answer_faults(f"/registry/{path}", 404, value_of(answer)) == []


def test_what_is_no_message_is_said_in_the_standards_form(books, client, standard):
    client.register()
    for path in ("search", "sync/search"):
        for body in (b"", b"[]", b'{"header": {}, "message": {}}', b"\xff" * 70_000):
            answer = client.post(path, body)
            assert answer.status_code == 400
            assert standard.answer_faults(f"/registry/{path}", 400, value_of(answer)) == []
        wrong = client.ask(path, client.search("V-1"), "search", receiver_id="elsewhere")
        assert wrong.status_code == 400
        assert "err.receiver_id.invalid" in wrong.content.decode()
        old = client.ask(path, client.search("V-1"), "search", message_ts="2026-11-01T00:00:00Z")
        assert old.status_code == 400
        assert standard.answer_faults(f"/registry/{path}", 400, value_of(old)) == []
        assert client.post(path, b"{}", "multipart/form-data").status_code == 400
    assert count(REGISTRY, "partner_message") == 0


def test_a_fault_of_ours_shows_nothing(books, client, standard, monkeypatch):
    def broken():
        raise RuntimeError("secret detail")

    monkeypatch.setattr(wiring, "tools", broken)

    answer = client.post("sync/search", b"{}")

    assert answer.status_code == 500
    assert b"secret" not in answer.content
    assert standard.answer_faults("/registry/sync/search", 500, value_of(answer)) == []


def test_an_erased_person_is_told_of_no_more(books, client):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    header, message = client.header("search"), client.search(number)
    assert client.records(client.post("sync/search", client.signed(header, message)))

    erase(books, wish_for(person, home, **follower(home, person)))

    assert client.records(client.post("sync/search", client.signed(header, message))) == []
    assert count(REGISTRY, "partner_consent", "ended_at IS NULL") == 0


def follower(home, person):
    """Return who follows somebody whom the household cannot do without."""
    rows = fetch(
        REGISTRY,
        """SELECT registrant_id FROM membership WHERE household_id = %s AND registrant_id <> %s
           AND until_date IS NULL AND role IN (1, 2) ORDER BY role LIMIT 1""",
        (home, person),
    )
    return {"head": rows[0][0]} if rows else {}


def test_the_traps_of_the_standards_file_are_there(standard):
    """What the file gets wrong is worked around on purpose; a mended file would be seen here."""
    document = standard.document
    assert "version" not in document["info"]
    status = document["components"]["schemas"]["TxnStatusResponse"]["properties"]
    choices = status["txnstatus_response"]["properties"]["txn_status"]["oneOf"]
    assert choices[0]["$ref"].endswith("/example")
    value = "components/schemas/SubscriptionInfo/properties/filter/anyOf/1/properties/value"
    assert standard.faults(5, *value.split("/"))
    assert not standard.faults("5", *value.split("/"))
    locale = document["components"]["schemas"]["SubscriptionInfo"]["properties"]["locale"]
    assert standard.faults(locale["example"], *"components/schemas/SubscriptionInfo".split("/"),
                           "properties", "locale")  # fmt: skip
