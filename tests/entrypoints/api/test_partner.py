"""
The partners' door with a client that signs real requests, in both modes, against the real schema.
"""

import json
from datetime import timedelta

from despensa.domain.partner import envelope as envelopes
from despensa.entrypoints.jobs import callbacks
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.usecases.end_consent import end_consent
from despensa.usecases.revoke_partner import revoke_partner
from tests.factories.observing import count
from tests.factories.partner import (
    PartnerClient,
    Post,
    consent,
    parts,
    people_with_documents,
    value_of,
)


def test_one_person_with_a_consent_is_told_and_nothing_more(books, client, standard):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    message = client.search(number)
    header = client.header("search")
    body = client.signed(header, message)
    assert standard.request_faults("/registry/sync/search", json.loads(body)) == []

    answer = client.post("sync/search", body)

    value = value_of(answer)
    assert answer.status_code == 200
    assert standard.answer_faults("/registry/sync/search", 200, value) == []
    [record] = client.records(answer)
    assert record.keys() == {
        "@context", "@type", "member_identifier", "demographic_info", "additional_attributes"
    }  # fmt: skip
    assert record["demographic_info"].keys() == {"@type", "name", "sex"}
    assert [one.keys() for one in record["additional_attributes"]] == [{"area"}]
    assert record["member_identifier"][0]["identifier_value"] == number
    [(entry, staff, purpose)] = fetch(
        REGISTRY,
        "SELECT entry, staff, purpose FROM access_entry WHERE person = %s AND staff = %s",
        (person, partner),
    )
    assert (staff, purpose) == (partner, 40)
    assert count(REGISTRY, "journal", "entry = %s", entry) == 1


def household_card(home):
    [(number,), *_] = fetch(
        REGISTRY,
        "SELECT number::text FROM card WHERE household_id = %s AND state IN (2, 3)",
        (home,),
    )
    return number


def test_a_household_is_told_without_its_people(books, client, standard):
    partner = client.register()
    (home, person, _), *_ = people_with_documents(books)
    consent(books, partner, home, None, given_by=person, fields=("group_size", "displaced"))
    message = client.search(household_card(home), kind="HOUSEHOLD_ID", response_entity="Group")

    answer = client.ask("sync/search", message, "search")

    assert standard.answer_faults("/registry/sync/search", 200, value_of(answer)) == []
    [record] = client.records(answer)
    members = count(
        REGISTRY, "membership", "household_id = %s AND until_date IS NULL AND role < 3", home
    )
    assert record["group_size"] == members
    assert "demographic_info" not in record
    assert "member" not in record
    assert count(REGISTRY, "access_entry", "staff = %s", partner) == members


def without_chance(books, body, *names):
    """Return an answer without what differs between any two answers."""
    value = json.loads(body)
    value.pop("signature")
    text = json.dumps(value)
    for name in (*names, value["header"]["message_id"]):
        text = text.replace(name, "*")
    return text


def test_unknown_and_without_consent_are_one_answer_and_one_path(books, client, monkeypatch):
    partner = client.register()
    (home, person, number), (_, _, other), *_ = people_with_documents(books)
    consent(books, partner, home, person, purpose=books_purpose("DELIVER_ASSISTANCE"))
    steps = []
    real = books.keeper.vault.unseal
    monkeypatch.setattr(
        type(books.keeper.vault),
        "unseal",
        lambda self, access, people: (
            steps.append((len(access.persons), len(people))) or real.__func__(self, access, people)
        ),
    )

    def asked(value, **more):
        before = digest_counts(books)
        answer = client.ask("sync/search", client.search(value, **more), "search")
        after = digest_counts(books)
        return (
            answer.status_code,
            len(answer.content),
            without_chance(books, answer.content),
            {name: after[name] - before[name] for name in after},
        )

    ended = consent(books, partner, home, person)
    end_consent(
        ended,
        household=home,
        acting=books.acting("ana"),
        vault=books.keeper.vault,
        signatory=books.keeper.signatory,
    )
    steps.clear()
    said = [asked("V-99999999"), asked(number), asked(other), asked("1", kind="PASSPORT")]

    assert len(set(map(str, said))) == 1
    assert '"reg_records": []' in said[0][2]
    assert steps == [(0, 0)] * 4
    assert said[0][3] == {"partner_message": 1, "journal": 1, "access_entry": 0}


def books_purpose(name):
    from despensa.domain.partner.consent import SharedFor

    return SharedFor[name]


def digest_counts(books):
    return {name: count(REGISTRY, name) for name in ("partner_message", "journal", "access_entry")}


def test_the_same_message_is_answered_the_same_and_counted_once(books, client):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    given = consent(books, partner, home, person)
    header, message = client.header("search"), client.search(number)

    first = client.post("sync/search", client.signed(header, message))
    books.clock.forward(hours=2)
    again = client.post("sync/search", client.signed(header, message))

    assert parts(first.content) == parts(again.content)
    assert client.records(again)
    assert fetch(REGISTRY, "SELECT kind, used FROM partner_meter WHERE kind = 2") == [(2, 1)]
    other = client.post("sync/search", client.signed(header, client.search("V-1")))
    assert other.status_code == 400
    assert value_of(other)["header"]["status_reason_code"] == "rjct.message_id.duplicate"
    end_consent(
        given,
        household=home,
        acting=books.acting("ana"),
        vault=books.keeper.vault,
        signatory=books.keeper.signatory,
    )
    late = client.post("sync/search", client.signed(header, message))
    assert client.records(late) == []


def test_nothing_of_a_request_or_its_answer_lies_open(books, client):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    name = client.records(client.ask("sync/search", client.search(number), "search"))[0][
        "demographic_info"
    ]["name"]["given_name"]

    rows = str(fetch(REGISTRY, "SELECT partner_message::text FROM partner_message"))

    [(answer,)] = fetch(REGISTRY, "SELECT answer FROM partner_message")
    for secret in (number, name):
        assert secret not in rows
        assert secret.encode().hex() not in rows
        assert secret.encode() not in bytes(answer)


def test_the_limit_is_the_databases_and_shared(books, client):
    client.register(a_day=2, an_hour=2)
    said = [client.ask("sync/search", client.search("V-1"), "search") for _ in range(3)]

    assert [one.status_code for one in said] == [200, 200, 429]
    assert value_of(said[2])["header"]["status_reason_code"] == "rjct.errors.too_many"
    ack = client.ask("search", client.search("V-1"))
    assert (ack.status_code, value_of(ack)["message"]["error"]["code"]) == (
        429,
        "err.request.too_many_requests",
    )
    books.clock.forward(hours=1)
    assert client.ask("sync/search", client.search("V-1"), "search").status_code == 429
    books.clock.forward(days=1)
    assert client.ask("sync/search", client.search("V-1"), "search").status_code == 200
    assert count(REGISTRY, "partner_message") == 3


def test_who_did_not_sign_is_not_heard(books, client, standard):
    client.register()
    header, message = client.header("search"), client.search("V-1")
    stranger = PartnerClient(books, sender="stranger.example.org")
    thief = PartnerClient(books)
    bodies = {
        "no signature": client.signed(header, message, signature=None).replace(
            b'"signature": null,', b""
        ),
        "another key": thief.signed(header, message),
        "a stranger": stranger.signed(stranger.header("search"), message),
        "another sender in kidId": client.signed(header, message, kid_sender="x.example.org"),
        "too late": client.signed(header, message, created=books.clock.at - 900,
                                  expires=books.clock.at - 600),
        "altered": client.signed(header, message).replace(b"V-1", b"V-2"),
    }  # fmt: skip
    for name, body in bodies.items():
        for path in ("search", "sync/search", "subscribe", "txn/status", "sync/txn/status"):
            answer = client.post(path, body)
            assert answer.status_code == 401, (name, path)
            assert standard.answer_faults(f"/registry/{path}", 401, value_of(answer)) == []
            assert value_of(answer)["errors"][0]["code"].startswith(("err.signature", "err.sender"))
    assert count(REGISTRY, "partner_message") == 0


def test_a_revoked_partner_and_one_whose_time_is_over_are_told_nothing(books, client):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    header = client.header("search")
    assert (
        client.post("sync/search", client.signed(header, client.search(number))).status_code == 200
    )

    assert revoke_partner(partner, acting=books.acting("jorge"))

    for answer in (
        client.post("sync/search", client.signed(header, client.search(number))),
        client.ask("search", client.search(number)),
        client.ask("sync/txn/status", client.status("t-1")),
    ):
        assert answer.status_code == 403
        assert "records" not in answer.content.decode()
    assert not revoke_partner(partner, acting=books.acting("jorge"))
    books.clock.forward(days=300)
    late = PartnerClient(books, sender="late.example.org")
    late.register(until=books.tools.today() + timedelta(days=1))
    books.clock.forward(days=1)
    assert late.ask("sync/search", late.search("V-1"), "search").status_code == 403


def test_asynchronously_the_answer_is_asked_for(books, client, standard):
    partner = client.register()
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)

    ack = client.ask("search", client.search(number))

    value = value_of(ack)
    assert standard.answer_faults("/registry/search", 200, value) == []
    assert value["message"]["ack_status"] == "ACK"
    correlation = value["message"]["correlation_id"]
    for by, asked in (
        ("transaction_id", "t-1"),
        ("reference_id_list", ["r-1"]),
        ("correlation_id", correlation),
    ):
        message = client.status(asked, by=by)
        body = client.signed(client.header("txn-status"), message)
        assert standard.request_faults("/registry/sync/txn/status", json.loads(body)) == []
        answer = client.post("sync/txn/status", body)
        said = value_of(answer)
        assert standard.answer_faults("/registry/sync/txn/status", 200, said) == []
        status = said["message"]["txnstatus_response"]["txn_status"]
        assert status["correlation_id"] == correlation
        [one] = status["search_response"]
        assert one["data"]["reg_records"][0]["member_identifier"][0]["identifier_value"] == number
    stranger = PartnerClient(books, sender="other.example.org")
    stranger.register()
    none = value_of(stranger.ask("sync/txn/status", stranger.status("t-1")))
    assert standard.answer_faults("/registry/sync/txn/status", 200, none) == []
    assert none["message"]["txnstatus_response"]["txn_status"]["search_response"] == []
    assert client.ask("txn/status", client.status("t-1")).status_code == 400


def test_answers_go_out_when_it_is_switched_on_and_are_tried_again(
    books, client, standard, monkeypatch
):
    partner = client.register(callback="https://spmis.example.org/dci/on-search")
    (home, person, number), *_ = people_with_documents(books)
    consent(books, partner, home, person)
    client.ask("search", client.search("V-1"))
    post = Post(failures=1)
    assert callbacks.send_due(books.tools, post) == 0
    assert post.sent == []
    monkeypatch.setenv("DESPENSA_PARTNER_CALLBACKS", "1")

    client.ask("search", client.search(number))
    client.ask("txn/status", client.status("t-1"))
    assert callbacks.send_due(books.tools, post) == 1
    assert callbacks.send_due(books.tools, post) == 0
    books.clock.forward(minutes=1)
    assert callbacks.send_due(books.tools, post) == 1
    books.clock.forward(days=1)
    assert callbacks.send_due(books.tools, post) == 0

    assert {address for address, _ in post.sent} == {"https://spmis.example.org/dci/on-search"}
    first, other, again = (json.loads(body) for _, body in post.sent)
    assert first["header"] == again["header"]
    paths = {"on-search": "/registry/on-search", "txn-on-status": "/registry/txn/on-status"}
    assert {first["header"]["action"], other["header"]["action"]} == set(paths)
    for answer in (first, other):
        assert standard.request_faults(paths[answer["header"]["action"]], answer) == []
    read = envelopes.read(post.sent[0][1])
    key = books.keeper.signatory.public_keys().answers
    signature = envelopes.read_signature(read.signature)
    envelopes.verify(read, signature, public_key=key, now=signature.created)


def test_an_answer_that_never_arrives_waits_to_be_asked_for(books, client, monkeypatch):
    monkeypatch.setenv("DESPENSA_PARTNER_CALLBACKS", "1")
    client.register(callback="https://spmis.example.org/")
    client.ask("search", client.search("V-1"))
    post = Post(failures=99)

    for _ in range(9):
        callbacks.send_due(books.tools, post)
        books.clock.forward(hours=13)

    assert len(post.sent) == 6
    found = value_of(client.ask("sync/txn/status", client.status("t-1")))
    assert found["message"]["txnstatus_response"]["txn_status"]["search_response"]
    books.clock.forward(days=31)
    callbacks.forget_old(books.tools)
    assert count(REGISTRY, "partner_message") == 0
    assert count(REGISTRY, "partner_meter") == 0
