"""What was not claimed and goes on into later cycles."""

from typing import Any

from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import Tree
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.making import Making, leaf, name_of
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton

_CARRIED: Path = ("carry_over",)


def more_carried(tree: Tree) -> Tree:
    """Return a rule that carries over one unit more: the first it gives that is not named yet."""
    held: list[Any] = tree.get("carry_over", [])
    named = {one.get("unit") for one in held}
    units = [line.get("unit", "") for line in tree.get("benefit", [])]
    unit = next((unit for unit in units if unit not in named), "")
    return {**tree, "carry_over": [*held, {"unit": unit, "at_most": ""}]}


def carried_section(making: Making) -> RuleBlock:
    """Return the fields of what goes on into later cycles, or the button that begins them."""
    held = making.tree.get("carry_over", [])
    return RuleBlock(
        "part_carry_over", gettext_lazy("What was not claimed"), _CARRIED,
        gettext_lazy("A right ends with its cycle, unless so much of it goes on into the next."),
        layout="section", blocks=tuple(_unit(index, making) for index in range(len(held))),
        buttons=(RuleButton("add:carry_over", gettext_lazy("Carry something over"),
                            "part_carry_over"),),
    )  # fmt: skip


def _unit(index: int, making: Making) -> RuleBlock:
    path: Path = (*_CARRIED, index)
    tree = making.tree
    units = [str(line.get("unit")) for line in tree.get("benefit", [])]
    said = {choice.value: choice.word for choice in making.units}
    fields = (
        leaf(tree, (*path, "unit"), gettext_lazy("Of what"), "choice", kind="select",
             choices=tuple(Choice(unit, said.get(unit, unit)) for unit in dict.fromkeys(units))),
        leaf(tree, (*path, "at_most"), gettext_lazy("At most for one household"), "constant"),
        leaf(tree, (*path, "cycles"), gettext_lazy("For so many cycles"), "maybe_whole",
             kind="number", hint=gettext_lazy("One where nothing is written.")),
    )  # fmt: skip
    remove = RuleButton(f"remove:{name_of(path)}", gettext_lazy("Carry this over no longer"),
                        "part_carry_over", is_stop=True)  # fmt: skip
    return RuleBlock(f"part_{name_of(path)}", path=path, layout="row", fields=fields,
                     buttons=(remove,))  # fmt: skip
