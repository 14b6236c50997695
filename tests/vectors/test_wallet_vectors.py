"""The vectors of wallets: ours and other people's readers say the same of them."""

import json

import pytest

from despensa.domain.card import status_list
from despensa.domain.card.status_list import ListFault, StatusListError
from despensa.domain.encoding import p256
from tests.clients import node
from tests.vectors import make_wallet_vectors as wallet

GIVEN = json.loads(wallet.FILE.read_text(encoding="utf-8"))
PUBLIC = p256.public_bytes(wallet.KEY)
KEYS = {p256.thumbprint(p256.public_jwk(PUBLIC)): PUBLIC}
SHOWN = ("name", "birthdate", "second_name", "issuing_country")


def read(jwt):
    return status_list.read_jwt(jwt, keys=KEYS, address=GIVEN["status_uri"], now=GIVEN["now"])


def test_the_credential_is_made_again_from_its_card():
    assert wallet.made()["credential"] == GIVEN["credential"]


@pytest.mark.parametrize("case", GIVEN["lists"], ids=lambda case: case["name"])
def test_every_list_says_what_it_was_made_of(case):
    listed = read(case["jwt"])

    found = {str(place): listed.status(place) for place in range(case["length"])}
    assert {place: status for place, status in found.items() if status} == case["statuses"]


def test_a_list_of_a_stranger_is_not_believed():
    with pytest.raises(StatusListError) as refused:
        read(GIVEN["by_a_stranger"])

    assert refused.value.fault is ListFault.UNKNOWN_KEY


def test_other_peoples_packages_say_the_same():
    node.needs_packages()

    said = node.run("wallet_vectors.mjs", given=GIVEN)

    index = str(GIVEN["credential"]["status_index"])
    for case, answer in zip(GIVEN["lists"], said["lists"], strict=True):
        assert answer["statuses"] == case["statuses"], case["name"]
        assert answer["believed"] is (index not in case["statuses"]), answer
    payload = said["lists"][-1]["payload"]
    assert {name: payload[name] for name in SHOWN} == {
        name: GIVEN["credential"]["claims"][name] for name in SHOWN
    }
    assert said["foreign"]["believed"] is False
