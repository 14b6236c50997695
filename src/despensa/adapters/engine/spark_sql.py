"""
Compiled rules in the dialect of Spark, for registers that need more than one machine.

Decides nothing: sqlglot rewrites the statement of `domain.eligibility.compile`, and what it does not
know is mended here. Spark has no 16-byte integer; a decimal of 38 digits without fraction holds all
that the parser lets a rule reach (36 digits). Needs the extra `despensa[spark]`.
Source: Spark SQL reference, "Data types"; docs/explanation/design.md section 4.
"""

from despensa.domain.ports.engine import EngineError


def spark_statement(sql: str) -> str:
    """
    Return a compiled statement of DuckDB as one of Spark, over the same tables and columns.

    Raises: EngineError when sqlglot is not installed, or cannot say a part of it in Spark.
    """
    try:
        import sqlglot
        from sqlglot import exp
    except ImportError as error:
        raise EngineError(
            "Spark needs a package that is not installed: pip install 'despensa[spark]'"
        ) from error
    wide = exp.DataType.build("DECIMAL(38, 0)")

    def narrowed(node: exp.Expression) -> exp.Expression:
        is_wide = isinstance(node, exp.DataType) and node.this is exp.DataType.Type.INT128
        return wide.copy() if is_wide else node

    try:
        tree = sqlglot.parse_one(sql, read="duckdb").transform(narrowed)
        return tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        raise EngineError(
            "The rule cannot be said in Spark's SQL: decide it with DuckDB"
        ) from error
