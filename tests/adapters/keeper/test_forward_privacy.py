"""
Whoever holds every key of the server, and every backup, makes no tag of a past epoch.

The thief here tries every 16 and every 32 bytes in a row of all that is left, and of all that can be
opened with it, as a link of each card, and walks it forward. What cards' holders carry is not taken.
"""

import os
import shutil

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters import age
from despensa.adapters.backup import archive
from despensa.adapters.keeper import escrow, key_files, locking
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.links import LinkFile
from despensa.domain.card import tag as tags
from despensa.domain.ports.key_office import ESCROW, Custodian
from despensa.domain.proposal import Reason
from tests.adapters.keeper.approved import (
    AT,
    PROGRAMME,
    WORKSPACE,
    approve,
    fade,
    issue,
    open_cycle,
    opening,
)

NOVEMBER, STEPS_WALKED = 10, 3


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def folder(tmp_path):
    office = tmp_path / "office"
    (office / "log").mkdir(parents=True)
    (office / "workspace.toml").write_text("format = 1\n")
    return office


@pytest.fixture
def keeper(folder):
    opened = open_keeper(keys=folder / "keys", staging=folder / "run/staging", workspace=WORKSPACE)
    yield opened
    opened.close()


def backed_up(folder, target):
    """Keep what a general backup of the workspace holds, opened."""
    for name, path in archive.workspace_files(folder):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target / name)


def loot(*folders):
    """Return all bytes below folders, and all link files that any key there opens."""
    files = [path for one in folders for path in one.rglob("*") if path.is_file()]
    found = {path.read_bytes() for path in files}
    keys = [data for data in found if len(data) == key_files.SECRET_LENGTH]
    for sealed in [path.read_bytes() for path in files if path.suffix == ".links"]:
        file_id, chunks, chunk = sealed[:16], sealed[16:20], sealed[20:]
        place = b"despensa/links/1" + WORKSPACE + file_id + bytes(4) + chunks
        for key in keys:
            try:
                found.add(AESGCM(key).decrypt(bytes(12), chunk, place))
            except InvalidTag:
                continue
    return found


def makeable(found, cycle):
    """Return every tag of a cycle that a thief makes from what was found."""
    made = set()
    windows = {
        data[at : at + length]
        for data in found
        for length in (16, 32)
        for at in range(len(data) - length + 1)
    }
    for key in windows:
        link = tags.Link(0, key)
        for step in range(STEPS_WALKED + 1):
            link = tags.walk(link, step)
            made.add(tags.tag16(link.key, programme=PROGRAMME, cycle=cycle))
    return made


def test_tags_of_past_epochs_are_made_from_nothing_that_is_left(keeper, folder, tmp_path):
    cards, past = issue(keeper, 3, epoch=NOVEMBER), []
    for month in range(3):
        order = opening(keeper, epoch=NOVEMBER + month)
        past.append((order["cycle"], set(open_cycle(keeper, cards, order))))
        backed_up(folder, tmp_path / f"backup-{month}")
        cards += issue(keeper, 1, epoch=NOVEMBER + month)
    now, tags_now = past.pop()

    found = loot(tmp_path)

    assert tags_now <= makeable(found, now), "a thief who makes no tag at all proves nothing"
    for cycle, made in past:
        assert not made & makeable(found, cycle)


def test_copies_for_custodians_and_the_key_of_the_lock_make_none_either(keeper, folder, tmp_path):
    """The thief is a custodian who kept a copy of the keys, opens the lock, and has a backup."""
    identity, public = age.new_identity()
    both = [Custodian("one", public), Custodian("two", age.new_identity()[1])]
    named = tuple([one.name, one.public] for one in both)
    cards = issue(keeper, 2, epoch=NOVEMBER)
    past, now = (opening(keeper, epoch=NOVEMBER + month) for month in (0, 1))
    made = set(open_cycle(keeper, cards, past))
    asked = approve(keeper, ESCROW, Reason.KEY_ROTATION, parameters=named)
    copy = escrow.opened(keeper.keys.escrow(**asked, at=AT), identity, workspace=WORKSPACE)
    backed_up(folder, tmp_path / "backup")
    below = folder / "keys" / "keeper"
    locking.lock(
        below, workspace=WORKSPACE, custodians=both, before=None, keep_start=lambda _: None,
        random=os.urandom,
    )  # fmt: skip
    storage = locking.opened(below, workspace=WORKSPACE, identity=identity).storage_keys
    reopened = open_keeper(
        keys=folder / "keys", staging=folder / "run/staging", workspace=WORKSPACE,
        storage_keys=storage,
    )  # fmt: skip
    made_now = set(open_cycle(reopened, cards, now))
    reopened.close()

    lying = key_files.KeyFiles(below, WORKSPACE, storage)
    known = [*storage, *copy.keys.values(), *map(lying.read, key_files.secrets_below(below))]
    (tmp_path / "known").mkdir()
    for number, secret in enumerate(known):
        (tmp_path / "known" / str(number)).write_bytes(secret)
    found = loot(tmp_path)

    assert made_now <= makeable(found, now["cycle"])
    assert not made & makeable(found, past["cycle"])


@pytest.mark.parametrize("kept", ["the whole folder", "a key and its file"])
def test_the_thief_would_find_a_key_that_was_kept(keeper, folder, tmp_path, kept):
    cards = issue(keeper, 2, epoch=NOVEMBER)
    order = opening(keeper, epoch=NOVEMBER)
    made = set(open_cycle(keeper, cards, order))
    links = folder / "keys" / "keeper" / "links"
    shutil.copytree(links if kept == "the whole folder" else links / "b", tmp_path / "kept")

    open_cycle(keeper, cards, opening(keeper, epoch=NOVEMBER + 1))

    assert made <= makeable(loot(tmp_path), order["cycle"])
    shutil.rmtree(tmp_path / "kept")
    assert not made & makeable(loot(tmp_path), order["cycle"])


def test_a_cycle_that_faded_has_no_tags_even_when_none_was_opened_since(keeper, folder, tmp_path):
    cards = issue(keeper, 2, epoch=NOVEMBER)
    order = opening(keeper, epoch=NOVEMBER)
    made = set(open_cycle(keeper, cards, order))
    assert made <= makeable(loot(tmp_path), order["cycle"])

    fade(keeper, order["cycle"])

    assert not made & makeable(loot(tmp_path), order["cycle"])
    links = keeper.cycles._links.records()
    fade(keeper, order["cycle"])
    assert keeper.cycles._links.records() == links, "faded again, nothing moves"


def test_tags_of_a_late_lease_fade_with_their_cycle(keeper, tmp_path):
    """Another programme moved the links on; a list of the open cycle was prepared after that."""
    cards = issue(keeper, 2, epoch=NOVEMBER)
    early, later = (opening(keeper, epoch=NOVEMBER + month) for month in (0, 1))
    made = open_cycle(keeper, cards, early)
    open_cycle(keeper, cards, later)
    [home] = keeper.cycles.lease_rows(
        cycle=early["cycle"], programme=PROGRAMME, lookup_key=bytes(32),
        households=iter([(b"h" * 16, [card.number for card in cards])]),
    )  # fmt: skip
    made |= {tag: step for step, tag, _, _ in home.cards}
    assert set(made.values()) == {NOVEMBER, NOVEMBER + 1}

    fade(keeper, early["cycle"])

    assert not set(made) & makeable(loot(tmp_path), early["cycle"])


def test_cards_of_a_cycle_that_goes_on_keep_their_chain(keeper):
    """What a fade moves on stays the chain the card itself walks."""
    cards = issue(keeper, 2, epoch=NOVEMBER)
    faded, going_on = (opening(keeper, epoch=NOVEMBER) for _ in range(2))
    open_cycle(keeper, cards, faded)
    open_cycle(keeper, cards, going_on)

    fade(keeper, faded["cycle"])
    made = open_cycle(keeper, cards, going_on)

    expected = tags.tags(
        [tags.walk(tags.Link(card.epoch, card.secret), NOVEMBER + 1) for card in cards],
        cycle_epoch=NOVEMBER, programme=PROGRAMME, cycle=going_on["cycle"],
    )  # fmt: skip
    assert made == {one.tag: NOVEMBER + 1 for one in expected}


@pytest.mark.parametrize("act", ["opened", "faded"])
@pytest.mark.parametrize("at_call", range(1, 17))
def test_killed_anywhere_and_asked_again_nothing_old_is_left(
    keeper, tmp_path, monkeypatch, act, at_call
):
    cards = issue(keeper, 2, epoch=NOVEMBER)
    order, following = (opening(keeper, epoch=NOVEMBER + month) for month in (0, 1))
    made = set(open_cycle(keeper, cards, order))

    def again():
        if act == "opened":
            keeper.cycles.step_links(**following)
        else:
            fade(keeper, order["cycle"])

    _killed(monkeypatch, at_call, again)
    again()

    assert not made & makeable(loot(tmp_path), order["cycle"])


@pytest.mark.parametrize("at_call", range(1, 17))
def test_the_link_of_a_dead_card_is_gone_from_both_copies(keeper, folder, monkeypatch, at_call):
    cards = issue(keeper, 2, epoch=NOVEMBER)
    dead = cards[0]

    _killed(monkeypatch, at_call, lambda: keeper.cards.forget([dead.number], at=AT))
    keeper.cards.forget([dead.number], at=AT)

    assert not [data for data in loot(folder) if dead.secret in data]


def test_two_copies_of_different_steps_are_not_settled(tmp_path):
    file = LinkFile(tmp_path, workspace=WORKSPACE, random=os.urandom)
    assert file.is_settled()
    file.store({"C7Q488KD2T": tags.Link(5, bytes(16))})
    assert file.is_settled()

    shutil.copytree(tmp_path / "b", tmp_path / "old")
    file.store({"C7Q488KD2T": tags.Link(6, bytes(32))})
    shutil.rmtree(tmp_path / "b")
    (tmp_path / "old").rename(tmp_path / "b")

    assert not file.is_settled()
    (tmp_path / "b" / "current").unlink()
    assert not file.is_settled()


def _killed(monkeypatch, at_call, act):
    """Do something and die at the given flush to the disk, if it comes to that."""
    calls = []

    def dies(descriptor):
        calls.append(descriptor)
        if len(calls) == at_call:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dies)
        try:
            act()
        except Killed:
            return
