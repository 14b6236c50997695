"""
The compiled SQL and the interpreter decide alike, for random rules and households with gaps.

DESPENSA_RANDOM_HOUSEHOLDS sets how many households a run takes (4,000 without it).
"""

import copy
import os
import random
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.document import TOO_DEEP, RuleError, read_document
from despensa.domain.eligibility.evaluate import Decision, decision_from_codes, evaluate
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.parse import parse
from despensa.domain.ports.engine import FreezeOrder
from tests.adapters.engine.registers import INSIDE, a_register
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL

HOUSEHOLDS = int(os.environ.get("DESPENSA_RANDOM_HOUSEHOLDS", "4000"))
SIZE = 200
TOO_LARGE = {TOO_DEEP, "the result could have more than 36 digits; use smaller factors"}
TREE = read_document(EVERY_NODE).tree
DAYS = [
    date(2026, 1, 31),
    date(2026, 2, 28),
    date(2026, 6, 30),
    date(2026, 7, 1),
    date(2028, 2, 29),
]
CODES = ["POOR", "EARNS_LITTLE", "ONE_ADULT", "BAD_SHELTER", "INFANT", "CARER", "RICH"]
WHOLE = st.sampled_from([-3, -1, 0, 1, 2, 5, 100, 5000, 10000])
CONSTANT = st.one_of(
    WHOLE, st.sampled_from([{"parameter": "line_minor"}, {"parameter": "adult_age"}])
)


def ages() -> st.SearchStrategy:
    """Age conditions with every bound, unit, date and reading."""
    bound = st.one_of(st.integers(-1, 70), st.just({"parameter": "adult_age"}))
    return st.fixed_dictionaries(
        {"at_least": bound, "reading": st.sampled_from(["widest", "narrowest"])},
        optional={
            "below": bound,
            "unit": st.sampled_from(["years", "months"]),
            "on": st.sampled_from(["2026-09-01", "2024-02-29"]),
        },
    ).map(lambda age: {"age": age})


def joined(leaves: st.SearchStrategy) -> st.SearchStrategy:
    """All, any and none of some conditions, one level deep."""
    many = st.lists(leaves, min_size=1, max_size=3)
    return st.one_of(leaves, *(st.builds(dict, **{kind: many}) for kind in ("all", "any", "none")))


MEMBER = joined(
    st.one_of(
        ages(),
        st.just({"fact": "disability_functional"}),
        st.just({"in": {"fact": "sex", "values": ["female"]}}),
        st.builds(
            lambda op, right: {"compare": [{"fact": "earnings_minor"}, op, right]},
            st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]),
            CONSTANT,
        ),
    )
)
EARNINGS = st.one_of(
    st.just({"fact": "earnings_minor"}),
    st.just(2),
    st.just({"minus": [{"parameter": "line_minor"}, {"fact": "earnings_minor"}]}),
)
NUMBER = st.recursive(
    st.one_of(
        CONSTANT,
        st.just({"fact": "income_monthly_minor"}),
        st.just({"count": {}}),
        MEMBER.map(lambda where: {"count": {"where": where}}),
        EARNINGS.map(lambda of: {"sum": {"of": of}}),
        st.builds(lambda of, where: {"sum": {"of": of, "where": where}}, EARNINGS, MEMBER),
    ),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map(lambda parts: {"plus": parts}),
        st.lists(part, min_size=2, max_size=2).map(lambda parts: {"minus": parts}),
        st.tuples(part, CONSTANT).map(lambda parts: {"times": list(parts)}),
    ),
    max_leaves=4,
)
CONDITION = joined(
    st.one_of(
        st.builds(
            lambda left, op, right: {"compare": [left, op, right]},
            NUMBER,
            st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]),
            NUMBER,
        ),
        st.builds(
            lambda value, low, high: {"between": {"value": value, "low": low, "high": high}},
            NUMBER,
            CONSTANT,
            NUMBER,
        ),
        MEMBER.map(lambda where: {"any_member": where}),
        st.just({"fact": "displaced"}),
        st.just({"in": {"fact": "shelter", "values": ["tent", "street"]}}),
        st.just({"in_area": "programme"}),
    )
)
QUANTITY = st.one_of(
    NUMBER.map(lambda number: {"formula": number}),
    st.builds(
        lambda of, amounts: {
            "bands": {
                "of": of,
                "steps": [
                    {"from": start, "quantity": amount}
                    for start, amount in zip(
                        [-1, 3, {"parameter": "line_minor"}], amounts, strict=False
                    )
                ],
            }
        },
        NUMBER,
        st.lists(st.integers(0, 500), min_size=1, max_size=3),
    ),
)
ROUNDING = st.fixed_dictionaries(
    {"to": st.sampled_from([1, 2, 7, 100]), "direction": st.sampled_from(["down", "up", "nearest"])}
)


@st.composite
def rule_trees(draw: st.DrawFn) -> dict:
    """The rule with every node, its conditions and quantities replaced by random ones."""
    tree = copy.deepcopy(TREE)
    for clause in tree["clauses"]:
        clause["when"] = draw(CONDITION)
    parts = [{"clause": code} for code in CODES]
    tree["entitled_when"] = {
        "any": [
            {draw(st.sampled_from(["all", "any", "none"])): parts[:3]},
            {"all": parts[3:5]},
            {draw(st.sampled_from(["all", "none"])): parts[5:]},
        ]
    }
    for line in tree["benefit"]:
        line["quantity"] = draw(QUANTITY)
        line["rounding"] = draw(ROUNDING)
    return tree


def assert_same(rule, on: date, seed: int, size: int) -> None:
    dice = random.Random(seed)
    secrets = [dice.randbytes(32) for _ in range(3)]
    with tempfile.TemporaryDirectory() as name:
        register = a_register(rule, dice, size, Path(name) / "in")
        engine, folder = DuckDBEngine(), f"{name}/cycle"
        order = FreezeOrder(rule, on, b"c" * 16, (INSIDE.bytes,), *secrets)
        engine.freeze(register.files, order, folder)
        totals = engine.decide(folder, rule)
        found = {
            row.household: decision_from_codes(row.outcome, row.codes, row.lines)
            for row in engine.decisions(folder, rule, order.cycle, order.map_key)
        }
    expected: dict[bytes, Decision] = {
        identifier.bytes: evaluate(rule, reduce(rule, household, on), on)
        for identifier, household in register.households.items()
    }
    assert found == expected
    for total in totals:
        same = [decision for decision in expected.values() if decision.outcome == total.outcome]
        assert total.households == len(same)
        given_out = [dict(decision.lines) for decision in same]
        for unit, amount in total.quantities:
            assert amount == sum(lines.get(unit, 0) for lines in given_out)


@settings(
    max_examples=max(1, HOUSEHOLDS // 2 // SIZE),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking would freeze thousands of registers
)
@given(tree=rule_trees(), on=st.sampled_from(DAYS), seed=st.integers(0, 2**32))
def test_random_rules_are_decided_alike(tree, on, seed):
    try:
        rule = parse(tree)
    except RuleError as error:
        assert {problem.text for problem in error.problems} <= TOO_LARGE  # noqa: PT017
        reject()
    assert_same(rule, on, seed, SIZE)


@settings(
    max_examples=max(2, HOUSEHOLDS // 2 // (4 * SIZE)),
    suppress_health_check=list(HealthCheck),
)
@given(
    text=st.sampled_from([EVERY_NODE, FOOD_PARCEL]),
    on=st.sampled_from(DAYS),
    seed=st.integers(0, 2**32),
)
def test_written_rules_are_decided_alike(text, on, seed):
    assert_same(parse(read_document(text)), on, seed, 4 * SIZE)
