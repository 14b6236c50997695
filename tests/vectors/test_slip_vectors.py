"""A slip on its way into a list: the same cases in Python and in the phone's JavaScript."""

import json

import pytest

from despensa.domain import lease
from despensa.domain.redemption.amend import Held, SlipRefused, take_slip
from tests.clients import node
from tests.factories import field
from tests.vectors import make_slip_vectors
from tests.vectors.signed_case import FOLDER

TAKEN = json.loads((FOLDER / make_slip_vectors.NAME).read_text(encoding="utf-8"))
KEYS = {bytes.fromhex(key["kid"]): bytes.fromhex(key["public"]) for key in TAKEN["keys"]}


def _card(row):
    step, tag, lookup, holder_epoch, holder = row
    return lease.LeaseCard(step, bytes.fromhex(tag), bytes.fromhex(lookup), holder_epoch, holder)


def _held(case):
    entitlements = tuple(
        lease.LeaseEntitlement(
            scope, tuple(tuple(pair) for pair in goods), tuple(_card(row) for row in cards)
        )
        for scope, goods, cards in case["entitlements"]
    )
    return Held(
        field.a_lease(entitlements=entitlements),
        frozenset(bytes.fromhex(tag) for tag in case["collected"]),
        frozenset(bytes.fromhex(one) for one in case["taken"]),
    )


def _plain(held):
    return {
        "entitlements": [
            [
                item.scope,
                [list(pair) for pair in item.goods],
                [
                    [card.step, card.tag.hex(), card.number_lookup.hex(), card.holder_epoch, None]
                    for card in item.cards
                ],
            ]
            for item in held.lease.entitlements
        ],
        "collected": sorted(tag.hex() for tag in held.collected),
        "taken": sorted(one.hex() for one in held.taken),
    }


def test_the_file_is_what_its_maker_makes():
    written = (FOLDER / make_slip_vectors.NAME).read_text(encoding="utf-8")

    assert written == make_slip_vectors.text(), "run python -m tests.vectors.make_slip_vectors"


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in TAKEN["cases"]])
def test_a_slip_is_taken_or_refused(case):
    try:
        after = _plain(
            take_slip(bytes.fromhex(case["slip"]), _held(case), keys=KEYS, now=case["now"])
        )
    except SlipRefused as refused:
        after = {"refused": refused.trouble.value}

    assert after == case["expect"]


def test_the_phone_s_javascript_says_the_same_of_every_slip():
    node.needs_node()
    questions = [{"ask": "amend", "keys": TAKEN["keys"], **case} for case in TAKEN["cases"]]

    answers = node.run("domain.mjs", given=questions)

    for case, said in zip(TAKEN["cases"], answers, strict=True):
        assert said == case["expect"], case["name"]
