"""
Spark decides the same files as DuckDB, row for row, on a cluster of separate worker processes.

Needs Java: without it these tests are left out in one line.
"""

import os
import random
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from duckdb import connect

from despensa.adapters.engine import spark
from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import EngineError, FreezeOrder
from tests.adapters.engine.registers import INSIDE, a_register
from tests.domain.eligibility.rules import EVERY_NODE, PERSON_AND_BUDGET

DAY = date(2026, 3, 1)
HOUSEHOLDS = 300
# two workers of one core and one GiB each, in processes of their own
MASTER = "local-cluster[2,1,1024]"
needs_java = pytest.mark.skipif(
    not spark.java_is_here() and "DESPENSA_NOTHING_LEFT_OUT" not in os.environ,
    reason="Spark needs Java: apt-get install default-jre-headless",
)


@pytest.fixture(scope="module")
def cluster():
    with spark.spark_engine(MASTER, secret="only of this test") as engine:
        yield engine


def _frozen(rule, folder: Path):
    register = a_register(rule, random.Random(41), HOUSEHOLDS, folder / "in")
    order = FreezeOrder(
        rule, DAY, b"c" * 16, (INSIDE.bytes,), b"i" * 32, b"s" * 32, b"m" * 32,
        b"l" * 32 if rule.draws_lot else None,
    )  # fmt: skip
    return DuckDBEngine().freeze(register.files, order, str(folder / "duckdb"))


@needs_java
@pytest.mark.slow
@pytest.mark.parametrize("text", [EVERY_NODE, PERSON_AND_BUDGET], ids=["household", "person"])
def test_every_row_and_root_is_the_same_as_from_duckdb(cluster, text, tmp_path):
    rule, duckdb = parse_text(text), DuckDBEngine()
    frozen = _frozen(rule, tmp_path)
    shutil.copytree(frozen.folder, tmp_path / "spark")
    folder = str(tmp_path / "spark")

    totals = cluster.decide(folder, rule)

    assert totals == duckdb.decide(frozen.folder, rule)
    assert len({total.households for total in totals if total.households}) > 1
    assert cluster.border(folder, rule) == duckdb.border(frozen.folder, rule)
    keys = (b"c" * 16, b"m" * 32)
    rows = list(cluster.decisions(folder, rule, *keys))
    assert rows == list(duckdb.decisions(frozen.folder, rule, *keys))
    assert len(rows) == HOUSEHOLDS
    kept = {path.name for path in Path(frozen.folder).iterdir()}
    assert {path.name for path in Path(folder).iterdir()} == kept
    for name in kept - {"outcome.parquet"}:
        assert (Path(folder) / name).read_bytes() == (Path(frozen.folder) / name).read_bytes(), name
    assert _stored(folder) == _stored(frozen.folder)


def _stored(folder: str):
    """Return the columns with their types and all rows of a decided folder, as they are stored."""
    table = connect().read_parquet(f"{folder}/outcome.parquet")
    return list(zip(table.columns, map(str, table.types), strict=True)), table.fetchall()


@needs_java
@pytest.mark.slow
def test_the_workers_are_processes_of_their_own(cluster):
    children = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True)
    assert cluster.session.sparkContext.master == MASTER

    workers = [
        line
        for line in children.stdout.splitlines()
        if "CoarseGrainedExecutorBackend" in line and "java" in line
    ]
    assert len(workers) >= 2


@needs_java
@pytest.mark.slow
def test_what_spark_cannot_read_is_one_sentence_without_rows(cluster, tmp_path):
    rule = parse_text(EVERY_NODE)
    frozen = _frozen(rule, tmp_path)
    (Path(frozen.folder) / "member.parquet").write_bytes(b"no parquet")

    with pytest.raises(EngineError, match="Spark could not decide"):
        cluster.decide(frozen.folder, rule)

    assert not (Path(frozen.folder) / "outcome.parts").exists()


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with (
        pytest.raises(EngineError, match=r"pip install 'despensa\[spark\]'"),
        spark.spark_engine(MASTER, secret="x"),
    ):
        pass


def test_without_java_a_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with (
        pytest.raises(EngineError, match="default-jre-headless"),
        spark.spark_engine(MASTER, secret="x"),
    ):
        pass
