"""
The questions of a registration in the reader's language: those of the form for phones.

Read from `data/templates/form-1.yaml`, so that a household is asked the same things in the same
words at a desk and in the field. Facts bring their own sentences from the catalogue.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.utils.translation import get_language, gettext

from despensa.domain.catalogue import Fact, FactType
from despensa.entrypoints.office.parts import Choice

SELECTED = {
    "sex": "sex", "role": "role", "collector": "collector", "document_type": "document_type",
    "document_2_type": "document_type",
}  # fmt: skip


def label(name: str) -> str:
    """Return the question a field asks."""
    return _said(_words()["questions"][name])


def hint(name: str) -> str:
    """Return what is said beside a question, or an empty text."""
    said = _words()["hints"].get(name)
    return "" if said is None else _said(said)


def choices(name: str) -> tuple[Choice, ...]:
    """Return the answers a field may have, in their order; nothing for a free text."""
    listed = _words()["choices"].get(SELECTED.get(name, ""), {})
    return tuple(Choice(value, _said(said)) for value, said in listed.items())


def fact_label(fact: Fact) -> str:
    """Return the question a fact asks."""
    return _said(fact.label)


def fact_choices(fact: Fact) -> tuple[Choice, ...]:
    """Return the answers a fact may have, "not known" first; nothing for a number or a text."""
    unknown = Choice("", gettext("not known"))
    match fact.type:
        case FactType.BOOL:
            listed = _words()["choices"]["yes_no"]
            return (unknown, *(Choice(value, _said(said)) for value, said in listed.items()))
        case FactType.CHOICE:
            words = fact.value_labels
            named = (Choice(value, _said(words.get(value, {"en": value}))) for value in fact.values)
            return (unknown, *named)
        case FactType.LANGUAGE:
            listed = _words()["languages"]
            return (unknown, *(Choice(code, name) for code, name in listed.items()))
    return ()


def _said(words: Mapping[str, str]) -> str:
    language = (get_language() or "en").partition("-")[0]
    return words.get(language) or words["en"]


@cache
def _words() -> Mapping[str, Any]:
    path = resources.files("despensa.data").joinpath("templates/form-1.yaml")
    document: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
