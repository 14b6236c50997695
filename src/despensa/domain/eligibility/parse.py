"""
From a rule file to a rule, or to the list of everything that is wrong with it.

First the JSON Schema, then what a schema cannot see: names, scopes, dates, languages, sizes. A
rule is never half read. Source: data/schemas/rule-1.json; docs/explanation/design.md section 7.1.
"""

import importlib.resources
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from despensa.domain.eligibility.build import Builder
from despensa.domain.eligibility.document import (
    DEPTH_MAX,
    TOO_DEEP,
    Path,
    Problem,
    RuleDocument,
    RuleError,
    read_document,
)
from despensa.domain.eligibility.rule import Rule
from despensa.domain.text_fault import Fault

PROBLEMS_MAX = 50
_MONTHS = "(0[1-9]|1[0-2])"
_WRITTEN = {
    "^[a-z][a-z0-9_]{0,39}$": Fault("rule_name"),
    "^[a-z][a-z0-9-]{0,39}$": Fault("rule_slug"),
    "^[A-Z][A-Z0-9_]{0,39}$": Fault("rule_code"),
    f"^[0-9]{{4}}-{_MONTHS}-(0[1-9]|[12][0-9]|3[01])$": Fault("rule_day"),
    f"^(unknown|[0-9]{{4}}(-{_MONTHS})?)$": Fault("rule_month"),
}
_ONLY = {
    "programme": "expected 'programme': an area below the programme's is no ground of a rule; make "
    "a programme for the smaller area",
    "seed_in_log": "expected 'seed_in_log': a lot is drawn from a seed that the log held before, "
    "and from nothing else",
}


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
    lines: Mapping[Path, int] = {}
    tree: object = document
    if isinstance(document, RuleDocument):
        tree, lines = document.tree, document.lines
    problems = list(_text_problems(tree, ()))
    if not problems:
        tree = _normalised(tree)
        problems = list(_schema_problems(tree))
    if problems or not isinstance(tree, dict):
        raise _error(problems, lines)
    rule, problems = Builder(tree).build()
    if problems:
        raise _error(problems, lines)
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
    """Return problems with the line of the text at which each stands, in the order given."""
    return tuple(
        Problem(problem.path, problem.text, _line(problem.path, document.lines))
        for problem in problems
    )


def _error(problems: Iterable[Problem], lines: Mapping[Path, int]) -> RuleError:
    placed = {
        (problem.path, problem.text): Problem(
            problem.path, problem.text, _line(problem.path, lines)
        )
        for problem in problems
    }
    ordered = sorted(placed.values(), key=lambda problem: problem.line or 0)
    return RuleError(tuple(ordered[:PROBLEMS_MAX]))


def _line(path: Path, lines: Mapping[Path, int]) -> int | None:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


def _text_problems(value: object, path: Path) -> Iterable[Problem]:
    if len(path) >= DEPTH_MAX and isinstance(value, (Mapping, list, tuple)):
        yield Problem(path, TOO_DEEP)
        return
    if isinstance(value, str):
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            yield Problem(path, "the text holds a control character; keep it on one line")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield Problem(path, f"the key {key!r} is not text")
                continue
            yield from _text_problems(key, path)
            yield from _text_problems(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _text_problems(item, (*path, index))
    elif value is not None and not isinstance(value, int):
        yield Problem(path, f"a {type(value).__name__} has no place in a rule")


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


def _sentence(error: Any) -> str:
    allowed = error.schema if isinstance(error.schema, Mapping) else {}
    known = sorted(allowed.get("properties", {}))
    written: dict[str, Callable[[], str]] = {
        "required": lambda: f"{error.message}; add it",
        "additionalProperties": lambda: (
            f"{error.message}" + (f"; known here: {', '.join(known)}" if known else "")
        ),
        "type": lambda: (
            Fault("rule_empty")
            if error.instance == ""
            else Fault("rule_whole", found=str(error.instance)[:60])
            if "integer" in error.validator_value and isinstance(error.instance, str)
            else f"expected {_words(error.validator_value)}, found {error.instance!r}"[:300]
        ),
        "enum": lambda: f"expected one of {_words(error.validator_value)}",
        "const": lambda: (
            _ONLY.get(error.validator_value)
            or f"expected {error.validator_value!r}, found {error.instance!r}"[:300]
        ),
        "maxProperties": lambda: f"one kind at a time; choose one of {', '.join(known)}",
        "minProperties": lambda: f"empty; write one of {', '.join(known)}" if known else "empty",
        "anyOf": lambda: "give at_least, below or both",
        "minLength": lambda: Fault("rule_empty"),
        "pattern": lambda: (
            Fault("rule_empty")
            if not error.instance
            else _WRITTEN.get(error.validator_value, str(error.message)[:300])
        ),
    }
    if error.validator in written:
        return written[error.validator]()
    return str(error.message)[:300]


def _words(value: object) -> str:
    return " or ".join(str(item) for item in value) if isinstance(value, list) else str(value)
