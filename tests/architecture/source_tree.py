"""The files of the repository as the architecture tests see them: parsed once, in a fixed order."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "despensa"


@dataclass(frozen=True)
class Module:
    """One Python file: where it lies, how it is imported, what it says."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        """The path as messages show it."""
        return str(self.path.relative_to(ROOT))

    @property
    def name(self) -> str:
        """The dotted name, e.g. despensa.domain.card.tag."""
        parts = list(self.path.with_suffix("").relative_to(ROOT / "src").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def at(self, node: ast.AST) -> str:
        """The place of a node: file and line."""
        return f"{self.place}:{getattr(node, 'lineno', 1)}"


def parse(path: Path) -> Module:
    """Return one parsed file."""
    text = path.read_text(encoding="utf-8")
    return Module(path, text, ast.parse(text, filename=str(path)))


def sample(text: str, path: str = "src/despensa/usecases/sample.py") -> Module:
    """Return a module that exists only in a test."""
    return Module(ROOT / path, text, ast.parse(text))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return our modules below the named folders of the package; without names, all of them."""
    roots = [PACKAGE / folder for folder in folders] or [PACKAGE]
    paths = sorted(path for root in roots for path in _python_files(root))
    return tuple(parse(path) for path in paths)


@cache
def suite_modules() -> tuple[Module, ...]:
    """Return the modules of the test suite."""
    return tuple(parse(path) for path in sorted(_python_files(ROOT / "tests")))


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """Return files git knows, or all files where the checkout is not a git repository."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--", *patterns],
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0:
        paths = [ROOT / line for line in listing.stdout.splitlines()]
    else:
        found = (path for pattern in patterns for path in ROOT.rglob(pattern))
        paths = [path for path in found if not _is_made(path)]
    return tuple(sorted(path for path in paths if path.is_file()))


def _is_made(path: Path) -> bool:
    """Whether a file lies in a folder that tools make: .venv, caches, build results."""
    folders = path.relative_to(ROOT).parts[:-1]
    return any(name.startswith(".") and name != ".ci" for name in folders) or "dist" in folders


def dotted(node: ast.AST) -> str:
    """Return the dotted name of an expression such as a.b.c, or an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imported_names(module: Module) -> dict[str, ast.AST]:
    """Return every dotted name a module imports, with the statement that imports it."""
    names: dict[str, ast.AST] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names.update({alias.name: node for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            names[node.module] = node
            names.update({f"{node.module}.{alias.name}": node for alias in node.names})
    return names


def _python_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*.py") if "migrations" not in path.parts]
