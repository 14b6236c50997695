"""Whoever approves sees which key is exchanged, and who would hold a copy of the keys."""

import pytest

from despensa.domain.proposal import Proposal, Reason
from despensa.entrypoints.office.rooms import proposal_words


def told(action, *parameters):
    proposal = Proposal(
        bytes(16), bytes(16), action, bytes(16), 0, 1, Reason.KEY_ROTATION, parameters=parameters
    )
    return [f"{fact.name}: {fact.value}" for fact in proposal_words.parameters(proposal)]


@pytest.mark.parametrize(
    "stolen, of_the_old", [(0, "what it signed stays trusted"), (1, "was stolen")]
)
def test_an_exchange_names_the_key_and_what_becomes_of_the_old_one(stolen, of_the_old):
    key, former = told("rotate_key", "issuer", stolen)

    assert "of cards" in key
    assert of_the_old in former


def test_a_copy_names_each_custodian_with_the_public_key_to_compare():
    lines = told("escrow_keys", ["rosa", "age1rosa"], ["hamid", "age1hamid"])

    assert [("rosa" in one, "age1rosa" in one) for one in lines] == [(True, True), (False, False)]
    assert "age1hamid" in lines[1]
