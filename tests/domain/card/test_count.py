"""Counting a printed batch: good and spoilt cards together are all of them."""

import pytest

from despensa.domain.card.count import Counted, CountRefused, CountTrouble, require_whole

PRINTED = {"A", "B", "C"}


@pytest.mark.parametrize(("good", "spoilt"), [(5, []), (4, ["A"]), (2, ["C", "A", "B"])])
def test_good_and_spoilt_cards_are_all_cards(good, spoilt):
    require_whole(Counted(5, PRINTED), good, spoilt)


@pytest.mark.parametrize(
    ("good", "spoilt", "trouble"),
    [
        (4, [], CountTrouble.NOT_ALL),
        (5, ["A"], CountTrouble.NOT_ALL),
        (3, ["A", "A"], CountTrouble.TWICE),
        (4, ["Z"], CountTrouble.NOT_PRINTED),
    ],
)
def test_anything_else_is_counted_again(good, spoilt, trouble):
    with pytest.raises(CountRefused) as refused:
        require_whole(Counted(5, PRINTED), good, spoilt)

    assert refused.value.trouble is trouble
