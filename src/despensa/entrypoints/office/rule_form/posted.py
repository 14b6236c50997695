"""What was typed into the form as a rule again, then what a button does to it."""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from despensa.domain.catalogue import Catalogue
from despensa.domain.eligibility import sketch
from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import Tree
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rule_form.benefits import more_steps, quantity_of
from despensa.entrypoints.office.rule_form.carried import more_carried
from despensa.entrypoints.office.rule_form.making import Making, at, making
from despensa.entrypoints.office.rule_form.money import empty_budget, empty_money_case, step_of
from despensa.entrypoints.office.rule_form.reading import (
    Unread,
    constant_of,
    line_of,
    whole_of,
)
from despensa.entrypoints.office.rule_form.right import right_posted, right_with
from despensa.entrypoints.office.rule_form.rows import condition_of, fewer_tests, more_tests
from despensa.entrypoints.office.rule_form.sections import sections
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleField
from despensa.entrypoints.office.states import Word

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r"[a-z_]+(-[a-z0-9_]+)*")
_ADDED = (("budget",), ("priority",), ("budget", "case"), ("carry_over",))
_NAME_WRONG = gettext_lazy(
    "Write another name that is still free: lower-case letters, digits and underscores."
)


@dataclass(slots=True)
class Typed:
    """A rule as it was typed; `unread` is what stays in its field because it could not be read."""

    tree: Tree
    unread: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def note(self, name: str, typed: str, why: Word) -> None:
        """Keep what could not be read, to be shown again with what is wrong with it."""
        self.unread[name] = typed
        self.errors.append(FieldError(f"id_{name}", why))


def typed_rule(
    tree: Tree, given: QueryDict, catalogue: Catalogue, units: tuple[Choice, ...], today: str
) -> Typed:
    """Return the rule that was typed over another; a field that was not sent changes nothing."""
    before = making(tree, catalogue, units, today)
    typed = Typed(copy.deepcopy(tree))
    for block in sections(before):
        for one in block.every_field():
            _take_leaf(typed.tree, one, given)
    _take_conditions(typed, before, given)
    codes = [str(clause.get("code", "")) for clause in tree.get("clauses", [])]
    renamed = {
        old: str(new.get("code", ""))
        for old, new in zip(codes, typed.tree.get("clauses", []), strict=True)
    }
    typed.tree["entitled_when"] = _recoded(typed.tree.get("entitled_when"), renamed)
    typed.tree = _renamed(typed, given)
    typed.tree = sketch.declaring(typed.tree, tree, catalogue)
    return typed


def changed(tree: Tree, do: str, today: str) -> Tree:
    """Return a rule after a button: something added, removed, or moved up."""
    verb, _, name = do.partition(":")
    new, path = copy.deepcopy(tree), _path(name)
    is_there = at(tree, path) is not None or (
        verb == "add" and (path in _ADDED or path[0] == "languages")
    )
    if verb == "remove_test" and len(path) > 1:
        is_there = at(tree, path[:-1]) is not None
    if not _PLACE.fullmatch(name) or not is_there:
        return tree
    deed = {"add": _add, "remove": _remove, "up": _up}.get(verb)
    if deed is not None:
        new = deed(new, path, today)
    elif verb == "add_test":
        _put(new, path, more_tests(at(new, path)))
    elif verb == "remove_test" and isinstance(path[-1], int):
        _put(new, path[:-1], fewer_tests(at(new, path[:-1]), path[-1]))
    elif verb == "add_step":
        _put(new, path, more_steps(at(new, path)))
    return new


def with_unread(block: RuleBlock, typed: Typed) -> RuleBlock:
    """Return a block in which what could not be read stands as it was typed."""
    if not typed.unread:
        return block
    return replace(
        block,
        fields=tuple(
            replace(one, value=typed.unread[one.name]) if one.name in typed.unread else one
            for one in block.fields
        ),
        blocks=tuple(with_unread(inner, typed) for inner in block.blocks),
    )


def _take_leaf(tree: Tree, one: RuleField, given: QueryDict) -> None:
    sent = given.get(one.name)
    if one.reads == "nothing" or sent is None or line_of(sent) == one.value:
        return
    value = _READ[one.reads](sent)
    if value is None:
        _drop(tree, one.path)
    else:
        _put(tree, one.path, value)


def _maybe(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda sent: None if not line_of(sent) else read(sent)


def _born(sent: str) -> int | str | None:
    line = line_of(sent)
    return whole_of(line) if len(line) == 4 else line or None


_READ: Mapping[str, Callable[[str], Any]] = {
    "text": line_of,
    "choice": line_of,
    "day": line_of,
    "whole": whole_of,
    "constant": constant_of,
    "maybe": _maybe(line_of),
    "maybe_whole": _maybe(whole_of),
    "yes_no": _maybe(lambda sent: line_of(sent) == "true"),
    "born": _born,
}


def _take_conditions(typed: Typed, before: Making, given: QueryDict) -> None:
    tree, new = before.tree, typed.tree

    def take(path: Path, read: Callable[[], Any]) -> None:
        try:
            _put(new, path, read())
        except Unread as unread:
            typed.note(unread.field.name, unread.typed, unread.why)

    for index, clause in enumerate(tree.get("clauses", [])):
        path: Path = ("clauses", index, "when")
        take(path, lambda p=path, c=clause: condition_of(p, before, c["when"], given))  # type: ignore[misc]
    for index, line in enumerate(tree.get("benefit", [])):
        take(
            ("benefit", index, "quantity"),
            lambda i=index, one=line: _quantity(i, before, one["quantity"], new, given),  # type: ignore[misc]
        )
    for index, step in enumerate(tree.get("priority", [])):
        take(("priority", index), lambda i=index, s=step: step_of(i, before, s, given))  # type: ignore[misc]
        if "first" in step and "first" in new["priority"][index]:
            path = ("priority", index, "first")
            take(path, lambda p=path, s=step: condition_of(p, before, s["first"], given))  # type: ignore[misc]
    take(("entitled_when",), lambda: right_posted(tree.get("entitled_when"), given))


def _quantity(index: int, before: Making, tree: Any, new: Tree, given: QueryDict) -> Any:
    """Read a quantity over what the leaves of its steps have become already."""
    found = quantity_of(index, before, tree, given)
    now = new["benefit"][index]["quantity"]
    if "bands" in tree and isinstance(found, dict) and "bands" in found and "bands" in now:
        return {"bands": {**now["bands"], "of": found["bands"]["of"]}}
    return now if found is tree else found


def _recoded(tree: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(tree, dict):
        return {
            key: codes.get(value, value) if key == "clause" else _recoded(value, codes)
            for key, value in tree.items()
        }
    return [_recoded(one, codes) for one in tree] if isinstance(tree, list) else tree


def _renamed(typed: Typed, given: QueryDict) -> Tree:
    held = list(typed.tree.get("parameters", {}))
    names: dict[str, str] = {}
    for old in held:
        new = line_of(given.get(f"parameters-{old}-name", old))
        if new == old:
            continue
        if not _NAME.fullmatch(new) or new in held or new in names.values():
            typed.note(f"parameters-{old}-name", new, _NAME_WRONG)
            continue
        names[old] = new
    return sketch.renamed(typed.tree, names) if names else typed.tree


def _path(name: str) -> Path:
    return tuple(int(step) if step.isdecimal() else step for step in name.split("-"))


def _add(tree: Tree, path: Path, today: str) -> Tree:
    languages = tree.get("languages", [])
    match path:
        case ("languages", *parts):
            return _told_in(tree, "-".join(map(str, parts)))
        case ("clauses",):
            taken = {clause.get("code") for clause in tree["clauses"]}
            code = _free("GROUND_", taken)
            tree["clauses"].append(sketch.empty_clause(code, languages, today))
            codes = [str(clause.get("code")) for clause in tree["clauses"]]
            tree["entitled_when"] = right_with(tree.get("entitled_when"), codes)
        case ("benefit",):
            tree["benefit"].append(sketch.empty_line(""))
        case ("cases",):
            tree["cases"].append(sketch.empty_case(today))
        case ("parameters",):
            name = _free("number_", set(tree["parameters"]))
            tree["parameters"][name] = sketch.empty_parameter(languages, today)
        case ("parameters", str(), "values"):
            at(tree, path).append(sketch.empty_value(languages, today))
        case ("budget",):
            return empty_budget(tree, today)
        case ("budget", "case"):
            if "budget" in tree:
                tree["budget"].setdefault("case", empty_money_case(today))
        case ("carry_over",):
            return more_carried(tree)
        case ("priority",):
            tree["priority"] = [{"lowest": {"count": {}}}, *tree.get("priority", [])]
        case ("budget", "case", "households"):
            at(tree, path).append({"members": [{}]})
            tree["budget"]["case"]["reached"].append("reached")
        case (*_, "members"):
            if isinstance(at(tree, path), list):
                at(tree, path).append({})
    return tree


def _told_in(tree: Tree, language: str) -> Tree:
    """Return a rule in one language more; what every rule says at first is there already."""
    held = tree.get("languages", [])
    if not language or language in held:
        return tree
    whole = sketch.spoken_in(tree, [*held, language])
    for name, said in whole.get("outcomes", {}).items():
        said.update(words.first_outcomes(name, [language]))
    return whole


def _remove(tree: Tree, path: Path, _today: str) -> Tree:
    if path == ("budget",):
        return {key: value for key, value in tree.items() if key not in ("budget", "priority")}
    if at(tree, path) is None or len(path) < 2:
        return tree
    if path[0] == "languages":
        left = [code for index, code in enumerate(tree["languages"]) if index != path[1]]
        return sketch.spoken_in(tree, left) if left else tree
    del at(tree, path[:-1])[path[-1]]
    if path[0] == "carry_over" and not tree["carry_over"]:
        del tree["carry_over"]
    if path[0] == "clauses" and len(path) == 2:
        codes = [str(clause.get("code")) for clause in tree["clauses"]]
        tree["entitled_when"] = right_with(tree.get("entitled_when"), codes)
    if path[:-1] == ("budget", "case", "households"):
        del tree["budget"]["case"]["reached"][path[-1]]
    return tree


def _up(tree: Tree, path: Path, _today: str) -> Tree:
    held, index = at(tree, path[:-1]), path[-1]
    if isinstance(held, list) and isinstance(index, int) and 0 < index < len(held):
        held[index - 1], held[index] = held[index], held[index - 1]
    return tree


def _free(stem: str, taken: set[Any]) -> str:
    return next(name for n in range(1, len(taken) + 2) if (name := f"{stem}{n}") not in taken)


def _put(tree: Any, path: Path, value: Any) -> None:
    *steps, last = path
    for step in steps:
        tree = tree.setdefault(step, {}) if isinstance(tree, dict) else tree[step]
    tree[last] = value


def _drop(tree: Any, path: Path) -> None:
    holder = at(tree, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
        if not holder and path[-2:-1] == ("facts",):
            _drop(tree, path[:-1])
