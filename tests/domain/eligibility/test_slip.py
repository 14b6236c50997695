"""A slip is enough to make a household's decision again, and tells when something was changed."""

from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.eligibility.evaluate import evaluate_all
from despensa.domain.eligibility.frozen import reduce, row_bytes
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Border
from despensa.domain.eligibility.slip import (
    LABEL,
    DecisionSlip,
    MalformedSlip,
    OtherRule,
    decided_again,
    payload,
    read_slip,
)
from despensa.domain.encoding import cose, dcbor
from despensa.domain.transparency import tree
from tests.domain.eligibility.rules import PERSON_AND_BUDGET, food_parcel
from tests.domain.eligibility.test_order import DAY, ORDER, household

RULE = parse_text(PERSON_AND_BUDGET)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
KEYS = {cose.key_id(PUBLIC): PUBLIC}
FROZEN = [reduce(RULE, household(case), DAY, lot=case["lot"]) for case in ORDER["households"]]
ROWS = [row_bytes(bytes([n]) * 16, frozen) for n, frozen in enumerate(FROZEN)]
LEAVES = [bytes([n]) * 16 + row for n, row in enumerate(ROWS)]
DECISIONS, BORDER = evaluate_all(RULE, FROZEN, DAY)


def slip_of(number: int) -> DecisionSlip:
    hashes = [tree.leaf_hash(leaf) for leaf in LEAVES]
    return DecisionSlip(
        cycle=b"c" * 16, rule_hash=rule_hash(RULE), on=DAY, row=number, rows=len(ROWS),
        row_bytes=ROWS[number], salt=bytes([number]) * 16,
        path=tuple(tree.inclusion_proof(number, hashes)), decision=DECISIONS[number],
        border=BORDER,
    )  # fmt: skip


def signed(slip: DecisionSlip, **other) -> bytes:
    body = payload(slip) | {int(key[1:]): value for key, value in other.items()}
    return cose.sign(body, label=LABEL, public_key=PUBLIC, signer=KEY.sign)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_every_household_comes_to_its_own_decision_under_the_root(number):
    slip = read_slip(signed(slip_of(number)), KEYS)

    assert slip == slip_of(number)
    assert slip.root == tree.root(LEAVES)
    assert decided_again(slip, RULE) == DECISIONS[number] == slip.decision


def test_a_border_that_was_moved_gives_another_decision():
    moved = replace(slip_of(3), border=Border((2, 0, 50_000, 0)))

    assert decided_again(moved, RULE) != moved.decision


def test_a_budget_that_reached_nobody_is_told_from_one_that_reached_all():
    for border in (Border(None), None):
        slip = replace(slip_of(0), border=border)
        assert read_slip(signed(slip), KEYS).border == border


def test_facts_that_were_changed_lead_to_another_root():
    poorer = reduce(RULE, household(ORDER["households"][3]), DAY, lot=0)

    slip = replace(slip_of(3), row_bytes=row_bytes(bytes([3]) * 16, poorer))

    assert slip.root != tree.root(LEAVES)


def test_another_rule_says_nothing_about_a_slip():
    with pytest.raises(OtherRule):
        decided_again(slip_of(0), food_parcel())


def test_facts_that_are_none_of_the_rule_are_no_slip():
    with pytest.raises(MalformedSlip, match="frozen row"):
        decided_again(replace(slip_of(0), row_bytes=b"[]"), RULE)


def test_a_signature_of_another_office_cannot_be_told():
    with pytest.raises(cose.UnknownKey):
        read_slip(signed(slip_of(0)), {})
    bent = bytearray(signed(slip_of(0)))
    bent[-1] ^= 1
    with pytest.raises(cose.BadSignature):
        read_slip(bytes(bent), KEYS)


@pytest.mark.parametrize(
    "other",
    [
        {"_0": 2}, {"_1": b"c"}, {"_2": "x" * 32}, {"_3": -1}, {"_3": 10**9}, {"_4": 99},
        {"_5": 0}, {"_6": "x"}, {"_7": b"s"}, {"_8": [b"h"]}, {"_8": [7]}, {"_9": 4},
        {"_10": ["POOR"]}, {"_10": [7]}, {"_11": [["minor"]]}, {"_11": 3}, {"_12": ["x"]},
        {"_13": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_slip_is_refused_with_a_sentence(other):
    with pytest.raises(MalformedSlip):
        read_slip(signed(slip_of(0), **other), None)


def test_a_payload_that_is_no_map_is_refused():
    body = cose.sign(dcbor.encode([1]), label=LABEL, public_key=PUBLIC, signer=KEY.sign)

    with pytest.raises(MalformedSlip):
        read_slip(body, KEYS)


def test_a_path_that_leads_nowhere_is_refused():
    with pytest.raises(MalformedSlip, match="no root"):
        _ = replace(slip_of(0), path=()).root


def test_the_day_is_kept_to_the_day():
    slip = replace(slip_of(0), on=date(2031, 12, 31))

    assert read_slip(signed(slip), None).on == date(2031, 12, 31)
