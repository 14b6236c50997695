"""The programmes shipped as examples, decided by the engine as the interpreter decides them."""

import random
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.frozen import reduce
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import FreezeOrder
from tests.adapters.engine.registers import INSIDE, a_register
from tests.domain.eligibility.rules import RULES

DAY = date(2026, 3, 15)
CYCLE, MAP_KEY = b"c" * 16, b"m" * 32


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_register_with_gaps_is_decided_alike(path: Path, tmp_path: Path):
    rule, engine, folder = parse_text(path.read_text("utf-8")), DuckDBEngine(), str(tmp_path / "f")
    register = a_register(rule, random.Random(path.stem), 300, tmp_path / "in")
    order = FreezeOrder(rule, DAY, CYCLE, (INSIDE.bytes,), b"i" * 32, b"s" * 32, MAP_KEY)
    engine.freeze(register.files, order, folder)

    totals = engine.decide(folder, rule)

    assert all(total.households for total in totals)
    decided = list(engine.decisions(folder, rule, CYCLE, MAP_KEY))
    assert len(decided) == 300
    for row in decided:
        household = register.households[UUID(bytes=row.household)]
        expected = evaluate(rule, reduce(rule, household, DAY), DAY)
        stored = tuple((line, amount) for line, amount in expected.lines if amount)
        assert (row.outcome, row.lines) == (expected.outcome, stored)
