"""The condition of a clause as rows of the decision table, and typed rows as a condition again."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.eligibility import table
from despensa.domain.eligibility.document import Path, RuleError, read_document
from despensa.domain.eligibility.rewrite import is_same, written
from despensa.domain.eligibility.sketch import Tree
from despensa.domain.eligibility.table import COMPARISONS, JOINS, Row, Term, row_of
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.parts import Choice
from despensa.entrypoints.office.rule_form.making import Making, choices_of, name_of, shown
from despensa.entrypoints.office.rule_form.reading import Unread, constant_of, line_of
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton, RuleField
from despensa.entrypoints.office.said import said
from despensa.entrypoints.office.states import Word

_BOUNDS = {"between": 2, "from_to": 2}
_TYPED_MAX = 20_000


def condition_block(path: Path, making: Making, tree: object) -> RuleBlock:
    """Return the fields of a condition: its row, or its text where no row says exactly this."""
    row = row_of(tree)
    if row is None:
        field = RuleField(
            f"{name_of(path)}-text", gettext_lazy("The condition as it is written in the file"),
            "textarea", written(tree).rstrip("\n"), path=path,
            hint=gettext_lazy(
                "It is built deeper than the table shows. It stays exactly as it is unless you "
                "change it here."
            ),
        )  # fmt: skip
        return RuleBlock(f"part_{name_of(path)}", path=path, fields=(field,))
    is_of_one = row.join.startswith("member_") and len(row.tests) > 1
    blocks = tuple(
        _test_block((*path, index), _places(path, row, index), test, making, is_of_one=is_of_one)
        for index, test in enumerate(row.tests)
    )
    joined: tuple[RuleField, ...] = ()
    if len(row.tests) > 1:
        joined = (
            RuleField(f"{name_of(path)}-join", gettext_lazy("How they hold together"), "select",
                      row.join, choices=choices_of(words.JOINS)),
        )  # fmt: skip
    add = RuleButton(
        f"add_test:{name_of(path)}", gettext_lazy("One more test"), f"part_{name_of(path)}"
    )
    return RuleBlock(f"part_{name_of(path)}", path=path, fields=joined, blocks=blocks,
                     buttons=(add,))  # fmt: skip


def _places(path: Path, row: Row, index: int) -> Path:
    """Return where in the rule a test of a row stands."""
    if len(row.tests) == 1:
        return path
    if row.join.startswith("member_"):
        return (*path, "any_member", row.join.removeprefix("member_"), index)
    return (*path, row.join, index)


def _test_block(
    place: Path, path: Path, test: Term, making: Making, *, is_of_one: bool
) -> RuleBlock:
    name, kind = name_of(place), making.kind(test.what)
    asks_again = f"part_{name_of(place[:-1])}"
    fields = [
        RuleField(f"{name}-what", gettext_lazy("Fact"), "select", test.what,
                  choices=_whats(making, is_of_one=is_of_one), asks_again=asks_again, path=path)
    ]  # fmt: skip
    if making.is_of_member(test.what) and not is_of_one:
        who = dict(words.WHO)
        if making.is_of_persons:
            who["itself"] = words.THE_PERSON
        told = [code for code in who if making.is_of_persons or code != "itself"]
        fields.insert(0, RuleField(f"{name}-who", gettext_lazy("Of whom"), "select", test.who,
                                   choices=tuple(Choice(code, who[code]) for code in told)))  # fmt: skip
    said = {code: words.COMPARISONS[code] for code in COMPARISONS[kind]}
    fields.append(
        RuleField(f"{name}-comparison", gettext_lazy("Comparison"), "select", test.comparison,
                  choices=choices_of(said), asks_again=asks_again if kind in ("integer", "age") else "")
    )  # fmt: skip
    fields += _values(name, path, test, making)
    buttons = (
        RuleButton(f"remove_test:{name}", gettext_lazy("Remove this test"), asks_again,
                   is_stop=True),
    )  # fmt: skip
    return RuleBlock(f"part_{name}", path=path, layout="row", fields=tuple(fields), buttons=buttons)


def _values(name: str, path: Path, test: Term, making: Making) -> list[RuleField]:
    kind = making.kind(test.what)
    if kind == "code":
        codes = tuple(map(str, test.values))
        return [RuleField(f"{name}-codes", pgettext_lazy("comparison", "Values"), "checks",
                          values=codes, choices=making.code_choices(test.what), path=path)]  # fmt: skip
    if kind not in ("integer", "age"):
        return []
    count = _BOUNDS.get(test.comparison, 1)
    labels: tuple[Word, ...] = (gettext_lazy("Number"),)
    if count > 1:
        labels = (pgettext_lazy("bound", "From"), pgettext_lazy("bound", "To"))
    values = [*test.values, "", ""][:count]
    fields = [
        RuleField(f"{name}-value{place}", labels[place], value=shown(value), path=path,
                  suggestions="parameters")
        for place, value in enumerate(values)
    ]  # fmt: skip
    if kind == "integer" and test.what != table.MEMBERS:
        fields.append(RuleField(f"{name}-each", gettext_lazy("for each member"), "check",
                                "yes" if test.each else ""))  # fmt: skip
    return fields


def _whats(making: Making, *, is_of_one: bool) -> tuple[Choice, ...]:
    of_member = [table.AGE_YEARS, table.AGE_MONTHS]
    of_member += [name for name in making.facts if making.is_of_member(name)]
    of_house = [table.AREA, table.MEMBERS]
    of_house += [name for name in making.facts if not making.is_of_member(name)]
    of_house += [name for name in making.numbers() if name.startswith(table.SUM)]
    listed = of_member if is_of_one else [*of_house, *of_member]
    return tuple(Choice(what, making.label(what)) for what in listed)


def condition_of(path: Path, making: Making, tree: Any, given: QueryDict) -> Any:
    """
    Return the condition that was typed; the tree itself when nothing in it was changed.

    Raises: Unread where a text cannot be read.
    """
    block = condition_block(path, making, tree)
    if not any(_is_changed(field, given) for field in block.every_field()):
        return tree
    row = row_of(tree)
    if row is None:
        return _text_of(block.fields[0], tree, given)
    join = given.get(f"{name_of(path)}-join", row.join)
    join = join if join in JOINS else row.join
    is_of_one = join.startswith("member_") and len(row.tests) > 1
    tests = tuple(
        _typed(f"{name_of(path)}-{index}", test, making, given, is_of_one=is_of_one)
        for index, test in enumerate(row.tests)
    )
    return Row(tests, join).tree()


def more_tests(tree: Tree) -> Tree:
    """Return a condition with one more test, still to be chosen."""
    row = row_of(tree)
    return tree if row is None else Row((*row.tests, Term()), row.join).tree()


def fewer_tests(tree: Tree, index: int) -> Tree:
    """Return a condition without one of its tests; the last one is emptied."""
    row = row_of(tree)
    if row is None:
        return tree
    left = tuple(test for place, test in enumerate(row.tests) if place != index)
    if len(left) == 1 and row.join.startswith("member_"):
        left = (Term(left[0].what, left[0].comparison, left[0].values, "a_member"),)
    return Row(left or (Term(),), row.join).tree()


def _is_changed(field: RuleField, given: QueryDict) -> bool:
    if field.kind == "checks":
        return tuple(given.getlist(field.name)) != field.values and _is_posted(field, given)
    if field.kind == "check":
        return (field.name in given) != bool(field.value) and _is_posted(field, given)
    typed = given.get(field.name)
    if typed is None:
        return False
    return (_lines(typed) if field.kind == "textarea" else line_of(typed)) != field.value


def _is_posted(field: RuleField, given: QueryDict) -> bool:
    """Return whether the row of a box was sent: a box that is not ticked sends nothing itself."""
    return f"{field.name.rpartition('-')[0]}-what" in given


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


def _text_of(field: RuleField, tree: object, given: QueryDict) -> object:
    text = _lines(given.get(field.name, ""))[:_TYPED_MAX]
    try:
        found = read_document(text + "\n").tree
    except RuleError as error:
        raise Unread(field, text, said(error.problems[0].text)) from error
    return tree if is_same(found, tree) else found


def _typed(name: str, test: Term, making: Making, given: QueryDict, *, is_of_one: bool) -> Term:
    what = given.get(f"{name}-what", test.what)
    known = {choice.value for choice in _whats(making, is_of_one=False)}
    what = what if what in known else test.what
    kind = making.kind(what)
    comparison = given.get(f"{name}-comparison", test.comparison)
    if comparison not in COMPARISONS[kind]:
        comparison = COMPARISONS[kind][0]
    who = given.get(f"{name}-who", test.who)
    if is_of_one or not making.is_of_member(what):
        who = "itself"
    elif who not in words.WHO or (who == "itself" and not making.is_of_persons):
        who = "a_member"
    values: tuple[Any, ...] = ()
    if kind == "code":
        chosen = given.getlist(f"{name}-codes")
        values = tuple(c.value for c in making.code_choices(what) if c.value in chosen)
    elif kind in ("integer", "age"):
        values = tuple(
            constant_of(given.get(f"{name}-value{place}", ""))
            for place in range(_BOUNDS.get(comparison, 1))
        )
    is_each = f"{name}-each" in given and kind == "integer" and what != table.MEMBERS
    return Term(what, comparison, values, who, is_each)  # type: ignore[arg-type]
