"""Compiled rules in Spark's dialect: nothing of DuckDB's left, and the same decisions."""

import random
import sys
from datetime import date

import duckdb
import pytest
import sqlglot

from despensa.adapters.engine.spark_sql import spark_statement
from despensa.domain.eligibility.compile import compile_rule
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import EngineError
from tests.adapters.engine.registers import invent_frozen
from tests.domain.eligibility.rules import EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET

DAY = date(2026, 3, 1)


@pytest.mark.parametrize("text", [EVERY_NODE, FOOD_PARCEL, PERSON_AND_BUDGET])
def test_the_statement_for_spark_decides_the_same(text):
    rule = parse_text(text)
    compiled = compile_rule(rule, DAY)

    spark = spark_statement(compiled.sql)

    assert "INT128" not in spark
    assert "HUGEINT" not in spark
    with duckdb.connect() as connection:
        invent_frozen(connection, facts_read(rule), 3000, random.Random(text).getrandbits(32))
        back = sqlglot.transpile(spark, read="spark", write="duckdb")[0]
        ours = connection.execute(f"FROM ({compiled.sql}) ORDER BY row_id").fetchall()
        assert connection.execute(f"FROM ({back}) ORDER BY row_id").fetchall() == ours


def test_codes_and_border_are_said_in_spark_too():
    compiled = compile_rule(parse_text(PERSON_AND_BUDGET), DAY)

    assert "//" not in spark_statement(f"SELECT {compiled.codes_sql} FROM outcome")
    assert "DECIMAL(38, 0)" in spark_statement(compiled.border_sql or "")


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlglot", None)

    with pytest.raises(EngineError, match=r"pip install 'despensa\[spark\]'"):
        spark_statement("SELECT 1")
