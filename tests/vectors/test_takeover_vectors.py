"""One phone takes over from another: the same cases in Python and in the phone's JavaScript."""

import json

import pytest

from despensa.domain.lease import verify_lease
from despensa.domain.redemption import take_over
from tests.clients import node
from tests.vectors import make_takeover_vectors
from tests.vectors.signed_case import FOLDER

FILE = json.loads((FOLDER / make_takeover_vectors.NAME).read_text(encoding="utf-8"))
KEYS = {bytes.fromhex(key["kid"]): bytes.fromhex(key["public"]) for key in FILE["keys"]}
OWN, THEIRS = (
    verify_lease(bytes.fromhex(FILE[name]), authority_keys=KEYS) for name in ("own", "theirs")
)


def test_the_file_is_what_its_maker_makes():
    written = (FOLDER / make_takeover_vectors.NAME).read_text(encoding="utf-8")

    assert written == make_takeover_vectors.text(), (
        "run python -m tests.vectors.make_takeover_vectors"
    )


def asking_of(case):
    try:
        asking, other = take_over.read_asking(
            bytes.fromhex(case["code"]), THEIRS, authority_keys=KEYS, now=case["now"]
        )
    except take_over.TakeOverRefused as refused:
        return refused.trouble.value
    return {
        "lease_id": asking.lease_id.hex(),
        "nonce": asking.nonce.hex(),
        "sealing_key": other.sealing_key.hex(),
    }


def taken_of(case):
    nonce = bytes.fromhex(FILE["nonce"])
    try:
        taken = take_over.read_hand_over(
            bytes.fromhex(case["code"]), OWN, nonce=nonce, authority_keys=KEYS, now=case["now"]
        )
    except take_over.TakeOverRefused as refused:
        return refused.trouble.value
    rows = [one for group in taken.groups for one in group.entitlements]
    return {
        "tags": [card.tag.hex() for one in rows for card in one.cards],
        "scopes": [one.scope for one in rows],
    }


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in FILE["askings"]])
def test_an_asking_is_read_or_refused(case):
    assert asking_of(case) == case["expect"]


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in FILE["hand_overs"]])
def test_a_hand_over_is_taken_or_refused(case):
    assert taken_of(case) == case["expect"]


def test_the_phone_s_javascript_says_the_same_of_every_code():
    node.needs_node()
    rest = {key: FILE[key] for key in ("keys", "nonce", "own", "theirs")}
    cases = [
        {"ask": "asking", **case, **rest} for case in FILE["askings"]
    ] + [{"ask": "handOver", **case, **rest} for case in FILE["hand_overs"]]  # fmt: skip

    for case, said in zip(cases, node.run("domain.mjs", given=cases), strict=True):
        assert said == case["expect"], case["name"]
