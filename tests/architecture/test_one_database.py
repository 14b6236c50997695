"""
Each use case writes exactly one database, and says which.

A transaction names its database with a constant; a module names one database only and imports
only record books that live in it. Source: docs/explanation/design.md, section 3.
"""

import ast

import pytest

from despensa.records.databases import LEDGER, LEDGER_APPS, REGISTRY, REGISTRY_APPS
from tests.architecture.source_tree import Module, dotted, imported_names, modules, sample

CONSTANTS = {"REGISTRY": REGISTRY, "LEDGER": LEDGER}


def _alias(node: ast.AST) -> str | None:
    """The database an expression names, or None when it is not a constant."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if node.value in CONSTANTS.values() else None
    return CONSTANTS.get(dotted(node).rpartition(".")[2])


def _is_atomic(node: ast.AST) -> bool:
    return dotted(node).rpartition(".")[2] == "atomic"


def unnamed_transactions(module: Module) -> list[str]:
    """Transactions that do not say `atomic(using=DATABASE)`, and ATOMIC_REQUESTS."""
    called = {id(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _is_atomic(node.func):
            if not any(keyword.arg == "using" for keyword in node.keywords):
                found.append(f"{module.at(node)}: atomic() without using=")
        elif isinstance(node, ast.Name | ast.Attribute) and _is_atomic(node):
            if id(node) not in called:
                found.append(f"{module.at(node)}: bare atomic")
        elif "ATOMIC_REQUESTS" in {getattr(node, "id", None), getattr(node, "value", None)}:
            found.append(f"{module.at(node)}: ATOMIC_REQUESTS")
    return found


def database_mistakes(module: Module) -> list[str]:
    """What keeps a use case from writing exactly one, named database."""
    found = unnamed_transactions(module)
    named: set[str] = set()
    for node in ast.walk(module.tree):
        for expression in _database_expressions(node):
            alias = _alias(expression)
            if alias is None:
                found.append(
                    f"{module.at(node)}: {ast.unparse(expression)} is no database constant"
                )
            else:
                named.add(alias)
    for name in imported_names(module):
        if name.startswith("despensa.records."):
            app = name.split(".")[2]
            named |= {REGISTRY} if app in REGISTRY_APPS else set()
            named |= {LEDGER} if app in LEDGER_APPS else set()
    if len(named) > 1:
        found.append(f"{module.place}: names both databases")
    return found


def _database_expressions(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Subscript) and dotted(node.value).endswith("connections"):
        return [node.slice]
    if not isinstance(node, ast.Call):
        return []
    expressions = [keyword.value for keyword in node.keywords if keyword.arg == "using"]
    if isinstance(node.func, ast.Attribute) and node.func.attr == "using":
        expressions += node.args
    return expressions


def test_every_transaction_names_its_database():
    found = [line for module in modules() for line in unnamed_transactions(module)]

    assert not found, "\n".join(found)


def test_every_use_case_writes_exactly_one_database():
    found = [line for module in modules("usecases") for line in database_mistakes(module)]

    assert not found, "\n".join(found)


BAD = {
    "bare call": "with transaction.atomic(): pass",
    "bare decorator": "@transaction.atomic\ndef open_cycle(): ...",
    "positional": "with transaction.atomic('registry'): pass",
    "imported name": "from django.db.transaction import atomic\nwith atomic(): pass",
    "per request": "DATABASES = {'default': {'ATOMIC_REQUESTS': True}}",
    "variable": "with transaction.atomic(using=database): pass",
    "unknown alias": "with transaction.atomic(using='default'): pass",
    "two": "with transaction.atomic(using=REGISTRY): pass\nwith transaction.atomic(using=LEDGER): pass",
    "two by connection": "with transaction.atomic(using=REGISTRY): connections['ledger'].cursor()",
    "two by query": "with transaction.atomic(using='ledger'): Card.objects.using('registry')",
    "two by import": (
        "from despensa.records.redemption import store\n"
        "with transaction.atomic(using=databases.REGISTRY): pass"
    ),
    "two by imports": (
        "from despensa.records.redemption import store\nfrom despensa.records.cards import store as cards"
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_the_check_sees_a_mistake(bad):
    assert database_mistakes(sample(bad))


@pytest.mark.parametrize(
    "good",
    [
        "with transaction.atomic(using=REGISTRY): connections['registry'].cursor()",
        "from despensa.records.ledger import store\nwith atomic(using=databases.LEDGER): pass",
        "def decide(facts): return facts",
    ],
)
def test_the_check_lets_one_database_pass(good):
    assert not database_mistakes(sample(good))
