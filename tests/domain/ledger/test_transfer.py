import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.ledger.transfer import Cause, InvalidTransfer, Transfer, balances

ACCOUNTS = [bytes([number]) * 16 for number in range(4)]
CAUSE_ID = bytes(16)


@st.composite
def transfers(draw):
    debit, credit = draw(st.permutations(ACCOUNTS))[:2]
    return Transfer(
        debit,
        credit,
        draw(st.integers(0, 3)),
        draw(st.integers(1, 2**63 - 1)),
        draw(st.sampled_from(Cause)),
        CAUSE_ID,
    )


@given(st.lists(transfers(), max_size=30))
def test_every_unit_sums_to_zero(made):
    found = balances(made)

    for unit in {transfer.unit for transfer in made}:
        assert sum(balance for (_, of), balance in found.items() if of == unit) == 0


@given(st.lists(transfers(), max_size=30))
def test_a_balance_is_credits_less_debits(made):
    found = balances(made)

    for (account, unit), balance in found.items():
        here = [transfer for transfer in made if transfer.unit == unit]
        received = sum(transfer.amount for transfer in here if transfer.credit == account)
        given_away = sum(transfer.amount for transfer in here if transfer.debit == account)
        assert balance == received - given_away


@given(st.lists(transfers(), max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_transfers_does_not_matter(made, random):
    shuffled = list(made)
    random.shuffle(shuffled)

    assert balances(iter(shuffled)) == balances(made)


@given(transfers())
def test_a_transfer_and_its_reverse_leave_nothing(made):
    reverse = Transfer(made.credit, made.debit, made.unit, made.amount, made.cause, CAUSE_ID)

    assert set(balances([made, reverse]).values()) == {0}


def test_units_are_never_mixed():
    one, other = ACCOUNTS[:2]
    made = [
        Transfer(one, other, 1, 5, Cause.REDEMPTION, CAUSE_ID),
        Transfer(one, other, 2, 7, Cause.REDEMPTION, CAUSE_ID),
    ]

    assert balances(made) == {(one, 1): -5, (other, 1): 5, (one, 2): -7, (other, 2): 7}


@pytest.mark.parametrize("amount", [0, -1])
def test_a_transfer_moves_a_positive_amount(amount):
    with pytest.raises(InvalidTransfer, match="positive amount"):
        Transfer(ACCOUNTS[0], ACCOUNTS[1], 1, amount, Cause.BUDGET, CAUSE_ID)


def test_a_transfer_needs_two_accounts():
    with pytest.raises(InvalidTransfer, match="two accounts"):
        Transfer(ACCOUNTS[0], ACCOUNTS[0], 1, 1, Cause.BUDGET, CAUSE_ID)
