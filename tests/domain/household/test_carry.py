"""Shares of what is free: never more than there is, never what a phone holds, all of it in the end."""

from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.household.carry import Line, Standing, due, is_settled, reference, wanted

quantities = st.integers(0, 10**12)


@given(quantities, st.integers(1, 12), st.integers(1, 12))
def test_shares_of_everybody_are_never_more_than_the_whole(balance, one, other):
    whole = one + other

    shares = [wanted(balance, part, whole) for part in (one, other)]

    assert all(share is not None and share >= 0 for share in shares)
    assert balance - whole < sum(shares) <= balance


@given(quantities)
def test_everything_is_whatever_there_will_be(balance):
    assert wanted(balance, 3, 3) is None
    assert due(Line(1, None), Standing(balance)) == balance


@given(
    balance=st.integers(0, 50),
    part=st.integers(1, 4),
    whole=st.integers(1, 4),
    steps=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8),
)
def test_whatever_is_listed_and_given_nothing_is_made_or_lost(balance, part, whole, steps):
    share = min(part, whole)
    line, source, target, given_out = Line(1, wanted(balance, share, whole)), balance, 0, 0
    for asked, handed in steps:
        leased = min(asked, source)
        moved = due(line, Standing(source, leased))
        assert 0 <= moved <= source - leased
        source, target = source - moved, target + moved
        line = Line(1, line.wanted, line.moved + moved)
        delivered = min(handed, leased)
        source, given_out = source - delivered, given_out + delivered
        assert source + target + given_out == balance
    target += due(line, Standing(source))
    last = Line(1, line.wanted, line.moved + due(line, Standing(source)))
    assert is_settled(last, Standing(source - (last.moved - line.moved)), more_may_come=False)
    if line.wanted is not None:
        assert target == min(line.wanted, balance - given_out)


def test_what_a_phone_holds_is_waited_for():
    assert due(Line(1, 5), Standing(5, 3)) == 2
    assert not is_settled(Line(1, 5, 2), Standing(3, 3), more_may_come=False)
    assert is_settled(Line(1, 5, 2), Standing(3, 0), more_may_come=False)
    assert not is_settled(Line(1, None, 2), Standing(0, 0), more_may_come=True)


def test_the_ledgers_name_differs_by_cycle_and_operation():
    names = {
        reference(secret, operation)
        for secret in (bytes(32), bytes([1] * 32))
        for operation in (bytes(16), bytes([1] * 16))
    }

    assert len(names) == 4
    assert {len(name) for name in names} == {16}
