"""Books hold facts: no save() overrides, no signals, no rules hidden in models."""

import ast
import re

import pytest

from tests.architecture.source_tree import Module, dotted, imported_names, modules, sample

OVERRIDES = {"save", "delete", "clean", "full_clean", "save_base", "refresh_from_db"}
ALLOWED_IN_USE_CASES = re.compile(r"django\.db(\.transaction|\.\w*Error|\.utils.*)?$")
SIGNALS = ("django.db.models.signals", "django.dispatch", "django.core.signals")


def mistakes(module: Module) -> list[str]:
    found = [
        f"{module.at(method)}: {node.name}.{method.name} overrides Django's"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name in OVERRIDES
    ]
    found += [
        f"{module.at(node)}: imports {name}"
        for name, node in imported_names(module).items()
        if name.startswith(SIGNALS)
    ]
    found += [
        f"{module.at(node)}: {dotted(node)} is a signal"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node).startswith("models.signals")
    ]
    return found


def test_records_override_nothing_and_send_no_signals():
    found = [line for module in modules("records") for line in mistakes(module)]

    assert not found, "\n".join(found)


def django_of_a_use_case(module: Module) -> list[str]:
    """A use case takes Django's transactions and database errors, nothing else of it."""
    return [
        f"{module.at(node)}: a use case imports {name}"
        for name, node in imported_names(module).items()
        if name.startswith("django.") and not ALLOWED_IN_USE_CASES.match(name)
    ]


def test_use_cases_take_only_transactions_from_django():
    found = [line for module in modules("usecases") for line in django_of_a_use_case(module)]

    assert not found, "\n".join(found)


def test_the_check_sees_another_part_of_django():
    assert django_of_a_use_case(sample("from django.utils import timezone"))
    assert django_of_a_use_case(sample("from django.db import models"))
    assert not django_of_a_use_case(sample("from django.db import IntegrityError, transaction"))


@pytest.mark.parametrize(
    "bad",
    [
        "class Card(models.Model):\n    def save(self): ...",
        "from django.db.models.signals import post_save",
        "from django.dispatch import receiver",
        "models.signals.post_save.connect(count)",
    ],
)
def test_the_check_sees_a_mistake(bad):
    assert mistakes(sample(bad, "src/despensa/records/cards/models.py"))
