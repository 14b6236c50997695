"""Conditions as rows of a decision table: a row stands for exactly its tree, or it is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.rewrite import is_same
from despensa.domain.eligibility.table import COMPARISONS, Row, Term, row_of
from tests.domain.eligibility.shipped import shipped_text

CONSTANTS = st.one_of(st.integers(-9, 99), st.builds(lambda n: {"parameter": n}, st.just("line")))


@st.composite
def terms(draw, who=("itself", "a_member", "no_member")):
    kind = draw(st.sampled_from(sorted(COMPARISONS)))
    comparison = draw(st.sampled_from(COMPARISONS[kind]))
    what = {
        "area": "in_area", "boolean": "displaced", "code": "sex",
        "integer": draw(st.sampled_from(["members", "income", "sum:income"])),
        "age": draw(st.sampled_from(["age_years", "age_months"])),
    }[kind]  # fmt: skip
    count = {"between": 2, "from_to": 2}.get(comparison, 1)
    values = tuple(draw(CONSTANTS) for _ in range(count))
    if kind == "code":
        values = tuple(draw(st.lists(st.sampled_from(["female", "other"]), unique=True)))
    if kind in ("area", "boolean"):
        values = ()
    return Term(
        what,
        comparison,
        values,
        draw(st.sampled_from(who)),
        kind == "integer" and draw(st.booleans()),
    )


@st.composite
def rows(draw):
    join = draw(st.sampled_from(["all", "any", "none", "member_all", "member_any"]))
    who = ("itself",) if join.startswith("member_") else ("itself", "a_member", "no_member")
    found = draw(st.lists(terms(who), min_size=1, max_size=4))
    return Row(tuple(found), "all" if len(found) == 1 else join)


@given(rows())
def test_a_row_is_read_back_from_its_condition(row):
    found = row_of(row.tree())

    assert found is not None
    assert is_same(found.tree(), row.tree())
    assert [test.what for test in found.tests] == [test.what for test in row.tests]


def test_the_shipped_rules_show_as_rows_but_for_the_deepest_condition():
    clauses = {
        clause["code"]: row_of(clause["when"])
        for name in ("food-parcel", "household-support")
        for clause in read_document(shipped_text(name)).tree["clauses"]
    }

    assert [code for code, row in clauses.items() if row is None] == ["CARE_NEED"]
    assert clauses["LOW_INCOME"].tests == (
        Term("income_monthly_minor", "<", ({"parameter": "line_minor"},), each=True),
    )
    assert clauses["CARE"].join == "member_any"


@pytest.mark.parametrize(
    "tree",
    [
        {"age": {"below": 5, "on": "2026-01-01"}},
        {"age": {"unit": "years", "below": 5}},
        {"compare": [1, "<", {"fact": "income"}]},
        {"compare": [{"fact": "income"}, "~", 1]},
        {"compare": [{"count": {"where": {"fact": "x"}}}, ">", 1]},
        {"all": [{"fact": "a"}]},
        {"all": [{"fact": "a"}, {"any": [{"fact": "b"}, {"fact": "c"}]}]},
        {"any_member": {"all": [{"fact": "a"}, {"any_member": {"fact": "b"}}]}},
        {"none": [{"fact": "a"}], "all": []},
        {"clause": "A"},
        {},
        "text",
        None,
    ],
)
def test_what_no_row_says_exactly_is_no_row(tree):
    assert row_of(tree) is None
