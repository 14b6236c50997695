"""A key takes another's place: under two people's agreement, once, and finished when killed."""

import os

import pytest

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain import proposal as proposals
from despensa.domain.encoding import cose
from despensa.domain.ports.key_office import LOG, ROTATED
from despensa.domain.proposal import Approval, ApprovalKind, Proposal, Reason

WORKSPACE, CREATOR, APPROVER = (bytes([n]) * 16 for n in (1, 2, 3))
AT = 1_795_276_800


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def keeper(tmp_path):
    opened = open_keeper(keys=tmp_path, staging=tmp_path / "staging", workspace=WORKSPACE)
    yield opened
    opened.close()


def order(keeper, name="issuer", *, stolen=0, action="rotate_key", approver=APPROVER):
    canonical = Proposal(
        os.urandom(16), WORKSPACE, action, CREATOR, AT, AT + 3600, Reason.KEY_ROTATION,
        parameters=(name, stolen),
    ).canonical()  # fmt: skip
    approval = Approval(
        proposals.proposal_hash(canonical), approver, ApprovalKind.PASSWORD_AND_CODE, AT
    )
    signed = keeper.signatory.sign(approval.payload(), label=proposals.APPROVAL_LABEL)
    return {"proposal": canonical, "approval": signed, "at": AT}


@pytest.mark.parametrize("name", ROTATED)
def test_a_new_key_signs_and_the_old_one_stays_trusted(keeper, tmp_path, name):
    before = keeper.signatory.public_keys()
    old_seed = key_files.read(tmp_path / "keeper" / f"{name}.key")

    change = keeper.keys.rotate(**order(keeper, name))

    after = keeper.signatory.public_keys()
    state = next(one for one in keeper.keys.states() if one.name == name)
    assert (change.old, change.new) == (getattr(before, name), getattr(after, name))
    assert change.old != change.new
    assert (state.public, state.former) == (change.new, (change.old,))
    holding = [
        path.name
        for path in tmp_path.rglob("*")
        if path.is_file() and old_seed in path.read_bytes()
    ]
    # whoever knows the log by its old key goes on verifying it, until the next exchange
    assert holding == (["log-before.key"] if name == LOG else [])


def test_papers_of_both_keys_verify_and_key_ids_differ(keeper):
    payload = {0: 1, 1: b"x" * 16}
    early = keeper.signatory.sign(payload, label=b"despensa/receipt/1")
    keeper.keys.rotate(**order(keeper, "authority"))
    late = keeper.signatory.sign(payload, label=b"despensa/receipt/1")

    ring = keeper.signatory.public_keys().authority_ring()
    for signed in (early, late):
        read = cose.verify(
            signed, label=b"despensa/receipt/1", keys=ring, allowed=frozenset({0, 1})
        )
        assert read.payload == payload


def test_of_a_stolen_key_nothing_is_trusted(keeper):
    early = keeper.signatory.sign({0: 1}, label=b"despensa/receipt/1")

    change = keeper.keys.rotate(**order(keeper, "authority", stolen=1))

    public = keeper.signatory.public_keys()
    assert public.former_authorities == ()
    with pytest.raises(cose.UnknownKey):
        cose.verify(
            early, label=b"despensa/receipt/1", keys=public.authority_ring(),
            allowed=frozenset({0}),
        )  # fmt: skip
    assert change.is_stolen


def test_asked_twice_it_is_one_exchange(keeper):
    asked = order(keeper)

    assert keeper.keys.rotate(**asked) == keeper.keys.rotate(**asked)
    assert len(keeper.signatory.public_keys().former_issuers) == 1


@pytest.mark.parametrize("at_call", range(1, 6))
def test_killed_anywhere_it_is_finished_when_asked_again(keeper, monkeypatch, at_call):
    """Killed at every flush to the disk in turn: afterwards there is one old and one new key."""
    asked = order(keeper)
    before = keeper.signatory.public_keys().issuer
    calls, real = [], os.fsync

    def dies(descriptor):
        calls.append(descriptor)
        if len(calls) == at_call:
            raise Killed
        real(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dies)
        with pytest.raises(Killed):
            keeper.keys.rotate(**asked)

    change = keeper.keys.rotate(**asked)

    public = keeper.signatory.public_keys()
    assert change.old == before
    assert public.issuers == (change.new, before)


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "issue_cards"},
        {"name": "kek-1"},
        {"approver": CREATOR},
    ],
    ids=["another action", "a secret", "the creator alone"],
)
def test_what_two_people_did_not_agree_on_changes_nothing(keeper, wrong):
    before = keeper.signatory.public_keys()

    with pytest.raises(proposals.ApprovalInvalid):
        keeper.keys.rotate(**order(keeper, **wrong))

    assert keeper.signatory.public_keys() == before


def test_a_second_process_signs_with_the_new_key(keeper, tmp_path):
    other = open_keeper(keys=tmp_path, staging=tmp_path / "staging", workspace=WORKSPACE)
    change = keeper.keys.rotate(**order(keeper))

    assert other.signatory.public_keys().issuers == (change.new, change.old)
    other.close()


def test_the_logs_key_before_the_one_in_use_signs_beside_it_and_a_stolen_one_does_not(keeper):
    def signing():
        return [keeper.signatory.public_keys().log] + [
            public for public, _ in keeper.signatory.cosign_log(b"text")
        ]

    [first] = signing()
    keeper.keys.rotate(**order(keeper, LOG))
    second = signing()[0]
    in_time = signing()
    keeper.keys.rotate(**order(keeper, LOG, stolen=1))
    stolen = signing()

    assert in_time == [second, first]
    assert len({first, second, stolen[0]}) == 3
    assert stolen[1:] == [first]
    assert keeper.signatory.public_keys().former_logs == (first,)
