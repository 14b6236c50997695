"""Writing a rule file: what was not changed keeps its bytes, and every tree reads back as itself."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.rewrite import is_same, rewritten, written
from tests.domain.eligibility.shipped import SHIPPED, shipped_text

LEAVES = st.one_of(
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12),
    st.sampled_from(["no", "2026-01-01", "- a", "a: b", "#", "'", "{x}", "null", "1", " "]),
)
NAMES = st.sampled_from(["code", "when", "on", "en", "values", "line", "from", "x y", "1"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=15,
)
MAPS = st.dictionaries(NAMES, TREES, min_size=1, max_size=4)


@given(MAPS)
def test_every_tree_reads_back_as_itself(tree):
    assert is_same(read_document(written(tree)).tree, tree)


@given(MAPS, MAPS)
def test_a_file_becomes_whatever_tree_is_asked_for(before, after):
    assert is_same(read_document(rewritten(written(before), after)).tree, after)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_file_that_says_the_same_keeps_every_byte(name):
    text = shipped_text(name)

    assert rewritten(text, copy.deepcopy(read_document(text).tree)) == text


def test_one_changed_sentence_leaves_all_other_lines_and_comments_alone():
    text = shipped_text("food-parcel")
    tree = copy.deepcopy(read_document(text).tree)
    tree["clauses"][1]["sentences"]["en"]["met"] = "A small child lives here."

    lines, old = rewritten(text, tree).splitlines(), text.splitlines()

    assert len(lines) == len(old)
    [changed] = [new for new, was in zip(lines, old, strict=True) if new != was]
    assert changed.strip() == "met: A small child lives here."


def test_parts_moved_and_added_take_their_comments_along():
    text = shipped_text("food-parcel")
    tree = copy.deepcopy(read_document(text).tree)
    clauses = tree["clauses"]
    tree["clauses"] = [clauses[4], *clauses[:2], {**clauses[5], "code": "NEW"}]

    found = rewritten(text, tree)

    assert is_same(read_document(found).tree, tree)
    assert "# asked only of those it can concern" in found
    assert found.startswith("# Food parcel by household composition.")


def test_a_text_that_is_no_rule_file_is_replaced():
    assert rewritten("a: [", {"a": 1}) == "a: 1\n"
    assert rewritten("- 1\n", {"a": True}) == "a: true\n"
