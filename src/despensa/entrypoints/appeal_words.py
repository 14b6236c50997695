"""
What a paper of an appeal says, in a household's language.

The same texts on the command line, on pages and on the printed paper; they lie in
`data/sentences/appeals.yaml`, so that a paper reads the same wherever it is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from despensa.domain.appeal import Answer, Ground, Reason
from despensa.domain.receipt import Receipt, ReceiptKind

_KINDS = frozenset({ReceiptKind.APPEAL_BROUGHT, ReceiptKind.APPEAL_ANSWERED})


@dataclass(frozen=True, slots=True)
class Said:
    """The title of a paper and its sentences."""

    title: str
    sentences: tuple[str, ...]


def ground_said(ground: Ground, language: str) -> str:
    """Return what a household says is wrong, in English where the language is not spoken."""
    return str(_in(_texts()["grounds"][ground.name.lower()], language))


def reason_said(reason: Reason, language: str) -> str:
    """Return why an appeal is not upheld, in English where the language is not spoken."""
    return str(_in(_texts()["reasons"][reason.name.lower()], language))


def appeal_said(receipt: Receipt, language: str, day: Callable[[int], str]) -> Said | None:
    """
    Return what a receipt says, None for one that is not of an appeal.

    `day` writes a day counted since 1970-01-01. A number of a later release is left out.
    """
    if receipt.kind not in _KINDS:
        return None
    name = "brought" if receipt.answer is None else Answer(receipt.answer).name.lower()
    message = _in(_texts()["messages"][name], language)
    places = {
        "ground": _named(receipt.ground, Ground, "grounds", language),
        "reason": _named(receipt.reason, Reason, "reasons", language),
        "answer_until": "" if receipt.answer_until is None else day(receipt.answer_until),
        "appeal_until": "" if receipt.appeal_until is None else day(receipt.appeal_until),
    }
    sentences = list(message["sentences"])
    if receipt.appeal_until is not None:
        sentences.append(message["again"])
    return Said(message["title"], tuple(text.format(**places) for text in sentences))


def _named(number: int | None, kind: Any, texts: str, language: str) -> str:
    known = {int(one): one.name.lower() for one in kind}
    if number is None or int(number) not in known:
        return ""
    return str(_in(_texts()[texts][known[int(number)]], language))


def _in(spoken: dict[str, Any], language: str) -> Any:
    return spoken.get(language) or spoken.get(language.partition("-")[0]) or spoken["en"]


@cache
def _texts() -> dict[str, Any]:
    text = resources.files("despensa.data").joinpath("sentences/appeals.yaml").read_text("utf-8")
    texts: dict[str, Any] = yaml.safe_load(text)
    return texts
