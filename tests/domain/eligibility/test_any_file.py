"""Whatever a rule file holds, it is read or refused in sentences with their place; nothing breaks."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.document import RuleError, read_document
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.lint import days_of
from despensa.domain.eligibility.parse import parse, shape_problems
from despensa.domain.eligibility.publication import publishing_problems
from despensa.domain.eligibility.rewrite import rewritten
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET
from tests.domain.eligibility.shipped import shipped_text

CATALOGUE = load_catalogue()
TEXTS = [
    PERSON_AND_BUDGET, EVERY_NODE, FOOD_PARCEL,
    *map(shipped_text, ("cooking-gas", "household-support", "prescription-voucher")),
]  # fmt: skip
NASTY = (
    "9" * 30, "9" * 5_000, "-9" * 18, "-0", "007", "0x1F", "1e400", "1.5", "1_000", ".inf", ".nan",
    "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "0001-01", "null", "~", "no", "YES",
    "&a [*a]", "&a {x: *a}", "*a", "<<", "<<: {}", "!!python/object/apply:os.system [true]",
    "!!binary AA==", "!x y", "%YAML 3.0", "---", "...", "? x", "- - - -", "{}", "[]", "[[[[", "}",
    '"', "'", '"\\ud800"', '"\\x00"', '"\\U0010ffff"', "\x00", "\ufeff", "\t", "\t\t- x", "\u2028",
    "\u202e", "\x85", "\r", "\r\n", "é" * 70, "x" * 2_000, "{line_minor}", "{{{{", "a: b: c",
    "true", "5", "-1", "[1, 2]", "{all: []}", "{any: [{none: [{}]}]}", "{fact: income_monthly_minor}",
    "{compare: [1, '>', 2]}", "{times: [999999999999999999, 999999999999999999]}", "programme",
    "{parameter: line_minor}", "{count: {}}", "|", ">-", "#", "\n",
)  # fmt: skip
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + "".join(
    f"d{n}: &d{n} [*{'c' if n == 0 else f'd{n - 1}'}, *c]\n" for n in range(40)
)
WHOLE = {
    "bomb": BOMB, "flow bomb": "[" * 100_000, "map bomb": "{a: " * 5_000, "dashes": "- " * 20_000,
    "questions": "? " * 5_000, "nul": "format: 1\x00", "bell": "format: \x07", "only bom": "\ufeff",
    "tab": "clauses:\n\t- code: X\n", "twice": "format: 1\nformat: 1\n", "list": "- 1", "text": "x",
    "number": "7", "huge": "format: " + "9" * 5_000, "lone surrogate": 'title: {en: "\\ud800"}',
    "surrogate key": '{"\\ud800": 1}', "a raw surrogate": "title: \ud800", "document": "a: 1\n--- 2",
    "directive": "%TAG ! tag:x,2000:\n---\na: !y 1", "merge": "a: {<<: {b: 1}}", "empty": "", "#": "# x",
    "comma": "[,]", "key is a list": "[a]: 1", "crlf": "format: 1\r\nrule: [", "deep": "{a: " * 15 + "1",
}  # fmt: skip


def used(text):
    """Do with a file what the doors do; return what was said of it."""
    try:
        document = read_document(text)
    except RuleError as error:
        return error.problems
    shaped = shape_problems(document)
    try:
        rule = parse(document)
    except RuleError as error:
        if not shaped:
            assert read_document(rewritten(text, document.tree)).tree == document.tree
        return (*shaped, *error.problems)
    assert shaped == ()
    assert len(rule_hash(rule)) == 32
    said = (*publishing_problems(rule, CATALOGUE, ("es",)), *rule_warnings(rule))
    for day in days_of(rule)[:1]:
        assert compile_rule(rule, day).sql
    return said


def lines_of(text):
    return len(text.splitlines()) + text.count("\r") + 2


def assert_told(text):
    for problem in used(text):
        assert str(problem.text).strip()
        assert "Traceback" not in str(problem)
        str(problem).encode()
        if problem.line is not None:
            assert 1 <= problem.line <= lines_of(text)
            assert problem.column >= 1


def mutated(text, dice):
    """Return a file with a few things wrong in its bytes."""
    for _ in range(dice.choice([1, 1, 2, 4])):
        lines = text.split("\n")
        at = dice.randrange(len(lines))
        match dice.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[dice.randrange(len(lines))])
            case 2:
                lines[at] = f"{' ' * dice.randrange(4)}{lines[at]}"
            case 3:
                lines[at] = lines[at].lstrip()
            case 4:
                head, colon, _ = lines[at].partition(":")
                lines[at] = f"{head}{colon} {dice.choice(NASTY)}"
            case 5:
                cut = dice.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + dice.choice(NASTY) + lines[at][cut:]
            case 6:
                cut = dice.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + lines[at][cut + 1 + dice.randrange(9) :]
            case _:
                lines = lines[: at + 1]
        text = "\n".join(lines)
    return text


def replaced(tree, dice, value):
    """Return a tree as JSON with one part of it, wherever, replaced."""
    tree = json.loads(json.dumps(tree))
    holder = {"": tree}
    key = ""
    while isinstance(holder[key], (dict, list)) and holder[key] and dice.random() < 0.85:
        holder = holder[key]
        key = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if dice.random() < 0.2 and key != "":
        del holder[key]
    else:
        holder[key] = value
    return json.dumps(tree, ensure_ascii=False)


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_what_is_no_rule_file_is_refused_with_its_place(text):
    problems = used(text)

    assert problems
    assert_told(text)


@settings(max_examples=250)
@given(text=st.sampled_from(TEXTS), seed=st.integers(0, 2**32))
def test_a_file_with_anything_wrong_in_its_bytes_is_told_of(text, seed):
    assert_told(mutated(text, random.Random(seed)))


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, -1, 10**17, 10**40, 1.5, "", "x", "2026-02-30", "{", "en"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["fact", "clause", "all", "count", "age", "en", "x", "parameter", "first"]),
        inner, max_size=2,
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=250)
@given(text=st.sampled_from(TEXTS), seed=st.integers(0, 2**32), value=VALUES)
def test_a_tree_with_anything_in_any_place_is_told_of(text, seed, value):
    assert_told(replaced(read_document(text).tree, random.Random(seed), value))
