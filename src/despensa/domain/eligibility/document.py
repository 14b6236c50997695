"""
Reading a rule file: YAML without its surprises, and where in the text each node stood.

Accepts the JSON-like part of YAML 1.2: maps with text keys, lists, text, whole numbers, true and
false. `no`, `2026-01-01` and `1.5` stay text; anchors, tags, repeated keys and a second document
are refused. Source: YAML 1.2.2, section 10.2 (the JSON schema), narrowed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from despensa.domain.sentence import Sentence
from despensa.domain.text_fault import Fault

CHARACTERS_MAX = 1_000_000
DEPTH_MAX = 16  # as deep as the deterministic encoding goes, so that every rule has a hash
TOO_DEEP = Fault("yaml_too_deep")
# the same loader in C where PyYAML was built with it: forty times faster
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# what YAML allows in no text: control characters, halves of characters. Source: YAML 1.2.2, 5.1
_HIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")

# what the two readers of PyYAML say, and the fault it is told as; the first that fits
_STUMBLED = (
    ("mapping values are not allowed", "yaml_colon"),
    ("could not find expected ':'", "yaml_no_colon"),
    ("expected a single document", "yaml_more"),
    ("unknown escape character", "yaml_escape"),
    ("cannot start any token", "yaml_sign"),
    ("quoted scalar", "yaml_open"),
    ("while parsing a flow", "yaml_open"),
    ("expected node content", "yaml_open"),
    ("while parsing a block", "yaml_indent"),
)

Path = tuple[str | int, ...]
Mark = tuple[int, int]
"""A line and a column of the text, both from 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a rule: where it stands, what is wrong and how to mend it."""

    path: Path
    text: Sentence
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return the fault as one sentence for the person who writes the rule."""
        place = "/".join(str(step) for step in self.path) or "the rule"
        number = f"line {self.line}, " if self.line else ""
        number += f"column {self.column}, " if self.column else ""
        return f"{number}{place}: {self.text}"


class RuleError(ValueError):
    """The rule cannot be used; `problems` holds every fault found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems and show them one a line."""
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """The tree of a rule file and where in the text each node begins."""

    tree: object
    marks: Mapping[Path, Mark]


def read_document(text: str) -> RuleDocument:
    """
    Return the tree of a rule file written in YAML or JSON.

    Raises: RuleError when the text is too long, is not YAML, or uses a part of YAML outside the
        profile; the problem names the line.
    """
    if len(text) > CHARACTERS_MAX:
        raise _fault((), Fault("yaml_too_long", most=CHARACTERS_MAX), None)
    marks: dict[Path, Mark] = {}
    return RuleDocument(_value(compose(text), (), marks), marks)


def compose(text: str) -> yaml.Node:
    """
    Return the root of a rule file's text, each node with its place in the text.

    Raises: RuleError.
    """
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        line, column = text.count("\n", 0, hidden.start()), hidden.start()
        column -= text.rfind("\n", 0, column) + 1
        raise _fault((), Fault("yaml_control"), (line + 1, column + 1))
    try:
        _refuse_surprises(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _fault((), _unreadable(error), _mark(mark) if mark else None) from error
    except yaml.YAMLError as error:
        raise _fault((), Fault("yaml"), None) from error
    if node is None:
        raise _fault((), Fault("yaml_empty"), None)
    return node


def value_of(node: yaml.Node) -> object:
    """Return what a node of a rule file says."""
    return _value(node, (), {})


def _unreadable(error: yaml.MarkedYAMLError) -> Fault:
    """Return what the reader of YAML stumbled over; its own words are English alone."""
    said = f"{error.context or ''} {error.problem or ''}"
    return Fault(next((code for words, code in _STUMBLED if words in said), "yaml"))


def _refuse_surprises(text: str) -> None:
    """Refuse what is not read, event by event: a bomb is put down before it is whole."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        where = _mark(event.start_mark) if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _fault((), Fault("yaml_alias"), where)
        if getattr(event, "tag", None):
            raise _fault((), Fault("yaml_tag"), where)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise _fault((), TOO_DEEP, where)


def _mark(mark: Any) -> Mark:
    return mark.line + 1, mark.column + 1


def _value(node: yaml.Node, path: Path, marks: dict[Path, Mark]) -> object:
    mark = _mark(node.start_mark)
    marks[path] = mark
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, marks)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), marks) for index, item in enumerate(node.value)]
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style not in (None, "", "plain"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return None if text in ("", "null", "~") else text


def _mapping(node: yaml.MappingNode, path: Path, marks: dict[Path, Mark]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        mark = _mark(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise _fault(path, Fault("yaml_key"), mark)
        key = str(key_node.value)
        if key in result:
            raise _fault((*path, key), Fault("yaml_key_twice"), mark)
        result[key] = _value(value_node, (*path, key), marks)
        marks[(*path, key)] = mark
    return result


def _fault(path: Path, text: Sentence, mark: Mark | None) -> RuleError:
    return RuleError((Problem(path, text, *(mark or ())),))
