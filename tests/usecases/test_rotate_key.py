"""A key is exchanged by two people: cards of the old one stay genuine, and everybody can read it."""

from dataclasses import replace

import pytest
from django.test import Client

from despensa.adapters.log_storage import LogFiles, verify_log
from despensa.domain.card import verify
from despensa.domain.card.issuer_key import parse_issuer_keys
from despensa.domain.encoding import dcbor
from despensa.domain.encoding.cose import UnknownKey
from despensa.domain.ports.log_storage import LogRefused
from despensa.domain.proposal import Reason
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import actions, rounds
from tests.factories.administrator import with_administrator
from tests.factories.observing import Killed, dies


@pytest.fixture
def books(carded_books):
    return with_administrator(carded_books)


def approved(books, name, *, stolen=0):
    proposal = books.proposal("irene", "rotate_key", Reason.KEY_ROTATION, parameters=(name, stolen))
    return books.approved(proposal)


def announced(books):
    rounds.seal_log(books.tools)
    size = books.tools.log.size
    leaves = [parse_leaf(data) for data in books.tools.log.read_leaves(0, size)]
    return [
        dcbor.decode(leaf.body)
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == PublicKind.KEY
    ]


def key_set(books, monkeypatch):
    monkeypatch.setattr(wiring, "tools", lambda: books.tools)
    answer = Client(HTTP_HOST="localhost").get("/.well-known/jwks.json")
    return [key.public for key in parse_issuer_keys(answer.content.decode())]


def test_cards_of_the_old_key_stay_genuine_and_the_key_set_overlaps(books, monkeypatch):
    before = books.keeper.signatory.public_keys().issuer

    actions.carry_out(approved(books, "issuer"), books.tools)

    public = books.keeper.signatory.public_keys()
    [text, *_] = books.card_texts.values()
    read = verify.verify(text, issuer_keys=public.issuer_ring(), now=books.clock.at)
    assert read.card is not None
    assert key_set(books, monkeypatch) == [public.issuer, before]
    assert announced(books) == [{0: "issuer", 1: before, 2: public.issuer, 3: 0}]


def test_cards_of_a_stolen_key_are_genuine_no_longer(books, monkeypatch):
    actions.carry_out(approved(books, "issuer", stolen=1), books.tools)

    public = books.keeper.signatory.public_keys()
    [text, *_] = books.card_texts.values()
    read = verify.verify(text, issuer_keys=public.issuer_ring(), now=books.clock.at)
    assert read.card is None
    assert key_set(books, monkeypatch) == [public.issuer]
    assert [body[3] for body in announced(books)] == [1]


def test_after_a_new_authority_phones_and_proposals_of_the_old_one_go_on(books):
    waiting = approved(books, "issuer")

    actions.carry_out(approved(books, "authority"), books.tools)
    actions.carry_out(waiting, books.tools)

    assert [body[0] for body in announced(books)] == ["authority", "issuer"]


@pytest.mark.parametrize("name, stolen", [("issuer", 0), ("authority", 0), ("authority", 1)])
def test_killed_before_it_was_announced_it_is_announced_when_carried_out_again(
    books, monkeypatch, name, stolen
):
    proposal = approved(books, name, stolen=stolen)
    with monkeypatch.context() as patched:
        patched.setattr("despensa.entrypoints.jobs.rotating.rotate_key", _killed)
        with pytest.raises(KeyboardInterrupt):
            actions.carry_out(proposal, books.tools)
    # also when nobody came back before the approval ended
    books.clock.forward(days=30)

    actions.carry_out(proposal, books.tools)

    public = books.keeper.signatory.public_keys()
    assert [body[2:] for body in map(list, map(dict.values, announced(books)))] == [
        [getattr(public, name), stolen]
    ]
    assert [len(former) for former in (public.former_issuers, public.former_authorities)] == [
        int(name == "issuer"),
        int((name, stolen) == ("authority", 0)),
    ]
    with pytest.raises(actions.NotCarriedOut, match="before"):
        actions.carry_out(proposal, books.tools)


def test_another_proposal_that_the_stolen_key_approved_is_carried_out_no_more(books):
    waiting = approved(books, "issuer")
    before = books.keeper.signatory.public_keys().issuer

    actions.carry_out(approved(books, "authority", stolen=1), books.tools)

    with pytest.raises(UnknownKey):
        actions.carry_out(waiting, books.tools)
    assert books.keeper.signatory.public_keys().issuer == before


def verifies(books, vkey):
    return verify_log(books.tools.log.folder, vkey).is_verified


def test_a_log_exchanged_in_time_verifies_under_its_old_key_and_its_new_one(books):
    rounds.seal_log(books.tools)
    old = books.tools.log_vkey
    # another process, which holds the log open under the key of before
    elsewhere = wiring.open_tools(books.tools.workspace)
    size = elsewhere.log.size

    actions.carry_out(approved(books, "log"), books.tools)

    new = books.tools.log_vkey
    assert new != old
    assert verifies(books, old)
    assert verifies(books, new)
    [body] = announced(books)
    assert body[0] == "log"
    assert elsewhere.log.size > size
    assert verifies(books, old)
    assert elsewhere.log_vkey == new


def test_of_a_stolen_log_key_no_checkpoint_is_believed_and_every_process_learns_the_new_one(books):
    rounds.seal_log(books.tools)
    old, size = books.tools.log_vkey, books.tools.log.size
    kept = books.tools.log.checkpoint()
    elsewhere = wiring.open_tools(books.tools.workspace)

    actions.carry_out(approved(books, "log", stolen=1), books.tools)

    assert not verifies(books, old)
    assert verifies(books, books.tools.log_vkey)
    # it sealed before anybody told it
    rounds.seal_log(elsewhere)
    assert elsewhere.log.size > size
    assert elsewhere.log.key.public_key == books.keeper.signatory.public_keys().log
    (books.tools.log.folder / "checkpoint").write_text(kept)
    with pytest.raises(LogRefused, match="another workspace"):
        books.tools.log.checkpoint()


def test_killed_before_the_log_was_signed_anew_it_is_signed_when_carried_out_again(
    books, monkeypatch
):
    rounds.seal_log(books.tools)
    proposal = approved(books, "log", stolen=1)
    with monkeypatch.context() as patched:
        dies(patched, LogFiles, "append")
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)

    again = wiring.open_tools(books.tools.workspace)
    actions.carry_out(proposal, replace(books.tools, keeper=again.keeper, log=again.log))

    assert [body[0] for body in announced(books)] == ["log"]
    assert verifies(books, books.tools.log_vkey)


def _killed(*_, **__):
    raise KeyboardInterrupt
