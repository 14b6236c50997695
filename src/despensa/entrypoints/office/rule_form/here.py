"""What surrounds a rule in this workspace today: its catalogue, its units, and words for both."""

from django.conf import settings

from despensa.domain.eligibility.sketch import Tree
from despensa.entrypoints import wiring
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.making import Making, making
from despensa.entrypoints.office.said import Called
from despensa.entrypoints.office.shell import called
from despensa.records.catalogue import queries as catalogue
from despensa.records.programmes import queries


def today() -> str:
    """Return the day as a rule writes it."""
    return wiring.tools().today().isoformat()


def units() -> tuple[Choice, ...]:
    """Return the units that can be given, in the reader's language."""
    return tuple(Choice(code, called(names) or code) for code, names in queries.units().values())


def making_here(tree: Tree) -> Making:
    """Return the surroundings of a rule."""
    offered = dict.fromkeys((*spoken(), *(code for code, _ in settings.LANGUAGES)))
    return making(tree, catalogue.in_force(), units(), today(), tuple(offered))


def spoken() -> tuple[str, ...]:
    """Return the languages that the workspace speaks to people in."""
    return tuple(wiring.tools().workspace.languages)


def words_for(making: Making) -> Called:
    """Return what the names of a rule's file are called in the reader's language."""
    codes = {("code", code): word for said in making.codes.values() for code, word in said.items()}
    facts = {("fact", name): word for name, word in making.labels.items()}
    goods = {("unit", one.value): one.word for one in making.units}
    goods |= {("unit", unit): word for unit, word in words.SPANS.items()}
    return {**codes, **facts, **goods}  # type: ignore[dict-item]
