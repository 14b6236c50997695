"""
From a rule file to a rule, or to the list of everything that is wrong with it.

First the JSON Schema, then what a schema cannot see: names, scopes, dates, languages, sizes. A
rule is never half read. Source: data/schemas/rule-1.json; docs/explanation/design.md section 7.1.
"""

import importlib.resources
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from despensa.domain.eligibility.build import Builder
from despensa.domain.eligibility.document import (
    DEPTH_MAX,
    TOO_DEEP,
    Mark,
    Path,
    Problem,
    RuleDocument,
    RuleError,
    read_document,
)
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.rule import Rule

PROBLEMS_MAX = 50
_LANGUAGE = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_MONTHS = "(0[1-9]|1[0-2])"
_WRITTEN = {
    "^[a-z][a-z0-9_]{0,39}$": RuleFault("name"),
    "^[a-z][a-z0-9-]{0,39}$": RuleFault("slug"),
    "^[A-Z][A-Z0-9_]{0,39}$": RuleFault("code"),
    _LANGUAGE: RuleFault("language"),
    f"^[0-9]{{4}}-{_MONTHS}-(0[1-9]|[12][0-9]|3[01])$": RuleFault("day"),
    f"^(unknown|[0-9]{{4}}(-{_MONTHS})?)$": RuleFault("month"),
}
_ONLY = {"programme": RuleFault("only_programme"), "seed_in_log": RuleFault("only_seed")}
_KINDS = {"object": "kind_map", "array": "kind_list", "string": "kind_text",
          "integer": "kind_whole", "integer object": "kind_number",
          "boolean integer string": "kind_value"}  # fmt: skip
_FOUND_MAX = 60


def parse_text(text: str) -> Rule:
    """
    Return the rule written in a YAML or JSON text.

    Raises: RuleError with every problem, its line, its path and how to mend it.
    """
    return parse(read_document(text))


def parse(document: RuleDocument | Mapping[str, Any]) -> Rule:
    """
    Return the rule a document or a plain tree holds.

    Holds: `rule.source` is the NFC-normalised tree; equal trees give equal rules and hashes.
    Raises: RuleError with every problem found, in the order of the text.
    """
    marks: Mapping[Path, Mark] = {}
    tree: object = document
    if isinstance(document, RuleDocument):
        tree, marks = document.tree, document.marks
    problems = list(_text_problems(tree, ()))
    if not problems:
        tree = _normalised(tree)
        problems = list(_schema_problems(tree))
    if problems or not isinstance(tree, dict):
        raise _error(problems, marks)
    rule, problems = Builder(tree).build()
    if problems:
        raise _error(problems, marks)
    return rule


def shape_problems(document: RuleDocument) -> tuple[Problem, ...]:
    """
    Return what in a file is no part of a rule, or misses, whatever stands in its leaves.

    A draft whose texts and numbers are still to be written has the shape of a rule.
    """
    problems = [*_text_problems(document.tree, ())]
    if not problems:
        errors = _validator().iter_errors(document.tree)
        problems = [
            Problem(tuple(error.absolute_path), _sentence(error))
            for error in errors
            if _is_of_shape(error)
        ]
    return located(problems[:PROBLEMS_MAX], document)


def located(problems: Iterable[Problem], document: RuleDocument) -> tuple[Problem, ...]:
    """Return problems with the place in the text at which each stands, in the order given."""
    return tuple(_located(problem, document.marks) for problem in problems)


def _error(problems: Iterable[Problem], marks: Mapping[Path, Mark]) -> RuleError:
    placed = {(problem.path, problem.text): _located(problem, marks) for problem in problems}
    ordered = sorted(placed.values(), key=lambda one: (one.line or 0, one.column or 0))
    return RuleError(tuple(ordered[:PROBLEMS_MAX]))


def _located(problem: Problem, marks: Mapping[Path, Mark]) -> Problem:
    path = problem.path
    while path and path not in marks:
        path = path[:-1]
    return Problem(problem.path, problem.text, *marks.get(path, ()))


def _text_problems(value: object, path: Path) -> Iterable[Problem]:
    if len(path) >= DEPTH_MAX and isinstance(value, (Mapping, list, tuple)):
        yield Problem(path, TOO_DEEP)
        return
    if isinstance(value, str):
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            yield Problem(path, RuleFault("text_control"))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Problem(path, RuleFault("key_no_text", key=str(key)))
                continue
            yield from _text_problems(key, path)
            yield from _text_problems(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _text_problems(item, (*path, index))
    elif value is not None and not isinstance(value, int):
        yield Problem(path, RuleFault("no_place"))


def _normalised(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        return {unicodedata.normalize("NFC", key): _normalised(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_normalised(item) for item in value]
    return value


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    folder = importlib.resources.files("despensa").joinpath("data", "schemas")
    schema = json.loads(folder.joinpath("rule-1.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _schema_problems(tree: object) -> Iterable[Problem]:
    for error in _validator().iter_errors(tree):
        yield Problem(tuple(error.absolute_path), _sentence(error))


def _is_of_shape(error: Any) -> bool:
    if error.validator in ("required", "additionalProperties", "maxProperties"):
        return True
    if error.validator != "type":
        return False
    wanted = error.validator_value
    is_whole = isinstance(error.instance, (Mapping, list))
    return is_whole or wanted in ("object", "array")


def _sentence(error: Any) -> RuleFault:
    """Return what the schema found at a place: what was expected, what stands there."""
    limit, instance = error.validator_value, error.instance
    allowed = error.schema if isinstance(error.schema, Mapping) else {}
    known = tuple(sorted(allowed.get("properties", {})))
    written: dict[str | None, Callable[[], RuleFault]] = {
        None: lambda: RuleFault("values_without_codes"),
        "required": lambda: RuleFault("missing", key=_missing(error)),
        "additionalProperties": lambda: _strange(instance, allowed, known),
        "type": lambda: _other_type(limit, instance),
        "enum": lambda: RuleFault("expected_one_of", known=tuple(limit)),
        "const": lambda: (
            _ONLY.get(limit)
            or RuleFault("expected_value", wanted=str(limit), found=_found(instance))
        ),
        "maxProperties": lambda: (
            RuleFault("one_kind", known=known) if limit == 1 else RuleFault("too_many", most=limit)
        ),
        "minProperties": lambda: (
            RuleFault("empty_of", known=known) if known else RuleFault("empty")
        ),
        "minItems": lambda: RuleFault("too_few", least=limit),
        "maxItems": lambda: RuleFault("too_many", most=limit),
        "maxLength": lambda: RuleFault("too_long", most=limit),
        "minimum": lambda: RuleFault("below", found=instance, least=limit),
        "maximum": lambda: RuleFault("above", found=instance, most=limit),
        "uniqueItems": lambda: RuleFault("same_twice"),
        "anyOf": lambda: RuleFault("no_bounds"),
        "minLength": lambda: RuleFault("empty"),
        "pattern": lambda: _WRITTEN[limit] if instance else RuleFault("empty"),
    }
    told = written.get(error.validator)
    return told() if told is not None else RuleFault("not_as_format")


def _missing(error: Any) -> str:
    """Return the first key that is required and stands neither here nor in another fault."""
    return str(next(key for key in error.validator_value if f"'{key}'" in error.message))


def _strange(
    instance: Mapping[str, object], allowed: Mapping[str, Any], known: tuple[str, ...]
) -> RuleFault:
    patterns = tuple(allowed.get("patternProperties", {}))
    found = tuple(
        key[:_FOUND_MAX]
        for key in instance
        if key not in known and not any(re.search(one, key) for one in patterns)
    )
    if known:
        return RuleFault("key_unknown", found=found, known=known)
    return RuleFault("language_unknown" if _LANGUAGE in patterns else "name_unknown", found=found)


def _other_type(wanted: object, instance: object) -> RuleFault:
    if instance == "":
        return RuleFault("empty")
    kinds = sorted(wanted) if isinstance(wanted, list) else [str(wanted)]
    if isinstance(instance, str) and "integer" in kinds:
        return RuleFault("whole", found=_found(instance))
    return RuleFault(
        "expected_kind", wanted=RuleFault(_KINDS[" ".join(kinds)]), found=_found(instance)
    )


def _found(instance: object) -> str:
    """Return what stands at a place as far as a sentence can name it."""
    if instance is None:
        return RuleFault("kind_nothing")
    if isinstance(instance, Mapping):
        return RuleFault("kind_map")
    if isinstance(instance, list):
        return RuleFault("kind_list")
    if isinstance(instance, bool):
        return "true" if instance else "false"
    return str(instance)[:_FOUND_MAX]
