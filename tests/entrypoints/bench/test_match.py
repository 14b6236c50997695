"""`bench match` as a user calls it: what it prints, writes, and says when it cannot."""

import csv
import json
import os
import subprocess
import sys

import pytest

from tests.factories import damaged_lists

pytest.importorskip("splink", reason="the extra despensa[match] is not installed")

KEYS = {
    "bench", "n", "seconds", "rows_per_second", "limit_per_second", "ratio", "peak_mib", "cores",
    "version", "pairs", "candidates", "one_to_one", "columns",
}  # fmt: skip


def match(*arguments, folder=None):
    """Run the command in a process of its own, in an empty folder, without a workspace."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DESPENSA_")}
    return subprocess.run(
        [sys.executable, "-m", "despensa", "bench", "match", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        env=environment,
        cwd=folder,
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    left, right = damaged_lists.two_lists(11, 200, damaged_lists.Damage())
    damaged_lists.write(folder / "a.csv", left)
    damaged_lists.write(folder / "b.csv", right)
    return folder


def test_two_files_are_matched_without_a_workspace(files, tmp_path):
    out = tmp_path / "pairs.csv"

    done = match(files / "a.csv", files / "b.csv", "--out", out, "--json", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS
    assert (figures["bench"], figures["n"], figures["pairs"]) == ("match", 400, 200)
    assert figures["columns"]["left"]["soc_sec_id"] == "document"
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["left_id", "right_id", "probability", "reason"]
    assert all(row["left_id"].endswith("-org") for row in rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.csv"]


def test_one_file_is_matched_within_itself_and_told_in_words(files, tmp_path):
    mapped = tmp_path / "map.yaml"
    mapped.write_text(
        "rec_id: id\ngiven_name: given_name\nsurname: surname\ndate_of_birth: birth_date\n"
    )

    done = match(files / "a.csv", "--map", mapped, "--out", tmp_path / "p.csv")

    assert done.returncode == 0, done.stderr
    assert "pairs: 0" in done.stdout
    assert "comparing given name, surname, birth date" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing.csv", "--out", "p.csv"), "There is no file nothing.csv"),
        (("a.csv", "--out", "no/p.csv"), "There is no folder no"),
        (("a.csv", "--out", "a.csv"), "a.csv cannot be written over"),
        (("a.csv", "--out", "p.csv", "--map", "wrong.yaml"), "'nickname', which is none"),
        (("a.csv", "--out", "p.csv", "--map", "broken.yaml"), "is neither YAML nor JSON"),
        (("a.csv", "b.csv", "--out", "p.csv", "--map", "half.yaml"), "one list of two"),
        (("empty.csv", "--out", "p.csv"), "empty.csv is empty"),
        (("a.csv",), "--out"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(files, arguments, told):
    (files / "empty.csv").write_text("")
    (files / "wrong.yaml").write_text("rec_id: id\nsurname: nickname\n")
    (files / "broken.yaml").write_text("{: :")
    (files / "half.yaml").write_text("left:\n  surname: surname\n")

    done = match(*arguments, folder=files)

    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert told in " ".join(done.stderr.split())
    assert not (files / "p.csv").exists()
