"""Where in the form each fault of a rule stands, and what is to be mended there."""

from collections.abc import Iterable, Iterator, Sequence

from despensa.domain.eligibility.document import Path, Problem
from despensa.domain.sentence import Name
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.rule_form.here import words_for
from despensa.entrypoints.office.rule_form.making import Making
from despensa.entrypoints.office.rule_form.sections import sections
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleField
from despensa.entrypoints.office.rule_words import IN_LINE, PARTS
from despensa.entrypoints.office.said import Called, said
from despensa.entrypoints.office.states import Word, isolated

Placed = tuple[tuple[FieldError, ...], tuple[FieldError, ...]]


def placed(problems: Iterable[Problem], blocks: Sequence[RuleBlock], called: Called) -> Placed:
    """
    Return the faults by field, and again with the words of the place before each.

    A fault belongs to the deepest field around its place, else to the first one within it.
    """
    problems = tuple(problems)
    found = [_place(problem.path, blocks) for problem in problems]
    texts = [said(problem.text, called) for problem in problems]
    short = [FieldError(where, text) for (where, _), text in zip(found, texts, strict=True)]
    long = [
        FieldError(where, f"{_words(titles, called)}: {text}")
        for (where, titles), text in zip(found, texts, strict=True)
    ]
    return tuple(dict.fromkeys(short)), tuple(dict.fromkeys(long))


def in_words(problems: Iterable[Problem], making: Making) -> tuple[str, ...]:
    """Return faults or warnings with their line in the file and their place in words."""
    blocks, names = sections(making), words_for(making)
    return tuple(
        f"{_words((*_line(one), *_place(one.path, blocks)[1]), names)}: {said(one.text, names)}"
        for one in problems
    )


def in_file(problem: Problem) -> str:
    """Return a fault of a file that has no place in the form: its line and its place there."""
    place = _words((*_line(problem), "/".join(map(str, problem.path))), {})
    return f"{place}: {said(problem.text)}" if place else said(problem.text)


def _line(problem: Problem) -> tuple[Word, ...]:
    place = {"line": problem.line, "column": problem.column}
    return (IN_LINE % place,) if problem.line else ()


def _words(titles: Iterable[Word], called: Called) -> str:
    words = (called.get((one.kind, one), one) if isinstance(one, Name) else one for one in titles)
    return " · ".join(isolated(word) for word in words if word)


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
    around = [one for one in _every(blocks) if one.path and path[: len(one.path)] == one.path]
    if around:
        block = max(around, key=lambda one: len(one.path))
        return block.id, (block.title,)
    # a fact is declared by the grounds that read it
    return (
        ("part_clauses", (PARTS["fact"], *(Name("fact", str(name)) for name in path[1:2])))
        if path[:1] == ("facts",)
        else ("part_about", ())
    )


def _every(blocks: Sequence[RuleBlock]) -> Iterator[RuleBlock]:
    for block in blocks:
        yield block
        yield from _every(block.blocks)


def _fields(
    blocks: Sequence[RuleBlock], titles: tuple[Word, ...]
) -> Iterable[tuple[RuleField, tuple[Word, ...]]]:
    for block in blocks:
        here = (*titles, block.title) if block.title else titles
        for field in block.fields:
            yield field, here
        yield from _fields(block.blocks, here)
