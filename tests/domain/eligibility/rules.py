"""Where the rules of the tests lie and how they are changed."""

from pathlib import Path
from typing import Any

from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Rule

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "vectors" / "eligibility"
RULES = ROOT / "src" / "despensa" / "data" / "rules"
FOOD_PARCEL = (RULES / "food-parcel.yaml").read_text(encoding="utf-8")
EVERY_NODE = (VECTORS / "every-node.yaml").read_text(encoding="utf-8")
PERSON_AND_BUDGET = (VECTORS / "person-and-budget.yaml").read_text(encoding="utf-8")


def changed(text: str, old: str, new: str) -> str:
    """Return a rule's text with the first occurrence of a piece replaced; it must occur."""
    assert old in text, f"{old!r} is not in the rule's text any more"
    return text.replace(old, new, 1)


def food_parcel() -> Rule:
    """Return the published food-parcel rule."""
    return parse_text(FOOD_PARCEL)


def vector(name: str) -> Any:
    """Return the tree of a vector file (YAML as rule files are read: `on` is a word)."""
    return read_document((VECTORS / name).read_text(encoding="utf-8")).tree
