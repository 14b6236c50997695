"""What others made and we ship: every file has a source, a licence and the checksum it has today."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT

# A folder of one of these names holds other people's work; it, or a folder above it, has a SOURCES.md.
NAMES = {"vendor", "fonts"}
LICENCE = re.compile(r"(LICEN[CS]E|COPYING|OFL|NOTICE)", re.IGNORECASE)


def third_party_folders(root: Path) -> list[Path]:
    found = {path for path in root.rglob("*") if path.is_dir() and path.name in NAMES}
    return sorted(path for path in found if not any(parent in found for parent in path.parents))


def shipped_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCES.md" and path.suffix not in {".py", ".pyc"}
    )


def mistakes(folder: Path, root: Path = PACKAGE) -> list[str]:
    """Files without a licence beside them, or whose checksum is not on a line with their name."""
    above = folder.relative_to(root).parents
    described = [*folder.rglob("SOURCES.md"), *(root / parent / "SOURCES.md" for parent in above)]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in described if path.is_file())
    if not sources:
        return [f"{folder}: no SOURCES.md says where this comes from"]
    files = shipped_files(folder)
    found = []
    if not any(LICENCE.search(path.name) for path in files):
        found.append(f"{folder}: no licence text lies beside the files")
    for path in files:
        if LICENCE.search(path.name):
            continue
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        if not any(path.name in line and checksum in line for line in sources.splitlines()):
            found.append(f"{path}: SOURCES.md has no line with this name and {checksum}")
    return found


def test_every_vendored_file_has_its_checksum():
    found = [line for folder in third_party_folders(PACKAGE) for line in mistakes(folder)]

    assert not found, "\n".join(found)


def test_third_party_lists_every_vendored_folder():
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")

    missing = [
        str(folder.relative_to(ROOT))
        for folder in third_party_folders(PACKAGE)
        if str(folder.relative_to(ROOT)) not in text
    ]
    assert not missing


@pytest.fixture
def folder(tmp_path):
    shipped = tmp_path / "vendor"
    shipped.mkdir()
    (shipped / "LICENSE").write_text("MIT")
    (shipped / "page.js").write_text("export const page = 1;\n")
    checksum = hashlib.sha256((shipped / "page.js").read_bytes()).hexdigest()
    (shipped / "SOURCES.md").write_text(f"| `page.js` | example.org 1.0 | `{checksum}` |\n")
    return shipped


def test_the_check_lets_a_described_folder_pass(folder):
    assert third_party_folders(folder.parent) == [folder]
    assert not mistakes(folder, folder.parent)


def test_the_check_sees_a_changed_file(folder):
    (folder / "page.js").write_text("export const page = 2;\n")

    assert mistakes(folder, folder.parent)


def test_the_check_sees_a_file_nobody_described(folder):
    (folder / "more.js").write_text("")

    assert mistakes(folder, folder.parent)


def test_the_check_sees_a_missing_licence(folder):
    (folder / "LICENSE").unlink()

    assert mistakes(folder, folder.parent)
