import hashlib
from itertools import product

import pytest

from despensa.domain.ledger.account import LIMITED_KINDS, AccountKind, named_account

CYCLES = [bytes([number]) * 16 for number in (1, 2)]
PLACES = [bytes([number]) * 16 for number in (0, 3, 4)]


def test_the_bytes_are_label_kind_cycle_place():
    made = named_account(AccountKind.DELIVERED, cycle=CYCLES[0], place=PLACES[1])

    message = b"despensa/named-account/1" + b"\x06" + CYCLES[0] + PLACES[1]
    assert made == hashlib.sha256(message).digest()[:16]


def test_every_kind_cycle_and_place_has_its_own_account():
    made = {
        named_account(kind, cycle=cycle, place=place)
        for kind, cycle, place in product(AccountKind, CYCLES, PLACES)
    }

    assert len(made) == len(AccountKind) * len(CYCLES) * len(PLACES)


def test_without_a_place_it_is_the_cycles_account():
    fund = named_account(AccountKind.FUND, cycle=CYCLES[0])

    assert fund == named_account(AccountKind.FUND, cycle=CYCLES[0], place=bytes(16))


def test_ids_of_another_length_are_a_mistake_of_ours():
    with pytest.raises(AssertionError):
        named_account(AccountKind.FUND, cycle=CYCLES[0][:15])
    with pytest.raises(AssertionError):
        named_account(AccountKind.FUND, cycle=CYCLES[0], place=b"")


def test_the_chart_of_accounts_is_frozen():
    assert [kind.name for kind in AccountKind] == [
        "GRANTED",
        "FUND",
        "ENTITLEMENT",
        "WALLET",
        "POINT_STOCK",
        "DELIVERED",
        "MERCHANT_PAYABLE",
        "SETTLEMENT",
        "LOSS",
        "EMERGENCY",
        "RETURNED",
        "LATE_SHARE",
        "HELD",
        "STOCK_SUPPLIED",
        "STOCK_GIVEN",
        "STOCK_LOST",
        "STOCK_OPENED",
    ]
    assert [int(kind) for kind in AccountKind] == [*range(1, 14), *range(20, 24)]


def test_only_the_side_with_a_limit_is_limited():
    limited = {
        AccountKind.FUND, AccountKind.ENTITLEMENT, AccountKind.WALLET, AccountKind.LATE_SHARE,
    }  # fmt: skip

    assert limited == LIMITED_KINDS
