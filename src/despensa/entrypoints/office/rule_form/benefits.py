"""What is given: benefit lines with a quantity that is the same, for each member, or by steps."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.eligibility.document import Path, RuleError, read_document
from despensa.domain.eligibility.rewrite import is_same, written
from despensa.domain.eligibility.table import is_constant, number_of, number_tree
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
from despensa.entrypoints.office.rule_form.reading import Unread, constant_of
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton, RuleField
from despensa.entrypoints.office.said import said


def line_block(index: int, making: Making) -> RuleBlock:
    """Return the fields of one benefit line."""
    path: Path = ("benefit", index)
    tree, name = making.tree, name_of(path)
    units = making.units
    unit = shown(at(tree, (*path, "unit")))
    if unit not in {choice.value for choice in units}:
        units = (*units, Choice(unit, unit))
    fields = (
        leaf(tree, (*path, "unit"), gettext_lazy("What is given"), "choice", kind="select",
             choices=units),
        leaf(tree, (*path, "kind"), gettext_lazy("Goods or money"), "choice", kind="select",
             value=shown(at(tree, (*path, "kind")) or "item"), choices=choices_of(words.KINDS)),
        leaf(tree, (*path, "line"), gettext_lazy("Short name of this line")),
        leaf(tree, (*path, "purpose"), gettext_lazy("Its own purpose"), "maybe",
             hint=gettext_lazy("Only where it is another than that of the rule.")),
    )  # fmt: skip
    limits = (
        leaf(tree, (*path, "minimum"), gettext_lazy("At least"), "whole", kind="number"),
        leaf(tree, (*path, "maximum"), gettext_lazy("At most"), "whole", kind="number"),
        leaf(tree, (*path, "while_unknown"), gettext_lazy("While information is asked for"),
             "whole", kind="number"),
        leaf(tree, (*path, "rounding", "to"), gettext_lazy("Round to multiples of"),
             "maybe_whole", kind="number"),
        leaf(tree, (*path, "rounding", "direction"), gettext_lazy("Rounding"), "choice",
             kind="select", value=shown(at(tree, (*path, "rounding", "direction")) or "down"),
             choices=choices_of(words.ROUNDINGS)),
    )  # fmt: skip
    said = {choice.value: choice.word for choice in units}
    return RuleBlock(
        f"part_{name}", said.get(unit, unit), path, layout="card",
        blocks=(
            RuleBlock(f"part_{name}-unit", layout="row", fields=fields),
            _quantity_block((*path, "quantity"), making),
            RuleBlock(f"part_{name}-limits", gettext_lazy("Limits"), path, layout="row",
                      fields=limits),
        ),
        buttons=(RuleButton(f"remove:{name}", gettext_lazy("Remove this benefit"), "part_benefit",
                            said.get(unit, unit), is_stop=True),),
    )  # fmt: skip


def quantity_of(index: int, making: Making, tree: Any, given: QueryDict) -> Any:
    """
    Return the quantity that was typed; the tree itself when nothing in it was changed.

    Raises: Unread.
    """
    path: Path = ("benefit", index, "quantity")
    name, form = name_of(path), _form(tree)
    if form is None:
        typed = given.get(f"{name}-text")
        if typed is None or typed.replace("\r\n", "\n").strip() == written(tree).strip():
            return tree
        return _read(path, typed.replace("\r\n", "\n"))
    wanted = given.get(f"{name}-form", form)
    first = given.get(f"{name}-value")
    value = _value(tree) if first is None or first == shown(_value(tree)) else constant_of(first)
    if wanted == "bands":
        return _bands(path, tree, value, making, given)
    new = {"formula": {"times": [{"count": {}}, value]}} if wanted == "each" else {"formula": value}
    return tree if is_same(new, tree) or (wanted == form and is_same(value, _value(tree))) else new


def more_steps(tree: Any) -> Any:
    """Return a quantity by steps with one more step, still to be written; another as it is."""
    if _form(tree) != "bands":
        return tree
    bands = tree["bands"]
    return {"bands": {**bands, "steps": [*bands["steps"], {"from": "", "quantity": ""}]}}


def _quantity_block(path: Path, making: Making) -> RuleBlock:
    tree, name = at(making.tree, path), name_of(path)
    form = _form(tree)
    title = gettext_lazy("How much")
    if form is None:
        field = RuleField(f"{name}-text", gettext_lazy("The quantity as it is written in the file"),
                          "textarea", written(tree).rstrip("\n"), path=path)  # fmt: skip
        return RuleBlock(f"part_{name}", title, path, fields=(field,))
    chosen = RuleField(f"{name}-form", gettext_lazy("Quantity"), "select", form, path=path,
                       choices=choices_of(words.QUANTITIES), asks_again=f"part_{name}")  # fmt: skip
    if form != "bands":
        value = RuleField(f"{name}-value", pgettext_lazy("benefit", "How many"),
                          value=shown(_value(tree)), path=path, suggestions="parameters")  # fmt: skip
        return RuleBlock(f"part_{name}", title, path, layout="row", fields=(chosen, value))
    of = number_of(tree["bands"]["of"]) or ""
    by = RuleField(f"{name}-of", gettext_lazy("By which number"), "select", of,
                   choices=tuple(Choice(one, making.label(one)) for one in making.numbers()),
                   path=(*path, "bands", "of"))  # fmt: skip
    here: Path = (*path, "bands", "steps")
    rows = tuple(
        RuleBlock(
            f"part_{name_of((*here, place))}", "", (*here, place), layout="row",
            fields=(
                leaf(making.tree, (*here, place, "from"), gettext_lazy("From this number on"),
                     "constant"),
                leaf(making.tree, (*here, place, "quantity"), gettext_lazy("So many"), "constant"),
            ),
            buttons=(RuleButton(f"remove:{name_of((*here, place))}",
                                gettext_lazy("Remove this step"), f"part_{name}", is_stop=True),),
        )
        for place in range(len(tree["bands"]["steps"]))
    )  # fmt: skip
    add = RuleButton(f"add_step:{name}", gettext_lazy("One more step"), f"part_{name}")
    chosen_row = RuleBlock(f"part_{name}-form", layout="row", fields=(chosen, by))
    return RuleBlock(f"part_{name}", title, path, blocks=(chosen_row, *rows), buttons=(add,))


def _form(tree: object) -> str | None:
    """Return how a quantity is said in the form, or None where the form cannot show it."""
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    [(kind, body)] = tree.items()
    if kind == "formula":
        if is_constant(body):
            return "same"
        times: Any = body.get("times") if isinstance(body, dict) else None
        is_each = isinstance(times, list) and len(times) == 2 and is_constant(times[1])
        return "each" if is_each and is_same(times[0], {"count": {}}) else None
    if kind == "bands" and isinstance(body, dict) and isinstance(body.get("steps"), list):
        is_known = number_of(body.get("of")) is not None
        whole = all(
            isinstance(step, dict) and set(step) == {"from", "quantity"}
            and is_constant(step["from"]) and is_constant(step["quantity"])
            for step in body["steps"]
        )  # fmt: skip
        return "bands" if is_known and whole else None
    return None


def _value(tree: Any) -> Any:
    """Return the quantity to begin another form with."""
    if "bands" in tree:
        steps = tree["bands"]["steps"]
        return steps[0]["quantity"] if steps else 1
    body = tree["formula"]
    return body["times"][1] if isinstance(body, dict) and "times" in body else body


def _bands(path: Path, tree: Any, value: Any, making: Making, given: QueryDict) -> Any:
    if "bands" not in tree:
        return {"bands": {"of": {"count": {}}, "steps": [{"from": 1, "quantity": value}]}}
    of = given.get(f"{name_of(path)}-of", "")
    if of in making.numbers() and of != number_of(tree["bands"]["of"]):
        return {"bands": {**tree["bands"], "of": number_tree(of)}}
    return tree


def _read(path: Path, text: str) -> object:
    try:
        return read_document(text + "\n").tree
    except RuleError as error:
        field = RuleField(f"{name_of(path)}-text", "", path=path)
        raise Unread(field, text, said(error.problems[0].text)) from error
