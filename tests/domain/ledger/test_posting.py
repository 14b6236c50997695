"""Posting a batch: nothing overdrawn, nothing twice, groups whole, whatever is ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.ledger.posting import (
    PACKED,
    Books,
    End,
    MalformedOrder,
    Move,
    Outcome,
    decide,
    pack,
    require_wellformed,
)
from despensa.domain.ledger.transfer import Cause

FUND, ANA, OMAR, SHOP, HELD = (bytes([number]) * 16 for number in range(1, 6))
LIMITED = (FUND, ANA, OMAR)
CAUSE = bytes(16)


def number(place):
    return place.to_bytes(16, "big")


def move(place, debit=FUND, credit=ANA, amount=10, **more):
    return Move(number(place), debit, credit, 1, amount, int(Cause.PAYMENT), CAUSE, **more)


def books(fund=100):
    return Books({(FUND, 1): fund, (ANA, 1): 0, (OMAR, 1): 0, (SHOP, 1): None, (HELD, 1): None})


def outcomes(orders, held=None):
    return list(decide(orders, held or books()).outcomes)


class TestIds:
    """Idempotence by id."""

    def test_the_same_again_is_replayed_and_moves_nothing(self):
        state = books()

        first, again = decide([move(1)], state), decide([move(1)], state)

        assert [*first.outcomes, *again.outcomes] == [Outcome.POSTED, Outcome.REPLAYED]
        assert again.transfers == ()
        assert state.balances[ANA, 1] == 10

    @pytest.mark.parametrize("other", [move(1, amount=11), move(1, credit=OMAR)])
    def test_other_content_under_the_id_is_refused(self, other):
        assert outcomes([move(1), other]) == [Outcome.POSTED, Outcome.OTHER_CONTENT]

    def test_a_held_order_is_not_the_same_as_a_plain_one(self):
        assert outcomes([move(1, held=HELD), move(1)])[1] is Outcome.OTHER_CONTENT

    def test_a_held_order_to_another_place_is_other_content(self):
        orders = [move(1, held=HELD), move(1, credit=OMAR, held=HELD)]

        assert outcomes(orders)[1] is Outcome.OTHER_CONTENT


class TestGroups:
    """All or none."""

    def test_one_that_fails_takes_the_others_with_it_and_no_more(self):
        orders = [move(1), move(2, group=7), move(3, ANA, SHOP, 999, group=7), move(4)]

        assert outcomes(orders) == [
            Outcome.POSTED,
            Outcome.GROUP_REFUSED,
            Outcome.OVERDRAWN,
            Outcome.POSTED,
        ]

    def test_a_later_order_of_a_group_spends_what_an_earlier_brought(self):
        orders = [move(1, amount=30, group=1), move(2, ANA, SHOP, 30, group=1)]

        assert outcomes(orders) == [Outcome.POSTED] * 2

    def test_a_group_that_is_part_old_and_part_new_is_refused(self):
        state = books()
        decide([move(1)], state)

        assert outcomes([move(1, group=1), move(2, group=1)], state) == [
            Outcome.GROUP_REFUSED,
            Outcome.GROUP_REFUSED,
        ]


class TestHolds:
    """Two phases."""

    def test_posted_it_arrives_voided_it_is_back(self):
        state = books()

        decide([move(1, held=HELD), move(2, held=HELD)], state)
        assert (state.balances[FUND, 1], state.balances[ANA, 1]) == (80, 0)
        ends = [End(number(3), number(1), True), End(number(4), number(2), False)]
        made = decide(ends, state)

        assert made.outcomes == (Outcome.POSTED,) * 2
        assert (state.balances[FUND, 1], state.balances[ANA, 1]) == (90, 10)
        assert [one.cause for one in made.transfers] == [Cause.HOLD_POSTED, Cause.HOLD_VOIDED]

    def test_it_ends_once(self):
        orders = [
            move(1, held=HELD),
            End(number(2), number(1), True),
            End(number(2), number(1), True),
            End(number(3), number(1), False),
            End(number(4), number(9), True),
        ]

        assert outcomes(orders)[1:] == [
            Outcome.POSTED,
            Outcome.REPLAYED,
            Outcome.HOLD_ENDED,
            Outcome.NO_HOLD,
        ]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 12), st.permutations([FUND, ANA, OMAR, SHOP]), st.integers(1, 90),
            st.booleans(), st.sampled_from([None, None, 1, 2]),
        ),
        max_size=25,
    )
)  # fmt: skip
def test_nothing_is_overdrawn_made_or_lost(drawn):
    state = books()

    made = decide(
        [
            move(place, debit, credit, amount, held=HELD if is_held else None, group=group)
            for place, (debit, credit, *_), amount, is_held, group in drawn
        ],
        state,
    )

    sums = dict.fromkeys([FUND, ANA, OMAR, SHOP, HELD], 0)
    sums[FUND] = 100
    for one in made.transfers:
        sums[one.debit] -= one.amount
        sums[one.credit] += one.amount
    assert sum(sums.values()) == 100
    assert {account: sums[account] for account in LIMITED} == {
        account: state.balances[account, 1] for account in LIMITED
    }
    assert min(sums[account] for account in LIMITED) >= 0
    assert sums[HELD] == sum(hold.amount for hold in made.holds)
    assert len({one.id for one in made.transfers}) == len(made.transfers)


@pytest.mark.parametrize(
    "order, said",
    [
        (move(1, amount=0), "order 1: the amount"),
        (move(1, amount=-5), "the amount"),
        (move(1, amount=1.5), "whole number"),
        (move(1, amount=1 << 63), "the amount"),
        (move(1, FUND, FUND), "different accounts"),
        (move(1, held=FUND), "different accounts"),
        (move(1)._replace(debit=b"short"), "16 bytes"),
        (End(b"", bytes(16), True), "16 bytes"),
    ],
)
def test_what_can_never_be_posted_is_refused_before_anything(order, said):
    with pytest.raises(MalformedOrder, match=said):
        require_wellformed([order])


def test_the_journal_keeps_78_bytes_a_transfer():
    assert PACKED.unpack(pack([move(258, amount=3)])) == (*move(258, amount=3)[:5], 13, CAUSE)
