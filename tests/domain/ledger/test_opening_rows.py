"""Packed rows of an opening: all of them, in order, in slices of one range of first bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.ledger.opening_rows import (
    CREDIT,
    TAG,
    SortedRuns,
    first_at_least,
    has_account,
    in_order,
    pack_tag,
    tag_status,
)

ROW = st.binary(min_size=4, max_size=4)


@given(st.lists(st.lists(ROW, max_size=60), max_size=4), st.integers(1, 30))
def test_slices_hold_every_row_once_and_follow_each_other(runs, rows):
    packed = SortedRuns(4, [b"".join(sorted(run)) for run in runs])

    slices = list(packed.slices(rows))

    ordered = [row for part in slices for row in in_order(part.rows, 4)]
    assert ordered == sorted(row for run in runs for row in run)
    assert len(packed) == len(ordered)
    for part in slices:
        assert part.rows
        assert all(
            part.low <= int.from_bytes(row[:2], "big") < part.high for row in in_order(part.rows, 4)
        )
    assert all(one.high <= other.low for one, other in pairwise(slices))


def test_a_small_opening_is_one_slice():
    rows = b"".join(sorted(bytes([n * 7 % 256]) * CREDIT.size for n in range(100)))

    [only] = SortedRuns(CREDIT.size, [rows]).slices()

    assert (only.low, only.high, len(only.rows)) == (0, 1 << 16, len(rows))


@given(st.lists(ROW), st.binary(min_size=1, max_size=4))
def test_the_first_row_not_before_a_bound_is_found(rows, bound):
    rows.sort()
    at = first_at_least(b"".join(rows), bound, 4) // 4

    assert at == sum(row[: len(bound)] < bound for row in rows)


def test_a_tag_keeps_its_account_or_that_there_is_none():
    with_one, without = pack_tag(bytes(16), 3, 1, b"a" * 16), pack_tag(bytes(16), 3, 2, None)

    assert TAG.unpack(with_one) == (bytes(16), 3, 1, 1, b"a" * 16)
    assert TAG.unpack(without) == (bytes(16), 3, 2, 0, bytes(16))


def test_only_what_was_given_has_an_account():
    cases = [(outcome, gives) for outcome in (1, 2, 3) for gives in (False, True)]

    assert [tag_status(outcome, gives=gives) for outcome, gives in cases] == [2, 1, 2, 2, 3, 3]
    assert [has_account(outcome, gives=gives) for outcome, gives in cases] == [
        False, True, False, False, False, True,
    ]  # fmt: skip
