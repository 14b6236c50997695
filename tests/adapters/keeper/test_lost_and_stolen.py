"""The page about lost and stolen keys is true: every line of it names tests, and they exist."""

import re
from pathlib import Path

import pytest

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.standing import FIXED
from despensa.adapters.workspace import folder as workspaces
from despensa.entrypoints import wiring
from tests.factories.books import empty

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "how-to" / "when-a-key-is-lost-or-stolen.md"


def test_every_line_of_the_page_has_its_test():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    named = [re.findall(r"`(test_\w+)`", row.split("|")[-2]) for row in rows]

    assert len(rows) >= 8
    assert all(named)
    assert not [name for names in named for name in names if f"def {name}(" not in tests]


@pytest.mark.parametrize("name", FIXED)
def test_a_key_that_is_gone_is_named_and_never_made_anew(tmp_path, name):
    books = empty(tmp_path / "office", None)
    books.keeper.close()
    (books.folder / "log" / "checkpoint").write_text("begun")
    path = books.folder / "keys" / "keeper" / f"{name}.key"
    path.unlink()

    with pytest.raises(key_files.KeyMissing, match=name):
        wiring.open_tools(workspaces.load(books.folder))

    assert not path.exists()
