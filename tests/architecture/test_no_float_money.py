"""Amounts are whole numbers of minor units: no float in the code or tables that hold them."""

import ast

import pytest
from psycopg import sql

from tests.architecture.source_tree import PACKAGE
from tests.factories.shelf import as_owner

MONEY = (
    "domain/ledger", "domain/payment", "records/ledger", "records/payments", "records/payees",
    "adapters/payments",
)  # fmt: skip
_WORDS = {"float", "FloatField", "DecimalField"}


def floats_in(text):
    """Return what in a module could hold a float: literals, the type, a true division."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id in _WORDS)
        or (isinstance(node, ast.Attribute) and node.attr in _WORDS)
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div))
    ]


def modules():
    found = [path for folder in MONEY for path in sorted((PACKAGE / folder).rglob("*.py"))]
    # a limiter of the web framework, whose values are not ours
    others = set((PACKAGE / "usecases").glob("*.py")) - {PACKAGE / "usecases/remember_shortly.py"}
    return [*found, *sorted(others)]


def test_no_module_with_amounts_knows_a_float():
    wrong = {
        path.relative_to(PACKAGE).as_posix(): floats
        for path in modules()
        if (floats := floats_in(path.read_text(encoding="utf-8")))
    }

    assert wrong == {}


@pytest.mark.parametrize("line", ["a = 1.5", "a: float = 1", "a = b / c", "x = m.FloatField()"])
def test_a_planted_float_is_found(line):
    assert floats_in(line)


@pytest.mark.parametrize("kind", ["registry", "ledger"])
def test_no_table_has_a_column_of_floats(founded_books, kind):
    with as_owner(founded_books.endpoints, kind) as connection:
        columns = connection.execute(
            sql.SQL(
                """SELECT table_name, column_name FROM information_schema.columns
                   WHERE table_schema = 'public'
                     AND data_type IN ('real', 'double precision', 'numeric', 'money')"""
            )
        ).fetchall()

    # when a limiter forgets; no amount
    assert set(columns) <= {("short_memory", "until")}
