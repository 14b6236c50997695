"""Which parts of a rule's file the form has no field for; they stay as the file has them."""

from collections.abc import Iterator, Sequence

from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import Tree, facts_named
from despensa.entrypoints.office.rule_pages import RuleBlock

# the form writes these of itself; languages have buttons
_WRITTEN_ANYWAY = frozenset({"format", "version", "languages", "facts"})


def unshown(tree: Tree, blocks: Sequence[RuleBlock]) -> tuple[str, ...]:
    """Return the parts of a rule, by their key, of which something stands in no field."""
    shown = {field.path for block in blocks for field in block.every_field() if field.path}
    parts = [
        str(path[0])
        for path in _leaves({k: v for k, v in tree.items() if k not in _WRITTEN_ANYWAY}, ())
        if not any(path[:length] in shown for length in range(1, len(path) + 1))
    ]
    read = set(facts_named({key: part for key, part in tree.items() if key != "facts"}))
    unread = ["facts"] if set(tree.get("facts", {})) - read else []
    return tuple(dict.fromkeys((*parts, *unread)))


def _leaves(node: object, path: Path) -> Iterator[Path]:
    if isinstance(node, dict):
        for key, part in node.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from _leaves(part, (*path, index))
    else:
        yield path
