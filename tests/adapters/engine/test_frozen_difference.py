"""What differs between two freezes: every household, and nobody else, whatever the random ids are."""

import random
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import EngineError, FactsChange, FreezeOrder, MapKey
from tests.adapters.engine.registers import INSIDE, a_register, write_register
from tests.domain.eligibility.rules import EVERY_NODE, PERSON_AND_BUDGET

DAY = date(2026, 3, 1)
CYCLE = b"c" * 16


def _frozen(rule, files, folder, number):
    """Freeze with secrets of its own but for the seed of the lots, which is the cycle's."""
    own = [bytes((number,)) + name * 31 for name in (b"i", b"s", b"m")]
    seed = b"l" * 32 if rule.draws_lot else None
    order = FreezeOrder(rule, DAY, CYCLE, (INSIDE.bytes,), *own, seed)
    DuckDBEngine().freeze(files, order, str(folder))
    return str(folder), MapKey(CYCLE, own[2])


@pytest.mark.parametrize("text", [EVERY_NODE, PERSON_AND_BUDGET], ids=["household", "person"])
def test_every_household_that_differs_is_listed_and_no_other(text, tmp_path):
    rule, engine = parse_text(text), DuckDBEngine()
    register = a_register(rule, random.Random(43), 400, tmp_path / "in")
    then = _frozen(rule, register.files, tmp_path / "then", 1)
    homes = sorted(register.households, key=lambda one: one.bytes)
    changed = {}
    for home, household in register.households.items():
        others = [o for o in (True, False, None) if o is not household.in_area]
        changed[home] = replace(household, in_area=others[0])
    now = dict(register.households)
    for home in homes[:3]:
        # the order of people tells nothing
        members = tuple(reversed(now[home].members))
        now[home] = replace(now[home], members=members)
    now |= {home: changed[home] for home in homes[10:20:3]}
    gone, new = homes[399], UUID(int=5)
    del now[gone]
    now[new] = register.households[homes[0]]

    found = engine.differences(
        then, _frozen(rule, write_register(now, tmp_path / "later"), tmp_path / "now", 2), rule
    )

    expected = dict.fromkeys(homes[10:20:3], FactsChange.CHANGED)
    expected |= {gone: FactsChange.GONE, new: FactsChange.NEW}
    told = {UUID(bytes=one.household): one.change for one in found}
    if "in_area" not in _columns(rule):
        expected = {home: how for home, how in expected.items() if how != FactsChange.CHANGED}
    assert told == expected
    assert len(found) == len(told)
    assert [one.household for one in found] == sorted(one.household for one in found)


def _columns(rule):
    from despensa.domain.eligibility.frozen import facts_read

    return facts_read(rule).household_columns


def test_the_same_register_differs_in_nothing_and_another_key_opens_no_map(tmp_path):
    rule, engine = parse_text(EVERY_NODE), DuckDBEngine()
    register = a_register(rule, random.Random(44), 50, tmp_path / "in")
    then = _frozen(rule, register.files, tmp_path / "then", 1)
    now = _frozen(rule, register.files, tmp_path / "now", 2)

    assert engine.differences(then, now, rule) == []
    with pytest.raises(EngineError, match="another key"):
        engine.differences(then, (now[0], MapKey(CYCLE, b"x" * 32)), rule)
