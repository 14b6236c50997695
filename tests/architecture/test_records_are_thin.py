"""Books hold facts: no save() overrides, no signals, no rules hidden in models."""

import ast

import pytest

from tests.architecture.source_tree import Module, dotted, imported_names, modules, sample

OVERRIDES = {"save", "delete", "clean", "full_clean", "save_base", "refresh_from_db"}
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
