"""
The engine on Spark: decides a frozen folder with the statement DuckDB runs, on a cluster's workers.

The same files in and the same rows out. Freezing, reading back, slips and destroying are those of
DuckDB, over the same folder, which every machine of the cluster must see under the same path. What
Spark spills or sends between its processes is encrypted under a secret made for the run. Needs the
extra `despensa[spark]` and Java. Source: Spark, "Security"; docs/explanation/design.md section 4.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.adapters.engine.spark_sql import spark_statement
from despensa.domain.eligibility.rule import Border, Rule
from despensa.domain.ports.engine import EngineError, OutcomeTotal

_PARTS = "outcome.parts"
_PARTITIONS_MAX = 200
_HOUSEHOLDS_A_PARTITION = 100_000


@dataclass(frozen=True, slots=True)
class SparkEngine(DuckDBEngine):
    """The port `Engine` on a Spark session; made by `spark_engine`."""

    session: Any = field(default=None, repr=False)

    def decide(self, folder: str, rule: Rule) -> tuple[OutcomeTotal, ...]:
        """Decide every frozen household and return the totals; see the port."""
        compiled, place = self.compiled(folder, rule), Path(folder)
        statement = spark_statement(compiled.sql)
        parts = place / _PARTS
        shutil.rmtree(parts, ignore_errors=True)
        try:
            with self._tables(folder, rule):
                self.session.sql(statement).write.parquet(parts.resolve().as_uri())
            return self.keep_outcome(folder, rule, f"{parts.resolve()}/*.parquet")
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def border(self, folder: str, rule: Rule) -> Border | None:
        """Return how far the budget reached down the order; see the port."""
        compiled = self.compiled(folder, rule)
        if compiled.border_sql is None:
            return None
        with self._tables(folder, rule):
            [(late, last)] = self.session.sql(spark_statement(compiled.border_sql)).collect()
        if not late:
            return None
        return Border(None if last is None else tuple(int(number) for number in last))

    @contextmanager
    def _tables(self, folder: str, rule: Rule) -> Iterator[None]:
        """Show the frozen files to Spark's SQL inside the block. Raises: EngineError."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        place = Path(folder).resolve()
        partitions = 1 + self.households(folder, rule) // _HOUSEHOLDS_A_PARTITION
        try:
            self.session.conf.set("spark.sql.shuffle.partitions", min(partitions, _PARTITIONS_MAX))
            for name in ("household", "member"):
                source = (place / f"{name}.parquet").as_uri()
                self.session.read.parquet(source).createOrReplaceTempView(name)
            yield
        except (Py4JError, PySparkException) as error:
            # what Spark says may quote rows: only the kind of error is told
            raise EngineError(
                f"Spark could not decide {place}: {type(error).__name__}. Every machine of the "
                "cluster must see this folder under this path; or decide the cycle with DuckDB"
            ) from error


@contextmanager
def spark_engine(master: str, *, secret: str) -> Iterator[SparkEngine]:
    """
    Yield an engine on a Spark cluster, which is left at the end.

    `master` is a Spark master: `local[*]`, `spark://HOST:7077`; `secret` is random and of this run
    only. Raises: EngineError when pyspark or Java is missing, or the cluster cannot be reached.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(
            "Spark needs a package that is not installed: pip install 'despensa[spark]'"
        ) from error
    _require_java()
    is_here = master.startswith("local")
    if is_here:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    options = _OPTIONS | {"spark.authenticate.secret": secret} | (_HERE if is_here else {})
    builder = SparkSession.builder.master(master).appName("despensa")
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (Py4JError, PySparkException, RuntimeError, OSError) as error:
        raise EngineError(
            f"No Spark cluster answers at {master}: {type(error).__name__}. Nothing was changed; "
            "check the address, or decide the cycle with DuckDB"
        ) from error
    try:
        session.sparkContext.setLogLevel("ERROR")
        yield SparkEngine(session=session)
    finally:
        session.stop()


def java_is_here() -> bool:
    """Return whether a Java that Spark would start is installed."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None) is not None


def _require_java() -> None:
    if not java_is_here():
        raise EngineError(
            "Spark needs Java 17 or later, and none is here: sudo apt-get install "
            "default-jre-headless, or let JAVA_HOME say where it is"
        )


_OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # an overflow is an error and never a wrong number
    "spark.sql.ansi.enabled": "true",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}
_HERE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
