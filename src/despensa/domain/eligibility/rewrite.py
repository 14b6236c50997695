"""
Writing a rule file: a tree as YAML, and a changed tree into the file it was read from.

Decides layout only. Whatever part of a file says the same as before keeps its bytes, comments and
all; only what changed is written anew. Both texts read back as exactly the tree they were made of.
Source: YAML 1.2.2, narrowed as in `document`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from despensa.domain.eligibility.document import RuleError, compose, read_document, value_of

_LINE = 92
_STEP = 2
# what YAML, ours and others', reads as nothing but text without quotes
_PLAIN = re.compile(r"[^\W\d_][\w \-./()%{}'،؛؟]*(?<! )")
_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_DASH = re.compile(r" *- +")
# by these a part of a list is known again when something in it has changed
_NAMES = ("code", "line", "sentence", "from")


class _OtherLayout(Exception):
    """A part of the file is laid out so that only writing it anew is safe."""


def written(tree: object) -> str:
    """
    Return a tree as a rule file.

    >>> print(written({"format": 1, "title": {"en": "Milk: two litres"}}), end="")
    format: 1
    title: {en: "Milk: two litres"}
    """
    if not isinstance(tree, dict) or not tree:
        return f"{_flow(tree)}\n"
    return "".join(f"{_key(key)}:{_after_key(value, 0)}" for key, value in tree.items())


def rewritten(text: str, tree: object) -> str:
    """
    Return the file of a tree, with the bytes of `text` wherever that says the same.

    Holds: the result reads as `tree`, whatever `text` was; a text that is no rule file is replaced.
    """
    try:
        if is_same(read_document(text).tree, tree):
            return text
        node = compose(text)
        patched = text[: node.start_mark.index] + _Patch(text).patched(node, tree, len(text))
        if is_same(read_document(patched).tree, tree):
            return patched
    except (RuleError, _OtherLayout):
        pass
    return written(tree)


def is_same(one: object, other: object) -> bool:
    """
    Return whether two parts of a rule file say the same; yes and 1 do not.

    >>> is_same({"fact": True}, {"fact": 1})
    False
    """
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class _Patch:
    def __init__(self, text: str) -> None:
        self.text = text

    def patched(self, node: yaml.Node, new: object, end: int) -> str:
        """Return the text of a block, from the node's start to `end`, with a new value."""
        if isinstance(node, yaml.MappingNode) and isinstance(new, dict):
            return self._mapping(node, new, end)
        if isinstance(node, yaml.SequenceNode) and isinstance(new, list):
            return self._sequence(node, new, end)
        raise _OtherLayout

    def _mapping(self, node: yaml.MappingNode, new: Mapping[str, object], end: int) -> str:
        column = node.start_mark.column
        starts = [key.start_mark.index for key, _ in node.value]
        ends = [*map(self._line_start, starts[1:]), end]
        old = {
            str(key.value): (start, value, until)
            for (key, value), start, until in zip(node.value, starts, ends, strict=True)
        }
        parts = []
        for key, value in new.items():
            if key in old:
                parts.append(self._entry(*old[key], value, column, key))
            else:
                parts.append(f"{_key(key)}:{_after_key(value, column)}")
        return _joined(parts, " " * column)

    def _entry(
        self, start: int, node: yaml.Node, end: int, value: object, column: int, key: str
    ) -> str:
        if is_same(value_of(node), value):
            return self.text[start:end]
        if _is_block(node) and value and type(value) is type(value_of(node)):
            begin = node.start_mark.index
            return self.text[start:begin] + self.patched(node, value, end)
        return f"{_key(key)}:{_after_key(value, column)}"

    def _sequence(self, node: yaml.SequenceNode, new: Sequence[object], end: int) -> str:
        column = node.start_mark.column
        dashes = [self._dash(item) for item in node.value]
        ends = [*map(self._line_start, dashes[1:]), end]
        values = [value_of(item) for item in node.value]
        parts = []
        for value, known in zip(new, _matched(values, new), strict=True):
            if known is None:
                parts.append(f"- {_item(value, column)}")
                continue
            item, dash, until = node.value[known], dashes[known], ends[known]
            begin = item.start_mark.index
            if is_same(values[known], value):
                parts.append(self.text[dash:until])
            elif _is_block(item) and value and type(value) is type(values[known]):
                parts.append(self.text[dash:begin] + self.patched(item, value, until))
            else:
                parts.append(f"- {_item(value, column)}")
        return _joined(parts, " " * column)

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _dash(self, item: yaml.Node) -> int:
        """Return where the dash of a list's part stands, on the same line as the part."""
        index = item.start_mark.index
        before = self.text[self._line_start(index) : index]
        if not _DASH.fullmatch(before[max(before.rfind("-"), 0) :]):
            raise _OtherLayout
        return self._line_start(index) + before.rfind("-")


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _matched(old: Sequence[object], new: Sequence[object]) -> list[int | None]:
    """Return for each new part the old part it was: the same, of the same name, or in its place."""
    free = dict(enumerate(old))
    found: list[int | None] = [None] * len(new)
    for test in (lambda was, now, _: is_same(was, now), _is_named_alike, lambda _a, _b, same: same):
        for place, value in enumerate(new):
            if found[place] is not None:
                continue
            known = next((i for i, was in free.items() if test(was, value, i == place)), None)
            if known is not None:
                found[place] = known
                del free[known]
    return found


def _is_named_alike(one: object, other: object, _: bool) -> bool:  # noqa: FBT001
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    return any(name in one and one[name] == other.get(name) for name in _NAMES)


def _joined(parts: Sequence[str], indent: str) -> str:
    whole = [part if part.endswith("\n") else f"{part}\n" for part in parts]
    return indent.join(whole)


def _after_key(value: object, column: int) -> str:
    """Return what follows a key and its colon, to the end of its last line."""
    line = _flow(value)
    if not isinstance(value, (dict, list)) or not value or _fits(line, value, column):
        return f" {line}\n"
    inner = column + _STEP
    indent = " " * inner
    if isinstance(value, dict):
        entries = [f"{_key(key)}:{_after_key(one, inner)}" for key, one in value.items()]
    else:
        entries = [f"- {_item(one, inner)}" for one in value]
    return "\n" + "".join(indent + entry for entry in entries)


def _item(value: object, column: int) -> str:
    line = _flow(value)
    if not isinstance(value, dict) or not value or _fits(line, value, column):
        return f"{line}\n"
    inner = column + _STEP
    entries = [f"{_key(key)}:{_after_key(one, inner)}" for key, one in value.items()]
    return (" " * inner).join(entries)


def _fits(line: str, value: object, column: int) -> bool:
    return _depth(value) <= 3 and len(line) + column <= _LINE


def _depth(value: object) -> int:
    inner: list[Any] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    else:
        return 0
    return 1 + max(map(_depth, inner), default=0)


def _flow(value: object) -> str:
    if isinstance(value, dict):
        listed = ", ".join(f"{_key(key)}: {_flow(one)}" for key, one in value.items())
        return "{" + listed + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and "{" not in text and "}" not in text
    if (is_plain and text.lower() not in _WORDS) or _DATE.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=False)
