"""Where in the form each fault of a rule stands, and what is to be mended there."""

from collections.abc import Iterable, Sequence

from despensa.domain.eligibility.document import Path, Problem
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleField
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.text_fault_words import said

Placed = tuple[tuple[FieldError, ...], tuple[FieldError, ...]]


def placed(problems: Iterable[Problem], blocks: Sequence[RuleBlock]) -> Placed:
    """
    Return the faults by field, and again with the words of the place before each.

    A fault belongs to the deepest field around its place, else to the first one within it.
    """
    found = [_place(problem.path, blocks) for problem in problems]
    texts = [said(problem.text) for problem in problems]
    short = [FieldError(where, text) for (where, _), text in zip(found, texts, strict=True)]
    long = [
        FieldError(where, f"{' · '.join(filter(None, map(str, titles)))}: {text}")
        for (where, titles), text in zip(found, texts, strict=True)
    ]
    return tuple(dict.fromkeys(short)), tuple(dict.fromkeys(long))


def _place(path: Path, blocks: Sequence[RuleBlock]) -> tuple[str, tuple[Word, ...]]:
    best: tuple[int, str, tuple[Word, ...]] = (-1, "part_about", ())
    within: tuple[str, tuple[Word, ...]] | None = None
    for field, titles in _fields(blocks, ()):
        if not field.path:
            continue
        if path[: len(field.path)] == field.path:
            if len(field.path) > best[0]:
                best = (len(field.path), field.id, (*titles, field.label))
        elif within is None and field.path[: len(path)] == path:
            within = (field.id, (*titles, field.label))
    if best[0] >= 0:
        return best[1:]
    return within or _block(path, blocks)


def _block(path: Path, blocks: Sequence[RuleBlock]) -> tuple[str, tuple[Word, ...]]:
    for block in blocks:
        if block.path and path[: len(block.path)] == block.path:
            return block.id, (block.title,)
    return "part_about", ()


def _fields(
    blocks: Sequence[RuleBlock], titles: tuple[Word, ...]
) -> Iterable[tuple[RuleField, tuple[Word, ...]]]:
    for block in blocks:
        here = (*titles, block.title) if block.title else titles
        for field in block.fields:
            yield field, here
        yield from _fields(block.blocks, here)
