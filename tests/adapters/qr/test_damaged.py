"""Which damage a card survives: the page of read rates names every kind, and the mild ones are read."""

import re
from pathlib import Path

import pytest

from despensa.adapters.qr import read_images
from tests.adapters.qr import damaged

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "read-rates.md"
# the page's own figures: what every one of its twenty cards survived at once
ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| (\d+) % \| (\d+) % \| (\d+) \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)
SURVIVED = {(kind, far) for kind, far, frame, _, _ in ROWS if int(frame) == 100}
SAMPLE = [kind for kind in damaged.KINDS if kind[:2] in SURVIVED][::2]


@pytest.fixture(scope="module")
def cards():
    return damaged.printed(2)


def test_the_page_has_every_kind_and_nothing_is_misread():
    assert [(kind, far) for kind, far, *_ in ROWS] == [kind[:2] for kind in damaged.KINDS]
    assert all(int(patient) >= int(frame) for _, _, frame, patient, _ in ROWS)
    assert {wrong for *_, wrong in ROWS} == {"0"}


@pytest.mark.parametrize("kind", SAMPLE, ids=lambda kind: f"{kind[0]}, {kind[1]}")
def test_what_the_page_says_is_survived_is_read(cards, kind):
    for text, file in damaged.shots(kind, cards, seed=1):
        assert read_images(file) == [text]
