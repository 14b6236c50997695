"""The wallets' door and the lists: once, in time, for one phone; what is wrong gives nothing away."""

import base64
import hashlib
import json

import pytest
from django.test import Client
from joserfc.jwk import ECKey

from despensa.domain.card import status_list
from despensa.domain.encoding import p256
from despensa.domain.proposal import Reason
from despensa.domain.wallet import credential, publication
from despensa.domain.wallet import offer as rules
from despensa.domain.wallet.offer import State
from despensa.entrypoints.jobs import actions, wallet
from despensa.records import journal_store
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.wallet import queries
from despensa.usecases.end_identity import NoSuchCard
from despensa.usecases.offer_identity import OfferRefused
from tests.factories.administrator import with_administrator
from tests.factories.observing import Killed, at_once, count, dies
from tests.factories.wallet import ADDRESS, Phone, offered, somebody
from tests.usecases.test_erase_person import erase, wish_for

LIST = f"{ADDRESS}/status/1"


@pytest.fixture
def books(registered_books, doors, monkeypatch):
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, ADDRESS)
    doors(registered_books)
    return registered_books


@pytest.fixture
def phone(books):
    return Phone(books)


def parts(text):
    """Return the payload and the disclosed values of a credential."""
    signed, *disclosed, _ = text.split("~")
    payload = json.loads(unpadded(signed.split(".")[1]))
    digests = {
        base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest()).rstrip(b"=").decode()
        for one in disclosed
    }
    assert digests <= set(payload["_sd"])
    return payload, dict(json.loads(unpadded(one))[1:] for one in disclosed)


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def state_of(offer):
    return queries.offer(offer.id).state


def fetched(form):
    return Client().get("/status/1", headers={"Accept": f"application/statuslist+{form}"})


def listed(books, form):
    """Return the list as an independent reader has it."""
    if form == "cwt":
        keys = books.keeper.signatory.public_keys().issuer_ring()
        read, body = status_list.read_cwt, fetched(form).content
    else:
        wallets = books.keeper.signatory.public_keys().wallets
        keys = {p256.thumbprint(p256.public_jwk(public)): public for public in wallets}
        read, body = status_list.read_jwt, fetched(form).content.decode()
    return read(body, keys=keys, address=LIST, now=books.clock.at)


def test_a_card_says_what_the_register_says_and_nothing_more(books, phone):
    home, person = somebody()
    payload, said = parts(phone.obtained(offered(books, home, person).codes))

    assert set(said) <= set(credential.CLAIMS)
    assert {"card_number", "name", "birthdate", "issuing_country"} <= set(said)
    assert set(payload) == {"iss", "vct", "iat", "exp", "cnf", "status", "_sd_alg", "_sd"}
    assert len(payload["_sd"]) == len(credential.CLAIMS)
    assert payload["cnf"]["jwk"] == p256.public_jwk(_point(phone.key))
    assert payload["status"]["status_list"]["uri"] == LIST
    [(purpose, staff)] = fetch(
        REGISTRY, "SELECT purpose, staff FROM access_entry WHERE person = %s", (person,)
    )
    assert (purpose, staff) == (7, books.staff["ana"])


def _point(key):
    x, y = (unpadded(key.as_dict(private=False)[name]) for name in "xy")
    return b"\x04" + x + y


@pytest.mark.parametrize("form", ["cwt", "jwt"])
def test_replaced_and_ended_cards_are_refused_by_who_reads_the_list(books, phone, form):
    home, person = somebody()
    first, second = (
        parts(Phone(books).obtained(offered(books, home, person).codes))[0] for _ in range(2)
    )
    places = [one["status"]["status_list"]["idx"] for one in (first, second)]
    wallet.carry_out(books.tools)

    assert [listed(books, form).status(place) for place in places] == [1, 0]

    [(card,)] = fetch(REGISTRY, "SELECT id FROM identity_card WHERE ended_at IS NULL")
    assert wallet.end(card, home, books.tools, acting=books.acting("ana"))
    assert not wallet.end(card, home, books.tools, acting=books.acting("ana"))
    assert [listed(books, form).status(place) for place in places] == [1, 1]


def test_the_list_is_kept_by_caches_and_changes_its_etag(books, phone):
    home, person = somebody()
    made = offered(books, home, person)
    first = fetched("jwt")

    again = Client().get("/status/1", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert first["Content-Type"] == "application/statuslist+jwt"
    assert fetched("cwt")["ETag"] != first["ETag"]
    assert "max-age" in first["Cache-Control"]
    assert first["Access-Control-Allow-Origin"] == "*"
    assert not first.cookies
    phone.obtained(made.codes)
    assert wallet.publish_lists(books.tools) == 0, "a new card changes nothing in the list"
    books.clock.at += publication.RENEW_SECONDS
    assert wallet.publish_lists(books.tools) == 1
    assert fetched("jwt")["ETag"] != first["ETag"]
    assert Client().get("/status/2").status_code == 404


def rotate(books, name, *, stolen):
    proposal = books.proposal("irene", "rotate_key", Reason.KEY_ROTATION, parameters=(name, stolen))
    actions.carry_out(books.approved(proposal), books.tools)


def key_ids():
    keys = Client().get("/.well-known/jwt-vc-issuer").json()["jwks"]["keys"]
    return [key["kid"] for key in keys]


def kid_of(text):
    return json.loads(unpadded(text.split(".")[0]))["kid"]


@pytest.mark.parametrize("name", ["wallet", "issuer"])
@pytest.mark.parametrize("stolen", [0, 1])
def test_of_an_exchanged_key_the_lists_are_signed_anew_at_once(books, phone, name, stolen):
    with_administrator(books)
    home, person = somebody()
    card = phone.obtained(offered(books, home, person).codes)
    first = key_ids()
    books.clock.at += 1

    rotate(books, name, stolen=stolen)

    now = key_ids()
    assert kid_of(fetched("jwt").content.decode()) == now[0]
    assert [listed(books, form).status(0) for form in ("cwt", "jwt")] == [0, 0]
    exchanged = name == "wallet"
    assert (kid_of(card) in now) == (not (exchanged and stolen))
    assert len(now) == (2 if exchanged and not stolen else 1)
    assert (now == first) == (not exchanged)


def test_decoys_end_by_themselves_and_never_end_a_card(books, phone):
    home, person = somebody()
    payload, _ = parts(phone.obtained(offered(books, home, person).codes))
    place = payload["status"]["status_list"]["idx"]
    decoys = dict(fetch(REGISTRY, "SELECT place, ends_at FROM status_decoy"))
    assert place not in decoys
    assert len(decoys) > publication.DECOYS * 0.9
    execute(REGISTRY, "INSERT INTO status_decoy VALUES (%s, %s, 1)", (1, place))

    books.clock.at += publication.DECOY_SECONDS // 2
    wallet.carry_out(books.tools)

    ended = listed(books, "cwt")
    assert ended.status(place) == 0
    wrong = sum(ended.status(one) != (at <= books.clock.at) for one, at in decoys.items())
    assert wrong == 0


def test_a_code_is_used_once_and_in_time(books, phone):
    home, person = somebody()
    late, used = (offered(books, home, person), None)
    books.clock.at += rules.LIFE_SECONDS
    assert phone.token(late.codes).json() == {"error": "invalid_grant"}
    assert state_of(late) == State.ENDED

    used = offered(books, home, person)
    assert phone.token(used.codes).status_code == 200
    again = phone.token(used.codes)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    assert again["Cache-Control"] == "no-store"


def test_two_at_once_get_one_token(books, phone):
    home, person = somebody()
    made = offered(books, home, person)

    ended = at_once(*[lambda: phone.token(made.codes).status_code] * 2)

    assert sorted(ended) == [200, 400]


def test_wrong_digits_five_times_end_an_offer(books, phone):
    home, person = somebody()
    made = offered(books, home, person)
    wrong = f"{(int(made.codes.typed) + 1) % 10**6:06}"
    for _ in range(rules.TRIES_MAX):
        assert phone.token(made.codes, typed=wrong).json() == {"error": "invalid_grant"}

    assert phone.token(made.codes).json() == {"error": "invalid_grant"}
    assert state_of(made) == State.ENDED


def test_a_newer_offer_ends_the_one_before(books, phone):
    home, person = somebody()
    first, second = (offered(books, home, person) for _ in range(2))

    assert phone.token(first.codes).json() == {"error": "invalid_grant"}
    assert phone.token(second.codes).status_code == 200


def test_nothing_secret_lies_in_the_books(books, phone):
    home, person = somebody()
    made = offered(books, home, person)
    [row] = fetch(REGISTRY, "SELECT wallet_offer::text FROM wallet_offer")
    assert made.codes.code not in row[0]
    assert made.codes.code.encode().hex() not in row[0]
    phone.obtained(made.codes)
    books.clock.at += rules.TOKEN_SECONDS
    wallet.carry_out(books.tools)

    kept = fetch(REGISTRY, "SELECT code_hash, typed_hash, token_hash, phone FROM wallet_offer")
    assert kept == [(None, None, None, None)]


def test_an_answer_that_was_lost_comes_again_for_the_same_phone_only(books, phone):
    home, person = somebody()
    token = phone.token(offered(books, home, person).codes).json()["access_token"]
    cards = [parts(phone.ask(token).json()["credentials"][0]["credential"])[1] for _ in range(2)]

    assert cards[0] == cards[1]
    assert count(REGISTRY, "identity_card") == 1
    other = Phone(books).ask(token)
    assert (other.status_code, other.json()) == (400, {"error": "credential_request_denied"})
    assert phone.ask(token).status_code == 200
    # the keeper has signed it three times
    assert phone.ask(token).json() == {"error": "credential_request_denied"}
    books.clock.at += rules.TOKEN_SECONDS
    assert phone.ask(token).status_code == 401


def test_killed_before_it_was_recorded_nothing_is_signed_and_the_phone_asks_again(
    books, phone, monkeypatch
):
    home, person = somebody()
    token = phone.token(offered(books, home, person).codes).json()["access_token"]
    with monkeypatch.context() as patched:
        dies(patched, journal_store, "append", after=True)
        with pytest.raises(Killed):
            phone.ask(token)
    assert count(REGISTRY, "identity_card") == 0

    assert phone.ask(token).status_code == 200


ATTACKS = {
    "another issuer": {"aud": "https://elsewhere.example"},
    "an old proof": {"iat": 1},
    "no time": {"iat": None},
    "no nonce": {"nonce": None},
    "another kind of token": {"header": {"typ": "JWT"}},
    "a key id beside the key": {"header": {"kid": "did:key:1"}},
    "a private key": {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": ""}}},
    "another curve": {"header": {"jwk": ECKey.generate_key("P-384").as_dict(private=False)}},
    "somebody else's key": {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=False)}},
}


def test_proofs_that_prove_nothing_are_refused(books, phone):
    home, person = somebody()
    token = phone.token(offered(books, home, person).codes).json()["access_token"]
    honest = phone.proof()
    head, body, mark = honest.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"openid4vci-proof+jwt"}').decode()
    texts = {
        "altered": f"{head}.{body[:-2]}AA.{mark}", "no signature": f"{head}.{body}.",
        "none": f"{unsigned.rstrip('=')}.{body}.", "no token": "x", "long": "a" * 10_000,
    }  # fmt: skip
    texts |= {name: phone.proof(**wrong) for name, wrong in ATTACKS.items()}
    for name, text in texts.items():
        answer = phone.ask(token, proofs=[text])
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_proof"}), name

    fresh = phone.nonce()
    for nonce in ("made up", ("B" if fresh[0] == "A" else "A") + fresh[1:]):
        answer = phone.ask(token, proofs=[phone.proof(nonce=nonce)])
        assert answer.json() == {"error": "invalid_nonce"}
    assert phone.ask(token, proofs=[honest, honest]).json() == {"error": "invalid_proof"}
    assert phone.ask("a" * 43, proofs=[honest]).status_code == 401
    other = phone.ask(token, credential_configuration_id="passport")
    assert other.json() == {"error": "unknown_credential_configuration"}
    assert count(REGISTRY, "identity_card") == 0
    assert phone.ask(token).status_code == 200


def test_an_address_that_asks_too_often_waits(books, phone, monkeypatch):
    monkeypatch.setattr("despensa.entrypoints.api.wallet.ASKED_A_MINUTE", 2)

    answers = [phone.door.post("/wallet/nonce") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]


def test_somebody_erased_has_no_card_and_no_offer(books, phone):
    home, person = somebody()
    payload, _ = parts(phone.obtained(offered(books, home, person).codes))
    waiting = offered(books, home, person)
    others = [
        one for (one,) in fetch(
            REGISTRY,
            """SELECT registrant_id FROM membership WHERE household_id = %s AND role = 2
               AND until_date IS NULL ORDER BY registrant_id""",
            (home,),
        )
    ]  # fmt: skip
    erase(books, wish_for(person, home, head=others[0], collector=others[0]))
    wallet.carry_out(books.tools)

    assert listed(books, "cwt").status(payload["status"]["status_list"]["idx"]) == 1
    assert phone.token(waiting.codes).json() == {"error": "invalid_grant"}
    with pytest.raises(OfferRefused):
        offered(books, home, person)


def test_out_of_reach_nobody_is_offered_anything_and_nothing_ends(books, phone):
    home, person = somebody()
    with pytest.raises(OfferRefused):
        offered(books, home, person, by="jorge")
    phone.obtained(offered(books, home, person).codes)
    [(card,)] = fetch(REGISTRY, "SELECT id FROM identity_card")

    with pytest.raises(NoSuchCard):
        wallet.end(card, home, books.tools, acting=books.acting("jorge"))


def test_without_a_public_address_nothing_is_offered(books, monkeypatch):
    home, person = somebody()
    for wrong in ("", "http://despensa.example", "https://despensa.example/path"):
        monkeypatch.setenv(wallet.ADDRESS_VARIABLE, wrong)
        with pytest.raises(wallet.NoAddress, match="set it"):
            offered(books, home, person)
    assert Client().get("/.well-known/openid-credential-issuer").status_code == 404
    assert count(REGISTRY, "wallet_offer") == 0
