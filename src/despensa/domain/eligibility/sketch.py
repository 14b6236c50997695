"""
Rules that are still being written: where one begins, which facts it declares, and how far it counts.

Decides what of an unfinished rule can be counted already: its conditions, numbers and benefits,
without sentences, titles and cases. Two drafts that differ in words alone are counted alike.
Source: docs/decisions/0026-rules-written-in-the-office.md.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from despensa.domain.catalogue import Catalogue, Fact, FactType, Purpose, Subject
from despensa.domain.eligibility.rewrite import written

Tree = dict[str, Any]
OUTCOME_NAMES = ("entitled", "not_entitled", "needs_information")
STATES = ("met", "not_met", "unknown")
_TYPES = {FactType.BOOL: "boolean", FactType.INT: "integer", FactType.CHOICE: "code"}
_SUBJECTS = {Subject.HOUSEHOLD: "household", Subject.REGISTRANT: "person"}
_SEX = {"of": "person", "type": "code", "values": ["female", "male", "other"]}
_DASH = "-"
_SOME_DAY = "2026-01-01"
_NOBODY: Mapping[str, Any] = {"members": []}


def empty_clause(code: str, languages: Sequence[str], on: str) -> Tree:
    """Return a clause in which everything is still to be written."""
    return {
        "code": code,
        "when": {"fact": ""},
        "sentences": {language: dict.fromkeys(STATES, "") for language in languages},
        "case": {"sentence": "", "on": on, "household": {"members": [{}]}, "state": "met"},
    }


def spoken_in(tree: Tree, languages: Sequence[str]) -> Tree:
    """Return a rule whose texts stand in these languages; those that are new are still empty."""
    whole: Tree = copy.deepcopy(tree)
    whole["languages"] = list(languages)

    def fill(holder: Tree, key: str, states: Sequence[str] = ()) -> None:
        held = holder.get(key) or {}
        holder[key] = {
            one: held.get(one, dict.fromkeys(states, "") if states else "") for one in languages
        }

    fill(whole, "title")
    for name in whole.get("outcomes", {}):
        fill(whole["outcomes"], name)
    for clause in whole.get("clauses", []):
        fill(clause, "sentences", STATES)
    for parameter in whole.get("parameters", {}).values():
        for value in parameter.get("values", []):
            fill(value, "legal_basis")
    if "sentences" in whole.get("budget", {}):
        fill(whole["budget"], "sentences", ("met", "not_met"))
    return whole


def empty_line(unit: str) -> Tree:
    """Return a benefit line that gives one of its unit."""
    return {
        "line": unit.replace("_", "-"),
        "unit": unit,
        "kind": "item",
        "quantity": {"formula": 1},
        "minimum": 1,
        "maximum": 1,
        "while_unknown": 1,
    }


def empty_case(on: str) -> Tree:
    """Return a case in which the household and what it must get are still to be written."""
    return {
        "sentence": "",
        "on": on,
        "household": {"members": [{}]},
        "outcome": "entitled",
    }


def empty_parameter(languages: Sequence[str], on: str) -> Tree:
    """Return a dated number that is still to be written."""
    return {"unit": "number", "values": [empty_value(languages, on)]}


def empty_value(languages: Sequence[str], on: str) -> Tree:
    """Return a value of a dated number that is still to be written."""
    return {"from": on, "value": "", "legal_basis": dict.fromkeys(languages, "")}


def rule_fact(fact: Fact) -> Tree | None:
    """Return how a rule declares a fact of the catalogue, or None when rules may not read it."""
    if Purpose.RULE not in fact.purposes or fact.type not in _TYPES:
        return None
    declared: Tree = {"of": _SUBJECTS[fact.subject], "type": _TYPES[fact.type]}
    return {**declared, "values": list(fact.values)} if fact.values else declared


def facts_to_choose(catalogue: Catalogue) -> dict[str, Tree]:
    """Return every fact that a rule may read, as it declares it, by name."""
    found = {fact.name: rule_fact(fact) for fact in catalogue.facts}
    chosen = {name: declared for name, declared in found.items() if declared is not None}
    return {"sex": dict(_SEX), **chosen}


def declaring(tree: Tree, before: Tree, catalogue: Catalogue) -> Tree:
    """
    Return a rule that declares the facts it reads, and no longer those it stopped reading.

    What its file declared without reading it stays, and cases lose what is no longer declared.
    """
    reads, has_read = set(facts_named(tree)), set(facts_named(before))
    declared = {
        name: fact
        for name, fact in tree.get("facts", {}).items()
        if name in reads or name not in has_read
    }
    known = facts_to_choose(catalogue)
    for name in sorted(reads - set(declared)):
        if name in known:
            declared[name] = known[name]
    gone = set(tree.get("facts", {})) - set(declared)
    return _forgotten({**tree, "facts": declared}, gone) if gone else {**tree, "facts": declared}


def renamed(tree: Tree, parameters: Mapping[str, str]) -> Tree:
    """Return a rule whose parameters have other names, wherever they are named."""

    def text(value: str) -> str:
        for old, new in parameters.items():
            value = value.replace("{" + old + "}", "{" + new + "}")
        return value

    def named(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: parameters.get(one, one) if key == "parameter" else named(one)
                for key, one in node.items()
            }
        if isinstance(node, list):
            return [named(one) for one in node]
        return text(node) if isinstance(node, str) else node

    whole: Tree = named(tree)
    held = whole.get("parameters", {})
    return {**whole, "parameters": {parameters.get(name, name): held[name] for name in held}}


def counted_tree(tree: Tree) -> Tree:
    """Return a rule with all that does not count replaced by dashes, so that the rest is read."""
    whole: Tree = copy.deepcopy(tree)
    whole |= {"format": 1, "rule": "draft", "version": 1, "purpose": "draft", "languages": ["en"]}
    whole["title"] = {"en": _DASH}
    whole["outcomes"] = {name: {"en": _DASH} for name in OUTCOME_NAMES}
    for clause in whole.get("clauses", []):
        clause["sentences"] = {"en": dict.fromkeys(STATES, _DASH)}
        clause["case"] = {
            "sentence": _DASH, "on": _SOME_DAY, "household": dict(_NOBODY), "state": "unknown",
        }  # fmt: skip
    for parameter in whole.get("parameters", {}).values():
        for value in parameter.get("values", []):
            value["legal_basis"] = {"en": _DASH}
    whole["cases"] = [
        {"sentence": _DASH, "on": _SOME_DAY, "household": dict(_NOBODY), "outcome": "entitled"}
    ]
    if "budget" in whole:
        whole["budget"]["sentences"] = {"en": {"met": _DASH, "not_met": _DASH}}
        whole["budget"]["case"] = {
            "sentence": _DASH, "on": _SOME_DAY, "households": [dict(_NOBODY)],
            "reached": ["asks_none"],
        }  # fmt: skip
    return whole


def effect(tree: Tree) -> str:
    """Return a name for what a rule does; two that differ in words alone have the same."""
    return sha256(written(counted_tree(tree)).encode()).hexdigest()


def facts_named(node: object) -> Iterator[str]:
    """Yield the name of every fact that a part of a rule reads."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "fact" and isinstance(value, str):
                yield value
            else:
                yield from facts_named(value)
    elif isinstance(node, list):
        for value in node:
            yield from facts_named(value)


def _forgotten(tree: Tree, names: set[str]) -> Tree:
    def without(node: Any) -> Any:
        if isinstance(node, dict):
            held = {key: without(value) for key, value in node.items()}
            facts = held.get("facts")
            if isinstance(facts, dict) and ("members" in held or set(held) <= {"born", "facts"}):
                held["facts"] = {n: v for n, v in facts.items() if n not in names}
                if not held["facts"]:
                    del held["facts"]
            return held
        return [without(one) for one in node] if isinstance(node, list) else node

    declared = tree["facts"]
    return {**without({key: one for key, one in tree.items() if key != "facts"}), "facts": declared}
