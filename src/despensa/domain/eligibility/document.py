"""
Reading a rule file: YAML without its surprises, and where in the text each node stood.

Accepts the JSON-like part of YAML 1.2: maps with text keys, lists, text, whole numbers, true and
false. `no`, `2026-01-01` and `1.5` stay text; anchors, tags, repeated keys and a second document
are refused. Source: YAML 1.2.2, section 10.2 (the JSON schema), narrowed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from despensa.domain.sentence import Sentence
from despensa.domain.text_fault import Fault

CHARACTERS_MAX = 1_000_000
DEPTH_MAX = 16  # as deep as the deterministic encoding goes, so that every rule has a hash
TOO_DEEP = Fault("yaml_too_deep")
# the same loader in C where PyYAML was built with it: forty times faster
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a rule: where it stands, what is wrong and how to mend it."""

    path: Path
    text: Sentence
    line: int | None = None

    def __str__(self) -> str:
        """Return the fault as one sentence for the person who writes the rule."""
        place = "/".join(str(step) for step in self.path) or "the rule"
        number = f"line {self.line}, " if self.line else ""
        return f"{number}{place}: {self.text}"


class RuleError(ValueError):
    """The rule cannot be used; `problems` holds every fault found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems and show them one a line."""
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """The tree of a rule file and the line on which each node begins."""

    tree: object
    lines: Mapping[Path, int]


def read_document(text: str) -> RuleDocument:
    """
    Return the tree of a rule file written in YAML or JSON.

    Raises: RuleError when the text is too long, is not YAML, or uses a part of YAML outside the
        profile; the problem names the line.
    """
    if len(text) > CHARACTERS_MAX:
        raise _fault((), Fault("yaml_too_long", most=CHARACTERS_MAX), None)
    lines: dict[Path, int] = {}
    return RuleDocument(_value(compose(text), (), lines), lines)


def compose(text: str) -> yaml.Node:
    """
    Return the root of a rule file's text, each node with its place in the text.

    Raises: RuleError.
    """
    try:
        _refuse_aliases(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = mark.line + 1 if mark else None
        raise _fault((), _unreadable(error), where) from error
    except (yaml.YAMLError, RecursionError) as error:
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


def _refuse_aliases(text: str) -> None:
    for event in yaml.parse(text, Loader=_LOADER):
        where = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _fault((), Fault("yaml_alias"), where)
        if getattr(event, "tag", None):
            raise _fault((), Fault("yaml_tag"), where)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> object:
    line = node.start_mark.line + 1
    lines[path] = line
    if len(path) >= DEPTH_MAX and not isinstance(node, yaml.ScalarNode):
        raise _fault(path, TOO_DEEP, line)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), lines) for index, item in enumerate(node.value)]
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style not in (None, "", "plain"):
        return text
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return None if text in ("", "null", "~") else text


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _fault(path, Fault("yaml_key"), line)
        key = str(key_node.value)
        if key in result:
            raise _fault((*path, key), Fault("yaml_key_twice"), line)
        result[key] = _value(value_node, (*path, key), lines)
        lines[(*path, key)] = line
    return result


def _fault(path: Path, text: Sentence, line: int | None) -> RuleError:
    return RuleError((Problem(path, text, line),))
