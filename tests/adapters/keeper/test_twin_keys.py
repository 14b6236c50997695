"""A key of a cycle lies in two files: one may be lost, and destroyed it comes back from neither."""

import os

import pytest

from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.key_files import KeyFiles, KeyMissing
from despensa.adapters.keeper.twin_keys import SECOND, TwinKeys
from tests.adapters.keeper.approved import WORKSPACE, fade, issue, open_cycle, opening

NOVEMBER = 10
NAME = "one.secret"


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def twins(tmp_path):
    files = KeyFiles(tmp_path, WORKSPACE, (b"k" * 32,))
    return TwinKeys(tmp_path, files=files, random=os.urandom)


@pytest.mark.parametrize("harm", ["lost", "cut short", "another's"])
@pytest.mark.parametrize("which", [0, 1])
def test_one_damaged_file_is_read_over_and_mended(twins, tmp_path, which, harm):
    secret = twins.read_or_make(NAME)
    file = (tmp_path / NAME, tmp_path / SECOND / NAME)[which]
    if harm == "lost":
        file.unlink()
    elif harm == "cut short":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        file.write_bytes(os.urandom(file.stat().st_size))

    assert twins.damaged() == [NAME]
    assert twins.read(NAME) == secret
    twins.mend_all()
    assert twins.damaged() == []
    assert twins.read_or_make(NAME) == secret


def test_a_key_of_which_nothing_opens_is_never_made_anew(twins, tmp_path):
    twins.read_or_make(NAME)
    for file in (tmp_path / NAME, tmp_path / SECOND / NAME):
        file.write_bytes(b"damaged")

    with pytest.raises(KeyMissing, match=NAME):
        twins.read_or_make(NAME)
    twins.mend_all()
    assert twins.damaged() == [NAME]


def test_each_file_opens_in_its_own_place_only(twins, tmp_path):
    twins.read_or_make(NAME)
    (tmp_path / NAME).write_bytes((tmp_path / SECOND / NAME).read_bytes())

    assert twins.damaged() == [NAME]


@pytest.mark.parametrize("at_call", range(1, 5))
def test_killed_while_it_is_made_it_is_one_key(twins, tmp_path, monkeypatch, at_call):
    calls = []

    def dies(_descriptor):
        calls.append(1)
        if len(calls) == at_call:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dies)
        with pytest.raises(Killed):
            twins.read_or_make(NAME)

    secret = twins.read_or_make(NAME)
    assert twins.damaged() == []
    (tmp_path / NAME).unlink()
    assert twins.read(NAME) == secret


def test_an_open_cycle_goes_on_with_either_file_and_a_faded_one_has_neither(tmp_path):
    keeper = open_keeper(keys=tmp_path, staging=tmp_path / "staging", workspace=WORKSPACE)
    folder = tmp_path / "keeper" / "cycles"
    cards = issue(keeper, 1, epoch=NOVEMBER)
    order = opening(keeper, epoch=NOVEMBER)
    cycle = order["cycle"]
    before = open_cycle(keeper, cards, order), keeper.cycles.lookup_key(cycle=cycle, lease=cycle)
    keeper.cycles.make_frozen_keys(cycle)
    first = [path for path in folder.iterdir() if path.is_file() and path.stat().st_size == 32]
    secrets = {path.read_bytes() for path in first}
    for path in first:
        path.unlink()

    assert keeper.keys.standing().cycle_keys_half_kept == len(secrets) == 4
    assert keeper.cycles.lookup_key(cycle=cycle, lease=cycle) == before[1]
    assert open_cycle(keeper, cards, order) == before[0]
    assert keeper.keys.standing().cycle_keys_half_kept == 0

    fade(keeper, cycle)

    left = {path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not secrets & left
    keeper.close()
