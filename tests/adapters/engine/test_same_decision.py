"""
The compiled SQL and the interpreter decide alike, for random rules and households with gaps.

Rules are about households or persons, with and without a budget and an order. A run takes at least
100,000 random households: most are invented as frozen rows by one query and decided by another,
some go the whole way through files. DESPENSA_RANDOM_HOUSEHOLDS takes another number.
"""

import copy
import os
import random
import tempfile
from collections import defaultdict
from datetime import date
from itertools import accumulate
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.document import TOO_DEEP, RuleError, read_document
from despensa.domain.eligibility.evaluate import (
    Decision,
    claims,
    decision_from_codes,
    evaluate,
    evaluate_all,
)
from despensa.domain.eligibility.frozen import FrozenHousehold, facts_read, lot_of, reduce
from despensa.domain.eligibility.parse import parse
from despensa.domain.eligibility.reading import Reading
from despensa.domain.eligibility.rule import Border
from despensa.domain.ports.engine import FreezeOrder
from tests.adapters.engine.registers import INSIDE, a_register, invent_frozen
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET

HOUSEHOLDS = int(os.environ.get("DESPENSA_RANDOM_HOUSEHOLDS", "100000"))
AT_ONCE = 2500
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


PRIORITY = st.one_of(
    NUMBER.map(lambda number: {"highest": number}),
    NUMBER.map(lambda number: {"lowest": number}),
    CONDITION.map(lambda condition: {"first": condition}),
    st.just({"lot": "seed_in_log"}),
)


@st.composite
def rule_trees(draw: st.DrawFn) -> dict:
    """The rule with every node, its conditions and quantities replaced by random ones."""
    tree = copy.deepcopy(TREE)
    person = draw(st.booleans())
    tree["subject"] = "person" if person else "household"
    conditions = st.one_of(CONDITION, MEMBER) if person else CONDITION
    for clause in tree["clauses"]:
        clause["when"] = draw(conditions)
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
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["parcel", "minor", "litre"]))
        most = st.sampled_from([0, 1, 100, 3000, 90_000, 10_000_000, 10**12])
        tree["budget"] = {"unit": unit, "maximum": draw(most)}
        tree["priority"] = draw(st.lists(PRIORITY, min_size=1, max_size=3))
    return tree


def parsed(tree: dict):
    """The rule of a tree; one that is only too large is another example's turn."""
    try:
        return parse(tree)
    except RuleError as error:
        assert {problem.text for problem in error.problems} <= TOO_LARGE  # noqa: PT017
        reject()


def assert_same(rule, on: date, seed: int, size: int) -> None:
    dice = random.Random(seed)
    secrets = [dice.randbytes(32) for _ in range(4)]
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
        border = engine.border(folder, rule)
    frozen = {
        identifier.bytes: reduce(rule, household, on, lot=lot_of(order.lot_seed, identifier.bytes))
        for identifier, household in register.households.items()
    }
    decided, expected_border = evaluate_all(rule, frozen.values(), on)
    expected: dict[bytes, Decision] = dict(zip(frozen, decided, strict=True))
    assert found == expected
    assert border == expected_border
    one = dice.choice(list(frozen))
    assert evaluate(rule, frozen[one], on, border=border) == expected[one]
    for total in totals:
        same = [decision for decision in expected.values() if decision.outcome == total.outcome]
        assert total.households == len(same)
        given_out = [dict(decision.lines) for decision in same]
        for unit, amount in total.quantities:
            assert amount == sum(lines.get(unit, 0) for lines in given_out)


def compiled_decisions(connection, rule, on: date) -> tuple[list[Decision], Border | None]:
    """Decide the tables of a connection by the compiled statement, in the order of row_id."""
    compiled = compile_rule(rule, on)
    amounts = ", ".join(f"quantity_{i}" for i in range(len(compiled.units)))
    rows = connection.execute(
        f"SELECT outcome, {compiled.codes_sql}, {amounts} FROM ({compiled.sql}) ORDER BY row_id"
    ).fetchall()
    border = None
    if compiled.border_sql is not None:
        late, last = connection.execute(compiled.border_sql).fetchone()
        border = Border(None if last is None else tuple(last)) if late else None
    return [
        decision_from_codes(
            outcome,
            codes.split(","),
            [(u, q) for u, q in zip(compiled.units, given, strict=True) if q],
        )
        for outcome, codes, *given in rows
    ], border


def frozen_rows(connection, rule) -> list[FrozenHousehold]:
    """Return the tables of a connection as frozen households, in the order of row_id."""
    reads = facts_read(rule)
    heads = ", ".join(["row_id", *reads.household_columns])
    columns = ", ".join(["row_id", *reads.member_columns])
    members = defaultdict(list)
    for row, *values in connection.execute(f"SELECT {columns} FROM member").fetchall():
        members[row].append(tuple(values))
    rows = connection.execute(f"SELECT {heads} FROM household ORDER BY row_id").fetchall()
    return [FrozenHousehold(tuple(values), tuple(members[row])) for row, *values in rows]


def test_a_hundred_thousand_random_households_are_decided_alike():
    taken = []

    @settings(
        max_examples=-(-HOUSEHOLDS // AT_ONCE),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(tree=rule_trees(), on=st.sampled_from(DAYS), seed=st.integers(0, 2**32))
    def decide_alike(tree, on, seed):
        rule = parsed(tree)
        with duckdb.connect() as connection:
            invent_frozen(connection, facts_read(rule), AT_ONCE, seed)

            found, border = compiled_decisions(connection, rule, on)

            assert (tuple(found), border) == evaluate_all(rule, frozen_rows(connection, rule), on)
        taken.append(len(found))

    decide_alike()

    print(f"{sum(taken):,} random households by {len(taken)} random rules were decided alike")
    assert sum(taken) >= HOUSEHOLDS


@pytest.mark.parametrize("seed", [6, 7])
def test_money_that_lasts_to_the_unit_reaches_alike(seed):
    tree = copy.deepcopy(read_document(PERSON_AND_BUDGET).tree)
    on, rule = date(2026, 3, 1), parse(tree)
    with duckdb.connect() as connection:
        invent_frozen(connection, facts_read(rule), 400, seed)
        rows, reading = frozen_rows(connection, rule), Reading(rule, on)
        asked = sorted(
            (claim.place, claim.quantities[0])
            for frozen in rows
            for claim in claims(reading, frozen)
            if claim.quantities[0]
        )
        spent = list(accumulate(quantity for _, quantity in asked))
        assert len(spent) > 30
        for most in (spent[len(spent) // 2] + more for more in (-1, 0, 1)):
            tree["budget"]["maximum"] = most
            capped = parse(tree)

            found, border = compiled_decisions(connection, capped, on)

            assert (tuple(found), border) == evaluate_all(capped, rows, on)


@settings(
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking would freeze thousands of registers
)
@given(tree=rule_trees(), on=st.sampled_from(DAYS), seed=st.integers(0, 2**32))
def test_random_rules_are_decided_alike(tree, on, seed):
    assert_same(parsed(tree), on, seed, SIZE)


@settings(
    max_examples=2,
    suppress_health_check=list(HealthCheck),
)
@given(
    text=st.sampled_from([EVERY_NODE, FOOD_PARCEL]),
    on=st.sampled_from(DAYS),
    seed=st.integers(0, 2**32),
)
def test_written_rules_are_decided_alike(text, on, seed):
    assert_same(parse(read_document(text)), on, seed, 4 * SIZE)
