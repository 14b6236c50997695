"""What a cycle may cost, and who comes first when its money ends."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.document import Path, RuleError, read_document
from despensa.domain.eligibility.rewrite import written
from despensa.domain.eligibility.sketch import Tree
from despensa.domain.eligibility.table import number_of, number_tree
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.households import household_block
from despensa.entrypoints.office.rule_form.making import Making, at, choices_of, leaf, name_of
from despensa.entrypoints.office.rule_form.reading import Unread
from despensa.entrypoints.office.rule_form.rows import condition_block
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton, RuleField
from despensa.entrypoints.office.said import said

_BUDGET: Path = ("budget",)
_CASE: Path = ("budget", "case")


def empty_budget(tree: Tree, on: str) -> Tree:
    """Return a rule with a budget of which everything is still to be written."""
    languages = tree.get("languages", [])
    lines = tree.get("benefit", [])
    budget = {
        "unit": lines[0].get("unit", "") if lines else "",
        "maximum": "",
        "sentences": {language: {"met": "", "not_met": ""} for language in languages},
        "case": empty_money_case(on),
    }
    order = tree.get("priority") or [{"lot": "seed_in_log"}]
    return {**tree, "budget": budget, "priority": order}


def empty_money_case(on: str) -> Tree:
    """Return an example of the end of the money in which everything is still to be written."""
    return {"sentence": "", "on": on, "households": [{"members": [{}]}], "reached": ["reached"]}


def money_section(making: Making) -> RuleBlock:
    """Return the fields of the budget and of the order, or the button that begins them."""
    title = gettext_lazy("When money ends")
    if "budget" not in making.tree:
        return RuleBlock(
            "part_budget", title, _BUDGET,
            gettext_lazy("Without a limit everybody entitled receives."), layout="section",
            buttons=(RuleButton("add:budget", gettext_lazy("Set a limit for each cycle"),
                                "part_budget"),),
        )  # fmt: skip
    return RuleBlock(
        "part_budget", title, _BUDGET, layout="section",
        blocks=(_limit(making), _order(making), _sentences(making), *_case(making)),
        buttons=(RuleButton("remove:budget", gettext_lazy("Remove the limit"), "part_budget",
                            is_stop=True),),
    )  # fmt: skip


def step_of(index: int, making: Making, tree: Any, given: QueryDict) -> Any:
    """
    Return a step of the order as it was typed; the tree itself when nothing was changed.

    A condition in it is read with the other conditions. Raises: Unread.
    """
    name = f"priority-{index}"
    [(kind, body)] = tree.items()
    wanted = given.get(f"{name}-kind", kind)
    if wanted == kind:
        return _numbered(name, kind, body, making, given) if kind in ("highest", "lowest") else tree
    if wanted == "lot":
        return {"lot": "seed_in_log"}
    if wanted == "first":
        return {"first": {"fact": ""}}
    held = body if kind in ("highest", "lowest") else {"count": {}}
    return {wanted: held} if wanted in words.PRIORITIES else tree


def _numbered(name: str, kind: str, body: Any, making: Making, given: QueryDict) -> Any:
    if number_of(body) is None:
        typed = given.get(f"{name}-text")
        if typed is None or typed.replace("\r\n", "\n").strip() == written(body).strip():
            return {kind: body}
        try:
            return {kind: read_document(typed.replace("\r\n", "\n") + "\n").tree}
        except RuleError as error:
            field = RuleField(f"{name}-text", "")
            raise Unread(field, typed, said(error.problems[0].text)) from error
    by = given.get(f"{name}-by", "")
    return {kind: number_tree(by) if by in making.numbers() else body}


def _limit(making: Making) -> RuleBlock:
    tree = making.tree
    units = [str(line.get("unit")) for line in tree.get("benefit", [])]
    said = {choice.value: choice.word for choice in making.units}
    fields = (
        leaf(tree, ("budget", "unit"), gettext_lazy("Of what"), "choice", kind="select",
             choices=tuple(Choice(unit, said.get(unit, unit)) for unit in dict.fromkeys(units))),
        leaf(tree, ("budget", "maximum"), gettext_lazy("At most in a cycle"), "constant"),
    )  # fmt: skip
    return RuleBlock("part_budget-limit", path=_BUDGET, layout="row", fields=fields)


def _order(making: Making) -> RuleBlock:
    steps = making.tree.get("priority", [])
    return RuleBlock(
        "part_priority", gettext_lazy("Who comes first"), ("priority",),
        gettext_lazy("The order is published with the rule. A lot decides between equals."),
        blocks=tuple(_step(index, making) for index in range(len(steps))),
        buttons=(RuleButton("add:priority", gettext_lazy("One more step"), "part_priority"),),
    )  # fmt: skip


def _step(index: int, making: Making) -> RuleBlock:
    path: Path = ("priority", index)
    name = name_of(path)
    [(kind, body)] = at(making.tree, path).items()
    fields = [
        RuleField(f"{name}-kind", gettext_lazy("Step %(number)s") % {"number": index + 1}, "select",
                  kind, choices=choices_of(words.PRIORITIES), path=path,
                  asks_again="part_priority"),
    ]  # fmt: skip
    blocks: tuple[RuleBlock, ...] = ()
    if kind in ("highest", "lowest"):
        by = number_of(body)
        if by is None:
            fields.append(
                RuleField(f"{name}-text", gettext_lazy("The number as it is written in the file"),
                          "textarea", written(body).rstrip("\n"), path=(*path, kind))
            )  # fmt: skip
        else:
            listed = tuple(Choice(one, making.label(one)) for one in making.numbers())
            fields.append(RuleField(f"{name}-by", gettext_lazy("Of which number"), "select", by,
                                    choices=listed, path=(*path, kind)))  # fmt: skip
    if kind == "first":
        blocks = (condition_block((*path, "first"), making, body),)
    remove = RuleButton(f"remove:{name}", gettext_lazy("Remove this step"), "part_priority",
                        is_stop=True)  # fmt: skip
    row = RuleBlock(f"part_{name}-kind", layout="row", fields=tuple(fields), buttons=(remove,))
    return RuleBlock(f"part_{name}", "", path, layout="card", blocks=(row, *blocks))


def _sentences(making: Making) -> RuleBlock:
    path: Path = ("budget", "sentences")
    said = {
        "met": gettext_lazy("To whom the money reaches"),
        "not_met": gettext_lazy("To whom comes too late"),
    }
    blocks = tuple(
        RuleBlock(
            f"part_{name_of((*path, language))}", words.language_name(language),
            (*path, language),
            fields=tuple(
                leaf(making.tree, (*path, language, state), word, language=language)
                for state, word in said.items()
            ),
        )
        for language in making.languages
    )  # fmt: skip
    return RuleBlock("part_budget-sentences", gettext_lazy("What people are told"), path,
                     blocks=blocks)  # fmt: skip


def _case(making: Making) -> tuple[RuleBlock, ...]:
    tree = making.tree
    if at(tree, _CASE) is None:
        begin = RuleButton("add:budget-case", gettext_lazy("Write the example"), "part_budget-case")
        return (RuleBlock("part_budget-case", gettext_lazy("Example that must come out so"), _CASE,
                          buttons=(begin,)),)  # fmt: skip
    fields = (
        leaf(tree, (*_CASE, "sentence"), gettext_lazy("What this example shows")),
        leaf(tree, (*_CASE, "on"), gettext_lazy("On which day"), "day"),
    )
    households = at(tree, (*_CASE, "households")) or []
    blocks = []
    for index in range(len(households)):
        here: Path = (*_CASE, "households", index)
        reached = leaf(tree, (*_CASE, "reached", index), gettext_lazy("What must come out"),
                       "choice", kind="select", choices=choices_of(words.REACHED))  # fmt: skip
        remove = RuleButton(f"remove:{name_of(here)}", gettext_lazy("Remove this household"),
                            "part_budget-case", is_stop=True)  # fmt: skip
        blocks.append(
            RuleBlock(f"part_{name_of(here)}-whole", path=here, layout="card", fields=(reached,),
                      blocks=(household_block(here, making),), buttons=(remove,))
        )  # fmt: skip
    add = RuleButton("add:budget-case-households", gettext_lazy("One more household"),
                     "part_budget-case")  # fmt: skip
    return (
        RuleBlock("part_budget-case", gettext_lazy("Example that must come out so"), _CASE,
                  layout="fold", fields=fields, blocks=tuple(blocks), buttons=(add,),
                  is_open=not at(tree, (*_CASE, "sentence"))),
    )  # fmt: skip
