"""Benchmarks at small size: what they print is a contract, and they refuse what is not theirs."""

import json
import os
import subprocess
import sys

import pytest

KEYS = {"bench", "n", "seconds", "limit_per_second", "ratio", "peak_mib", "cores", "version"}


def bench(*arguments):
    """Run a benchmark in a process of its own, as a user would."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DESPENSA_")}
    return subprocess.run(
        [sys.executable, "-m", "despensa", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        env=environment,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A workspace with 900 invented people."""
    made = tmp_path_factory.mktemp("bench") / "workspace"
    done = bench("data", "--people", 900, "--workspace", made, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS | {"people_per_second"}
    assert (figures["bench"], figures["n"]) == ("data", 900)
    return made


def test_deciding_uses_a_filled_workspace_again_and_again(folder):
    for _ in range(2):
        done = bench("decide", "--people", 900, "--workspace", folder, "--json")

        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert set(figures) == KEYS | {
            "people_per_second", "freeze_seconds", "decide_seconds", "record_seconds",
            "open_seconds", "limit_seconds", "why_p95_ms",
        }  # fmt: skip
        assert figures["seconds"] == pytest.approx(
            sum(figures[f"{part}_seconds"] for part in ("freeze", "decide", "record", "open")),
            abs=0.01,
        )
        assert "left" in done.stderr


def test_drafts_are_counted_over_a_filled_workspace(folder):
    done = bench("preview", "--people", 900, "--drafts", 2, "--workspace", folder, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS | {"people_per_second", "ready_seconds", "slowest_seconds"}
    assert 0 < figures["seconds"] <= figures["slowest_seconds"]


def test_another_number_of_people_than_are_there_is_refused(folder):
    done = bench("decide", "--people", 901, "--workspace", folder)

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "--people 900" in done.stderr


def test_a_filled_workspace_is_not_filled_twice(folder):
    done = bench("data", "--people", 900, "--workspace", folder)

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "holds 900 people already" in done.stderr


def test_a_register_of_several_files_is_searched_and_one_broken_off_goes_on(tmp_path):
    given = ("dedup", "--workspace", tmp_path / "workspace", "--file-people", 200, "--json")

    for count in (200, 500):
        done = bench(*given, "--people", count)
        assert done.returncode == 0, done.stderr
    other = bench(*given, "--people", 400)

    figures = json.loads(done.stdout)
    assert (figures["bench"], figures["n"]) == ("dedup", 500)
    # one in a hundred was written twice, two of each file of 200 and one of that of 100
    assert figures["pairs"] >= 5
    assert (other.returncode, "holds 500 people already" in other.stderr) == (1, True)


def test_merging_prints_its_figures_and_forgets_its_workspace(tmp_path):
    done = bench("redeem", "--redemptions", 1200, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS | {"redemptions_per_second"}
    assert (figures["bench"], figures["n"]) == ("redeem", 1200)


def test_importing_prints_its_figures_and_refuses_a_register_that_holds_people(tmp_path):
    done = bench("import", "--people", 300, "--workspace", tmp_path / "w", "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS | {
        "people_per_second", "read_seconds", "stage_seconds", "commit_seconds"
    }  # fmt: skip
    assert (figures["bench"], figures["n"]) == ("import", 300)
    again = bench("import", "--people", 300, "--workspace", tmp_path / "w")
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)
    assert "holds 300 people already" in again.stderr


def test_a_workspace_that_is_not_a_benchmarks_is_left_alone(tmp_path):
    made = bench("data", "--people", 10, "--workspace", tmp_path / "w", "--json")
    assert made.returncode == 0, made.stderr
    said = (tmp_path / "w" / "workspace.toml").read_text()
    (tmp_path / "w" / "workspace.toml").write_text(said.replace("Despensa benchmark", "San Rafael"))

    done = bench("data", "--people", 10, "--workspace", tmp_path / "w")

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "not a benchmark's" in done.stderr


def test_cards_are_measured_beside_their_bare_work():
    done = bench("card", "--cards", 200, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    pairs = {
        f"{thing}_{what}"
        for thing in ("verified", "codes", "printed", "tags")
        for what in ("per_second", "limit_per_second", "ratio")
    }
    assert set(figures) == KEYS | pairs | {"cards_per_second"}
    assert (figures["bench"], figures["n"]) == ("card", 200)
    assert all(figures[name] > 0 for name in pairs | {"cards_per_second"})


def test_a_status_list_of_two_hundred_thousand_is_measured():
    done = bench("statuslist", "--entries", 200_000, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["revoked"] == 2_000
    # a ninetieth of a country's list; the headers weigh a little more
    assert figures["cwt_bytes"] < 300_000 / 90 + 300
    assert figures["jwt_bytes"] < 460_000 / 90 + 600


def test_the_ledger_is_measured_in_batches_and_one_by_one():
    done = bench("ledger", "--transfers", 4_000, "--singles", 400, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    more = {"batch_seconds", "single_seconds", "singles", "singles_per_second", "singles_ratio"}
    assert set(figures) == KEYS | more | {"transfers_per_second", "clients"}
    assert min(figures["transfers_per_second"], figures["singles_per_second"]) > 0


def test_sending_is_measured_over_http_with_its_limit_and_its_generator():
    done = bench("sync", "--events", 300, "--seconds", 1, "--json")

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    more = {"generator_cpu", "servers_cpu", "batch_p99", "drain", "single_p99", "steady"}
    assert set(figures) == KEYS | {"events_per_second"} | {f"{name}_seconds" for name in more}
    assert (figures["bench"], figures["n"]) == ("sync", 300)
    assert figures["batch_p99_seconds"] > 0
    assert 0 < figures["generator_cpu_seconds"] < figures["servers_cpu_seconds"]
