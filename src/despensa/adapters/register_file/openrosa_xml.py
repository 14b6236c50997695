"""
OpenRosa submissions: one XML document, or several below one root.

A group that occurs twice in any submission is a repeat group in all. No entity, no document type
and nothing outside the file is ever followed. Source: OpenRosa metadata schema (meta/instanceID,
deprecatedID); ODK XForms specification.
"""

import xml.parsers.expat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from despensa.adapters.register_file.source import MIB, Limits, RegisterFileError
from despensa.adapters.register_file.submissions import Answers, Submission

XML_BYTES_MAX = 64 * MIB
_DEPTH_MAX = 16
_NODES_MAX = 2_000_000
# An edit names the submission it replaces; where a server keeps the first id, that is the root.
_KEYS = ("meta/rootUuid", "meta/deprecatedID", "meta/instanceID")


@dataclass(slots=True)
class _Node:
    name: str
    children: list["_Node"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def child(self, name: str) -> "_Node | None":
        return next((one for one in self.children if one.name == name), None)


def read_openrosa(stream: BinaryIO, size: int, filename: str, _limits: Limits) -> list[Submission]:
    """
    Return the submissions an XML file holds, in file order.

    Raises: RegisterFileError when it is no whole XML, carries a document type, or no submissions.
    """
    if size > XML_BYTES_MAX:
        message = (
            f"{filename} is larger than {XML_BYTES_MAX // MIB} MiB of XML; export fewer"
            " submissions at a time."
        )
        raise RegisterFileError("too_large", message, file=filename, mib=XML_BYTES_MAX // MIB)
    roots = _instances(_parsed(stream, filename), 0)
    if not roots:
        message = (
            f"{filename} is XML, but holds no submissions with meta/instanceID. Export it as CSV"
            " in UTF-8."
        )
        raise RegisterFileError("not_submissions", message, file=filename)
    repeated = {path for root in roots for path in _repeated(root, "")}
    return [_submission(root, repeated) for root in roots]


def _parsed(stream: BinaryIO, filename: str) -> _Node:
    builder = _Builder()
    try:
        builder.parse(stream)
    except (xml.parsers.expat.ExpatError, ValueError, LookupError) as fault:
        message = (
            f"{filename} is no XML that can be read: it is cut off, broken, nested too deep or"
            " carries a document type. Export it again."
        )
        raise RegisterFileError("not_xml", message, file=filename) from fault
    return builder.root


class _Builder:
    """Builds the tree of elements; anything a submission has no need of is refused."""

    def __init__(self) -> None:
        self.root = _Node("")
        self._open = [self.root]
        self._nodes = 0

    def parse(self, stream: BinaryIO) -> None:
        parser = xml.parsers.expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True
        parser.ParseFile(stream)

    def _refuse(self, *_: object) -> None:
        message = "a submission has no document type"
        raise ValueError(message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) > _DEPTH_MAX or self._nodes > _NODES_MAX:
            message = "deeper or larger than a submission"
            raise ValueError(message)
        node = _Node(name.rpartition(":")[2], attributes=attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text.append(text)


def _instances(node: _Node, depth: int) -> list[_Node]:
    """Return the outermost elements that carry the id of a submission."""
    if _key(node) is not None:
        return [node]
    if depth > _DEPTH_MAX:
        return []
    return [found for one in node.children for found in _instances(one, depth + 1)]


def _key(node: _Node) -> str | None:
    meta = node.child("meta")
    for path in _KEYS:
        one = None if meta is None else meta.child(path.partition("/")[2])
        written = "" if one is None else "".join(one.text).strip()
        if written:
            return written
    # ODK Central writes the id on the element when the form has none.
    return node.attributes.get("instanceID")


def _repeated(node: _Node, path: str) -> Iterator[str]:
    counts = Counter(one.name for one in node.children)
    for one in node.children:
        whole = f"{path}/{one.name}" if path else one.name
        if counts[one.name] > 1 and one.children:
            yield whole
        yield from _repeated(one, whole)


def _submission(root: _Node, repeated: set[str]) -> Submission:
    submission = Submission(_key(root), {})
    _lay_out(root.children, "", submission.answers, submission.repeats, repeated, "")
    return submission


def _lay_out(
    children: Sequence[_Node],
    path: str,
    answers: Answers,
    repeats: dict[str, list[Answers]],
    repeated: set[str],
    within: str,
) -> None:
    """`path` is where we are below the root, `within` what of it is said by the table."""
    for one in children:
        whole = f"{path}/{one.name}" if path else one.name
        if whole in repeated:
            row: Answers = {}
            repeats.setdefault(whole, []).append(row)
            _lay_out(one.children, whole, row, repeats, repeated, whole)
        elif one.children:
            _lay_out(one.children, whole, answers, repeats, repeated, within)
        else:
            shown = whole.removeprefix(f"{within}/") if within else whole
            answers[shown] = "".join(one.text).strip() or None
