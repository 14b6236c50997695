"""The invented households of a rule's cases as fields."""

from typing import Any

from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import OUTCOME_NAMES, STATES, Tree
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.making import (
    Making,
    at,
    choices_of,
    leaf,
    name_of,
    shown,
)
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton, RuleField

_READS = {"boolean": "yes_no", "integer": "maybe_whole", "code": "maybe"}


def clause_case(path: Path, making: Making) -> RuleBlock:
    """Return the fields of the case of a clause."""
    states = {state: words.STATES[state] for state in STATES}
    tree = making.tree
    fields = (
        leaf(tree, (*path, "sentence"), gettext_lazy("What this example shows")),
        leaf(tree, (*path, "on"), gettext_lazy("On which day"), "day"),
        leaf(tree, (*path, "state"), gettext_lazy("What must come out"), "choice", kind="select",
             choices=choices_of(states)),
    )  # fmt: skip
    return RuleBlock(
        f"part_{name_of(path)}", gettext_lazy("Example that must come out so"), path,
        layout="fold", fields=fields, blocks=(household_block((*path, "household"), making),),
        summary=str(at(tree, (*path, "sentence")) or ""),
    )  # fmt: skip


def rule_case(path: Path, making: Making) -> RuleBlock:
    """Return the fields of a case of the rule."""
    tree = making.tree
    outcomes = {name: words.OUTCOMES[name] for name in OUTCOME_NAMES}
    sentence = str(at(tree, (*path, "sentence")) or "")
    units = [str(line.get("unit")) for line in tree.get("benefit", [])]
    said = {choice.value: choice.word for choice in making.units}
    lines = at(tree, (*path, "lines"))
    # an example that names what it gets gets nothing of all else
    given = tuple(
        leaf(tree, (*path, "lines", unit), said.get(unit, unit), "maybe_whole", kind="number",
             value="" if lines is None else shown(lines.get(unit, 0)))
        for unit in dict.fromkeys(units)
    )  # fmt: skip
    fields = (
        leaf(tree, (*path, "sentence"), gettext_lazy("What this example shows")),
        leaf(tree, (*path, "on"), gettext_lazy("On which day"), "day"),
        leaf(tree, (*path, "outcome"), gettext_lazy("What must come out"), "choice",
             kind="select", choices=choices_of(outcomes)),
    )  # fmt: skip
    goods = RuleBlock(f"part_{name_of(path)}-lines", gettext_lazy("What it gets"),
                      (*path, "lines"), layout="row", fields=given)  # fmt: skip
    return RuleBlock(
        f"part_{name_of(path)}", sentence or gettext_lazy("A new example"), path, layout="fold",
        fields=fields, blocks=(goods, household_block((*path, "household"), making)),
        buttons=(RuleButton(f"remove:{name_of(path)}", gettext_lazy("Remove this example"),
                            "part_cases", sentence, is_stop=True),),
        is_open=not sentence,
    )  # fmt: skip


def household_block(path: Path, making: Making) -> RuleBlock:
    """Return the fields of an invented household: where it lives, its facts, its members."""
    tree = making.tree
    members = at(tree, (*path, "members")) or []
    rows = tuple(_member((*path, "members", index), making) for index in range(len(members)))
    fields = (
        leaf(tree, (*path, "area"), gettext_lazy("Where it lives"), "choice", kind="select",
             value=str(at(tree, (*path, "area")) or "inside"), choices=choices_of(words.AREAS)),
        *(_fact((*path, "facts", name), name, making) for name in _declared(making, "household")),
    )  # fmt: skip
    name = name_of(path)
    add = RuleButton(f"add:{name}-members", gettext_lazy("One more member"), f"part_{name}")
    return RuleBlock(f"part_{name}", gettext_lazy("The invented household"), path, layout="row",
                     fields=fields, blocks=rows, buttons=(add,))  # fmt: skip


def _member(path: Path, making: Making) -> RuleBlock:
    born = leaf(making.tree, (*path, "born"), gettext_lazy("Born"), "born",
                hint=gettext_lazy("Year and month, as in 1990-05; a year alone; or nothing."))  # fmt: skip
    facts = tuple(
        _fact((*path, "facts", name), name, making) for name in _declared(making, "person")
    )
    number = int(path[-1]) + 1
    remove = RuleButton(f"remove:{name_of(path)}", gettext_lazy("Remove this member"),
                        f"part_{name_of(path[:-2])}", is_stop=True)  # fmt: skip
    return RuleBlock(f"part_{name_of(path)}", gettext_lazy("Member %(number)s") % {"number": number},
                     path, layout="row", fields=(born, *facts), buttons=(remove,))  # fmt: skip


def _declared(making: Making, of: str) -> list[str]:
    facts: Tree = making.tree.get("facts", {})
    return [name for name, fact in facts.items() if fact.get("of") == of]


def _fact(path: Path, name: str, making: Making) -> RuleField:
    kind = str(making.facts[name]["type"])
    other: dict[str, Any] = {"kind": "number"}
    if kind == "boolean":
        other = {"kind": "select", "choices": choices_of(words.YES_NO)}
    if kind == "code":
        nothing = Choice("", words.YES_NO[""])
        other = {"kind": "select", "choices": (nothing, *making.code_choices(name))}
    return leaf(making.tree, path, making.label(name), _READS[kind], **other)
