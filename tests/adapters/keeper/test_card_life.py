"""What becomes of cards over the months: the keeper does what vectors/card/life.json tells."""

import json
import os
import shutil
from pathlib import Path

import pytest

from despensa.adapters.backup import archive
from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.card import tag as tags
from despensa.domain.ledger.opening_rows import CARD, TAG
from tests.adapters.keeper import approved

LIFE = json.loads((Path(__file__).parents[3] / "vectors/card/life.json").read_text("utf-8"))
LOOKUP_KEY, PROGRAMME = bytes.fromhex(LIFE["lookup_key"]), bytes.fromhex(LIFE["programme"])
SHARE = 2


class Player:
    """Does the acts of a case with a real keeper; `made` are its tags as (step, tag), in order."""

    def __init__(self, case, tmp_path):
        self.folders = iter([tmp_path / "first", tmp_path / "restored"])
        self.cards = {card["name"]: card for card in case["cards"]}
        self.made = []
        self.orders = {}
        self.folder = self.keeper = None
        self.restore(None)

    def restore(self, _):
        """Start anew from what a backup holds of the folder so far."""
        before, self.folder = self.folder, next(self.folders)
        if self.keeper is None:
            (self.folder / "log").mkdir(parents=True)
            (self.folder / "workspace.toml").write_text("")
        else:
            self.keeper.close()
            for name, path in archive.workspace_files(before):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self.folder / name)
        self.keeper = open_keeper(
            keys=self.folder / "keys", staging=self.folder / "run", workspace=approved.WORKSPACE
        )

    def issue(self, act):
        """Hold the links of cards as `CardIssuer.issue` leaves them, with secrets of ours."""
        self.register(act | {"step": 0})

    def register(self, act):
        links = self.keeper.cycles._links.load()
        for name in act["cards"]:
            card = self.cards[name]
            first = tags.Link(card["epoch"], bytes.fromhex(card["secret"]))
            links[card["number"]] = tags.walk(first, max(act["step"], first.epoch))
        self.keeper.cycles._links.store(links)

    def forget(self, act):
        self.keeper.cards.forget(
            [self.cards[name]["number"] for name in act["cards"]], at=approved.AT
        )

    def open(self, act):
        cycle, root = bytes.fromhex(act["cycle"]), act.get("late_of")
        if root is None:
            order = approved.opening(self.keeper, epoch=act["epoch"], cycle=cycle, share=SHARE)
            self.orders[act["cycle"]] = order
        else:
            order = self.orders[root] | {"cycle": cycle, "late_of": bytes.fromhex(root)}
        self.keeper.cycles.step_links(**order)
        for name in act["cards"]:
            packed = CARD.pack(self.cards[name]["number"].encode(), bytes(16), 1, True)
            rows = self.keeper.cycles.open_cycle(**order, cards=packed, goods=b"").tags
            self.made += [(step, made) for made, step, *_ in TAG.iter_unpack(rows)]

    def lease(self, act):
        [home] = self.keeper.cycles.lease_rows(
            cycle=bytes.fromhex(act["cycle"]), programme=PROGRAMME, lookup_key=LOOKUP_KEY,
            households=[(bytes(16), [self.cards[name]["number"] for name in act["cards"]])],
        )  # fmt: skip
        self.made += [(step, made) for step, made, _, _ in home.cards]

    def fade(self, act):
        approved.fade(self.keeper, bytes.fromhex(act["cycle"]))


@pytest.mark.parametrize("case", LIFE["cases"], ids=lambda case: case["name"])
def test_the_keeper_makes_these_tags(case, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(approved, "PROGRAMME", PROGRAMME)
    player = Player(case, tmp_path)

    for act in case["acts"]:
        getattr(player, act["act"])(act)

    assert player.made == [(row["step"], bytes.fromhex(row["tag"])) for row in case["tags"]]
    player.keeper.close()
