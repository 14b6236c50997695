"""The domain runs without Django, without a database driver, without floats, clock or dice."""

import ast
import os
import pkgutil
import subprocess
import sys

import pytest

import despensa.domain
from tests.architecture.source_tree import ROOT, Module, modules, sample

# Match weights, probabilities, millimetres on paper and cells of a spreadsheet are floats by nature;
# no money and no goods come near them.
FLOATS_ALLOWED = (
    "despensa.domain.matching",
    "despensa.domain.privacy",
    "despensa.domain.card.qr",
    "despensa.domain.card.sheet",
    "despensa.domain.ports.printing",
    "despensa.domain.registration.cell",
)

IMPORT_ALL = """
import importlib, sys

class Absent:
    names = {names!r}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"{{name}} is not installed here", name=name)

sys.meta_path.insert(0, Absent())
for name in {modules!r}:
    importlib.import_module(name)
absent = [name for name in Absent.names if name in sys.modules]
sys.exit(f"imported: {{absent}}" if absent else 0)
"""
ABSENT = ["django", "ninja", "allauth", "psycopg", "duckdb", "typer", "typst"]


def domain_modules() -> list[str]:
    packages = pkgutil.walk_packages(despensa.domain.__path__, "despensa.domain.")
    return ["despensa.domain", *sorted(package.name for package in packages)]


def import_without(absent: list[str], names: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", IMPORT_ALL.format(names=set(absent), modules=names)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("DJANGO")},
    )


def _paths(module: Module) -> set[int]:
    """The divisions that join a path: a text is among what they divide."""
    found = set()
    for node in ast.walk(module.tree):
        parts, chain = [], []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            chain.append(id(node))
            parts.append(node.right)
            node = node.left  # noqa: PLW2901 - walking down the left side of a / b / c
        if any(isinstance(part, ast.JoinedStr) or _is_text(part) for part in parts):
            found.update(chain)
    return found


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def floats(module: Module) -> list[str]:
    found = []
    paths = _paths(module)
    for node in ast.walk(module.tree):
        if id(node) in paths:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"{module.at(node)}: the number {node.value}")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"{module.at(node)}: a true division; integers divide with //")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float":
            found.append(f"{module.at(node)}: a conversion to float")
        elif isinstance(node, ast.arg | ast.AnnAssign) and _says_float(node.annotation):
            found.append(f"{module.at(node)}: an annotation with float")
    return found


def _says_float(annotation: ast.AST | None) -> bool:
    return annotation is not None and any(
        isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation)
    )


def test_the_domain_can_be_imported_where_django_is_absent():
    finished = import_without(ABSENT, domain_modules())

    assert finished.returncode == 0, finished.stderr


def test_the_check_sees_an_import_of_django():
    finished = import_without(ABSENT, ["django.conf"])

    assert "django is not installed here" in finished.stderr or finished.returncode != 0


def test_the_domain_has_no_floats():
    found = [
        line
        for module in modules("domain")
        if not module.name.startswith(FLOATS_ALLOWED)
        for line in floats(module)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "bad",
    ["rate = 0.5", "half = total / 2", "total /= 2", "float('1')", "def pay(sum: float): ..."],
)
def test_the_check_sees_a_float(bad):
    assert floats(sample(bad))


def test_the_check_lets_integers_pass():
    assert not floats(sample("def half(total: int) -> int:\n    return total // 2\n"))
    assert not floats(sample("path = files('despensa') / 'data' / name / f'{kind}.yaml'"))
