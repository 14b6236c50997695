"""Three hundred seeds of points, phones and an office, with no check failing."""

import contextlib
import json

from despensa.entrypoints.cli import main
from despensa.entrypoints.simulate.run import run_seed, violations

SEEDS = 300
PHONES = 4


def test_no_seed_violates_anything():
    assert [violation.replay for violation in violations(range(SEEDS), PHONES)] == []


def test_a_seed_is_the_same_run_every_time():
    assert run_seed(7, 2) == run_seed(7, 2)


def test_the_command_says_what_was_played(monkeypatch, capsys):
    words = ["despensa", "simulate", "--seeds", "2", "--phones", "2", "--no-plants", "--json"]
    monkeypatch.setattr("sys.argv", words)
    with contextlib.suppress(SystemExit):
        main.run()
    value = json.loads(capsys.readouterr().out)
    assert (value["seeds"], value["violations"], value["first_failing_seed"]) == (2, 0, None)
