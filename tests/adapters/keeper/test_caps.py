"""How many cards the keeper signs a day, and how far ahead a cycle may take the links."""

import os

import pytest

from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.card import tag as tags
from despensa.domain.epoch import EpochError
from despensa.domain.ports.keeper import AccessRefused
from tests.adapters.keeper.approved import AT, WORKSPACE, issue, open_cycle, opening

DAY, NOVEMBER = 86_400, 10


def _keeper(folder):
    return open_keeper(keys=folder, staging=folder / "staging", workspace=WORKSPACE, cards_a_day=5)


@pytest.fixture
def keeper(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    opened = _keeper(tmp_path)
    yield opened
    opened.close()


def _signed(keeper):
    return [record[3] for record in keeper.own_copy.records() if record[0] == 2]


def test_above_the_cap_of_the_day_no_card_is_signed_whoever_approved(keeper):
    issue(keeper, 3, epoch=NOVEMBER)
    with pytest.raises(AccessRefused, match=r"5 cards a day, and 3 are signed"):
        issue(keeper, 3, epoch=NOVEMBER)
    assert _signed(keeper) == [3]

    issue(keeper, 2, epoch=NOVEMBER)
    with pytest.raises(AccessRefused):
        issue(keeper, 1, epoch=NOVEMBER)
    assert len(issue(keeper, 5, epoch=NOVEMBER, at=AT + DAY)) == 5
    assert _signed(keeper) == [3, 2, 5]


def test_one_batch_above_the_cap_is_refused_whole(keeper, tmp_path):
    with pytest.raises(AccessRefused):
        issue(keeper, 6, epoch=NOVEMBER)

    assert _signed(keeper) == []
    assert not list(tmp_path.rglob("*.links"))


def test_a_keeper_started_again_has_not_forgotten_what_it_signed_today(keeper, tmp_path):
    issue(keeper, 4, epoch=NOVEMBER)
    again = _keeper(tmp_path)

    with pytest.raises(AccessRefused):
        issue(again, 2, epoch=NOVEMBER)
    again.close()


@pytest.mark.parametrize("wrong", [NOVEMBER - 1, NOVEMBER + 37])
def test_a_cycle_out_of_reach_of_the_last_one_moves_no_link(keeper, wrong):
    cards = issue(keeper, 1, epoch=NOVEMBER)
    open_cycle(keeper, cards, opening(keeper, epoch=NOVEMBER))

    with pytest.raises(EpochError):
        keeper.cycles.step_links(**opening(keeper, epoch=wrong))

    made = open_cycle(keeper, cards, opening(keeper, epoch=NOVEMBER + 36))
    assert set(made.values()) == {NOVEMBER + 36}


def test_the_first_cycle_of_all_cannot_run_years_ahead_either(keeper):
    """A wrong clock would take every later cycle with it."""
    [card] = issue(keeper, 1, epoch=NOVEMBER)

    with pytest.raises(EpochError, match="clock"):
        keeper.cycles.step_links(**opening(keeper, epoch=NOVEMBER + 37))

    order = opening(keeper, epoch=NOVEMBER)
    made = open_cycle(keeper, [card], order)
    [expected] = tags.tags(
        [tags.Link(card.epoch, card.secret)], cycle_epoch=NOVEMBER,
        programme=order["programme"], cycle=order["cycle"],
    )  # fmt: skip
    assert made == {expected.tag: NOVEMBER}
