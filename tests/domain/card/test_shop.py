"""A print shop's return against what was issued: every line and every card has an answer."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.card.shop import (
    LineVerdict,
    ReturnRefused,
    ShopRefused,
    code_hash,
    hashes_of,
    issued_of,
    manifest,
    reconcile,
    require_shop,
)
from despensa.domain.identifier import card_numbers, display_card_number
from despensa.domain.proposal import ApprovalInvalid, Proposal, Reason
from despensa.domain.shop_order import ACTION, ShopOrder, shop_order_of

NUMBERS = card_numbers(lambda count: bytes(range(count)), 3)
ISSUED = {number: code_hash(number * 3) for number in NUMBERS}
ONE, TWO, THREE = NUMBERS


def _file(*lines):
    return "\n".join(["serial,sha256", *lines]).encode()


def _line(number, digest=None):
    return f"{number},{(digest or ISSUED[number]).hex()}"


def test_the_list_of_the_package_is_a_whole_return():
    done = reconcile(manifest(list(ISSUED.items())), ISSUED)

    assert (done.printed, done.missing) == (NUMBERS_T, ())
    assert {line.verdict for line in done.lines} == {LineVerdict.PRINTED}


NUMBERS_T = tuple(NUMBERS)


def test_each_line_gets_its_answer_and_what_is_left_is_missing():
    stranger = next(
        number for number in card_numbers(lambda n: bytes([7]) * n, 1) if number not in ISSUED
    )
    done = reconcile(
        _file(
            _line(ONE),
            _line(ONE),
            _line(TWO, bytes(32)),
            f"{stranger},{bytes(32).hex()}",
            "nonsense",
            f"{TWO},xyz",
            "",
            _line(display_card_number(TWO), ISSUED[TWO]).lower(),
        ),
        ISSUED,
    )

    assert [line.verdict.value for line in done.lines] == [
        "printed", "repeated", "wrong_hash", "unknown", "unreadable", "unreadable", "printed",
    ]  # fmt: skip
    # line 8 of the file is empty
    assert [line.line for line in done.lines] == [2, 3, 4, 5, 6, 7, 9]
    assert (done.printed, done.doubled, done.missing) == ((TWO,), (ONE,), (THREE,))
    assert done.spoilt == (THREE, ONE)
    assert done.foreign == 4
    assert [line.line for line in done.strange_lines()] == [3, 4, 5, 6, 7]


def test_a_card_with_only_a_wrong_hash_is_missing():
    assert reconcile(_file(_line(ONE, bytes(32))), ISSUED).missing == NUMBERS_T


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n", b"\xff\xfe", b'serial,sha256\n"', b"sha256,serial\n"]
)
def test_what_is_no_return_is_refused_with_what_to_do(data):
    with pytest.raises(ReturnRefused, match="serial"):
        reconcile(data, ISSUED)


@given(st.lists(st.sampled_from([*NUMBERS, "x"]), max_size=12))
def test_every_issued_card_is_printed_once_or_nobody_gets_it(order):
    done = reconcile(_file(*(_line(n) if n in ISSUED else n for n in order)), ISSUED)

    assert sorted((*done.printed, *done.spoilt)) == sorted(ISSUED)
    assert {*done.printed} == {n for n in ISSUED if order.count(n) == 1}
    assert {*done.doubled} == {n for n in ISSUED if order.count(n) > 1}
    assert len(done.lines) == len(order)


def test_hashes_come_back_from_the_list_in_its_order():
    listed = manifest(list(ISSUED.items()))

    assert issued_of(NUMBERS, hashes_of(listed)) == ISSUED


def _proposal(parameters, inputs=(bytes(32),)):
    return Proposal(
        proposal_id=bytes(16), workspace_id=bytes(16), action=ACTION, creator=bytes(16),
        created_at=1, expires_at=2, reason=Reason.CARDS_PRINTED_OUTSIDE, parameters=parameters,
        inputs=inputs,
    )  # fmt: skip


def test_an_order_of_a_shop_stands_in_its_proposal_and_nothing_else_does():
    order = ShopOrder(UUID(int=7), "Imprenta Sol", "age1x", bytes(range(32)))

    assert shop_order_of(_proposal(order.parameters(), (order.listed,))) == order
    for parameters, inputs in [((), (bytes(32),)), (order.parameters(), ())]:
        with pytest.raises(ApprovalInvalid):
            shop_order_of(_proposal(parameters, inputs))


@pytest.mark.parametrize("name", ["", "x" * 61, "a\nb"])
def test_a_shop_has_a_name_that_can_be_read(name):
    with pytest.raises(ShopRefused, match="name"):
        require_shop(name)
