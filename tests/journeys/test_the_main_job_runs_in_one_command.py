"""`despensa demo --headless --json`: from a register to a verified log, as a newcomer runs it."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

KEYS = [
    "people", "households", "rejected_rows", "dropped_columns", "entitled", "not_entitled",
    "needs_information", "cards", "cards_read_back", "scans", "delivered", "refused", "aborted",
    "replayed", "ledger_balanced", "log_size", "log_verified", "seconds",
]  # fmt: skip
STOCK_CARDS = 10


def demo(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return what the demo prints; its throw-away workspace must be gone afterwards."""
    done = subprocess.run(
        [sys.executable, "-m", "despensa", "demo", "--headless", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    assert not list(folder.glob("despensa-demo-*")), "the demo left its workspace behind"
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


@pytest.fixture
def temporary() -> Any:
    """A short temporary folder, as a user's machine has one."""
    with tempfile.TemporaryDirectory(prefix="d") as folder:
        yield Path(folder)


def check_promises(printed: dict[str, Any]) -> None:
    """Check what holds for every register."""
    assert list(printed) == KEYS
    assert printed["ledger_balanced"] is True
    assert printed["log_verified"] is True
    assert printed["cards_read_back"] == printed["cards"] == printed["households"] + STOCK_CARDS
    assert printed["scans"] == printed["delivered"] + printed["refused"] + printed["aborted"]
    outcomes = printed["entitled"] + printed["not_entitled"] + printed["needs_information"]
    assert outcomes == printed["households"]
    assert printed["log_size"] > 20


def test_on_the_invented_municipality(temporary: Path) -> None:
    printed = demo(temporary)

    check_promises(printed)
    assert (printed["people"], printed["households"]) == (2400, 600)
    assert printed["rejected_rows"] > 0
    assert len(printed["dropped_columns"]) == 2
    assert min(printed["entitled"], printed["not_entitled"], printed["needs_information"]) > 0
    assert min(printed["delivered"], printed["refused"], printed["aborted"]) > 0
    assert printed["replayed"] > 0


@pytest.mark.parametrize(
    ("name", "households", "people"),
    [("hope-rdi-50-households.xlsx", 50, 203), ("121-registrations-1000.csv", 1000, 1000)],
)
def test_on_the_sample_registers(
    temporary: Path, shared_samples: Path, name: str, households: int, people: int
) -> None:
    printed = demo(temporary, "--register", str(shared_samples / name))

    check_promises(printed)
    assert (printed["households"], printed["people"]) == (households, people)
    assert printed["delivered"] > 0


def test_a_register_that_cannot_be_read_is_one_sentence(temporary: Path) -> None:
    empty = temporary / "empty.csv"
    empty.write_text("")

    done = subprocess.run(
        [sys.executable, "-m", "despensa", "demo", "--headless", "--register", str(empty)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().splitlines()[-1].startswith("despensa: ")
