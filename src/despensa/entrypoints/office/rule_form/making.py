"""What the fields of a rule are made with: the facts and units to choose from, and names of fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from despensa.domain.catalogue import Catalogue
from despensa.domain.eligibility import table
from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import Tree, facts_to_choose
from despensa.domain.eligibility.table import Kind
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_pages import RuleField
from despensa.entrypoints.office.states import Word

_KINDS: Mapping[str, Kind] = {"boolean": "boolean", "code": "code", "integer": "integer"}


@dataclass(frozen=True, slots=True)
class Making:
    """
    The surroundings of one rule.

    Shape: `facts` are those to choose from and those the file declares, by name; `labels` what
        they say in the reader's language; `codes` the same for the values of each; `spoken` the
        languages of the workspace and of the office.
    """

    tree: Tree
    facts: Mapping[str, Tree]
    labels: Mapping[str, Word]
    codes: Mapping[str, Mapping[str, Word]]
    units: tuple[Choice, ...]
    today: str
    spoken: tuple[str, ...] = ()

    @property
    def languages(self) -> list[str]:
        """Return the languages of the rule's texts."""
        return [str(code) for code in self.tree.get("languages", [])]

    @property
    def is_of_persons(self) -> bool:
        """Return whether each person has the right, and not the household."""
        return self.tree.get("subject") == "person"

    def kind(self, what: str) -> Kind:
        """Return what a test of this can be compared with."""
        if what == table.AREA:
            return "area"
        if what in (table.AGE_YEARS, table.AGE_MONTHS):
            return "age"
        if what == table.MEMBERS or what.startswith(table.SUM):
            return "integer"
        return _KINDS.get(str(self.facts.get(what, {}).get("type")), "boolean")

    def is_of_member(self, what: str) -> bool:
        """Return whether this is asked of a member, and not of the household."""
        if what in (table.AGE_YEARS, table.AGE_MONTHS):
            return True
        return bool(self.facts.get(what, {}).get("of") == "person")

    def code_choices(self, what: str) -> tuple[Choice, ...]:
        """Return the values that a fact may take."""
        said = self.codes.get(what, {})
        values = self.facts.get(what, {}).get("values", [])
        return tuple(Choice(str(one), said.get(one, one)) for one in values)

    def label(self, what: str) -> Word:
        """Return what a test asks for, in words."""
        if what.startswith(table.SUM):
            return words.SUMMED % {"fact": self.label(what.removeprefix(table.SUM))}
        return words.WHATS.get(what) or self.labels.get(what, what)

    def numbers(self) -> list[str]:
        """Return every number that can be counted or ordered by."""
        whole = [name for name, fact in self.facts.items() if fact["type"] == "integer"]
        mine = [name for name in whole if self.is_of_persons or not self.is_of_member(name)]
        return [table.MEMBERS, *mine, *(table.SUM + n for n in whole if self.is_of_member(n))]


def making(
    tree: Tree,
    catalogue: Catalogue,
    units: tuple[Choice, ...],
    today: str,
    spoken: Sequence[str] = (),
) -> Making:
    """Return the surroundings of a rule in the reader's language."""
    language = (get_language() or "en").split("-")[0]
    labels: dict[str, Word] = {"sex": words.SEX}
    codes: dict[str, Mapping[str, Word]] = {"sex": words.CODES}
    for fact in catalogue.facts:
        labels[fact.name] = fact.label.get(language, fact.label["en"])
        said = {value: fact.value_labels.get(value, {}) for value in fact.values}
        codes[fact.name] = {value: one.get(language, value) for value, one in said.items()}
    facts = facts_to_choose(catalogue) | dict(tree.get("facts", {}))
    return Making(tree, facts, labels, codes, units, today, tuple(spoken))


def name_of(path: Path) -> str:
    """Return the name of the field at a place in the rule."""
    return "-".join(map(str, path))


def shown(value: object) -> str:
    """Return a leaf of a rule as its field shows it: a parameter by its name."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("parameter", ""))
    return "" if value is None else str(value)


def at(tree: Any, path: Path) -> Any:
    """Return what stands at a place in a rule, None when nothing does."""
    for step in path:
        if isinstance(tree, list):
            is_there = isinstance(step, int) and step < len(tree)
        else:
            is_there = isinstance(tree, dict) and step in tree
        if not is_there:
            return None
        tree = tree[step]
    return tree


def leaf(tree: Tree, path: Path, label: Word, reads: str = "text", **other: Any) -> RuleField:
    """Return the field of one leaf of a rule."""
    field: dict[str, Any] = {"reads": reads, "value": shown(at(tree, path)), "path": path, **other}
    if reads == "day":
        field.setdefault("kind", "date")
    if reads == "constant":
        field.setdefault("suggestions", "parameters")
    return RuleField(name_of(path), label, **field)


def choices_of(said: Mapping[str, Word]) -> tuple[Choice, ...]:
    """Return a table of words as the lines of a select."""
    return tuple(Choice(code, word) for code, word in said.items())
