"""Bad input: a clear sentence with the next step, an exit code that is not 0, nothing half-written."""

import os
import resource
import signal
import subprocess
import sys
import textwrap

import openpyxl
import pytest

from tests.adapters.register_file.builders import a_person, a_template_text
from tests.adapters.register_file.test_bad_files import BAD
from tests.entrypoints.cli.conftest import in_own_process

UNREACHABLE = {
    "DESPENSA_REGISTRY_URL": "postgresql://app:never-shown@127.0.0.1:9/registry",
    "DESPENSA_LEDGER_URL": "postgresql://app:never-shown@127.0.0.1:9/ledger",
}


def one_sentence(said, code):
    """The command failed with this code, one sentence and no traceback."""
    assert said.code == code, said
    assert "Traceback" not in said.err
    last = said.err.strip().splitlines()[-1]
    assert last.startswith("despensa: ")
    assert last.endswith((".", ")"))
    return last


@pytest.fixture(autouse=True)
def no_workspace(monkeypatch, tmp_path):
    monkeypatch.delenv("DESPENSA_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)


def dry_run(despensa, tmp_path, content, name="register.csv"):
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return despensa("import", file, "--dry-run", "--json")


def test_a_file_that_cannot_be_read_is_refused_as_a_whole(despensa, tmp_path):
    for name, content in BAD.items():
        said = dry_run(despensa, tmp_path, content, f"{name}.csv")

        assert f"{name}.csv" in one_sentence(said, 2)
        assert said.out == ""


def test_a_hundred_thousand_columns_are_refused(despensa, tmp_path):
    headings = ",".join(f"column_{number}" for number in range(100_000))

    said = dry_run(despensa, tmp_path, headings + "\r\n" + "," * 99_999 + "\r\n")

    one_sentence(said, 2)


def test_a_missing_file_and_a_folder_are_said(despensa, tmp_path):
    assert "none.csv" in one_sentence(despensa("import", "none.csv", "--dry-run"), 2)
    one_sentence(despensa("import", tmp_path, "--dry-run"), 2)


FAULTY = {
    "a formula as a name": [a_person(full_name='=HYPERLINK("x")')],
    "the same person twice": [a_person(), a_person()],
    "born in the future": [a_person(birth_date="2990-01-01")],
    "a member without household": [a_person(household="")],
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_row_is_listed_with_how_to_mend_it(name, despensa, tmp_path):
    said = dry_run(despensa, tmp_path, a_template_text(*FAULTY[name], a_person(household="9")))

    assert said.code == 1
    assert said.json.keys() == {
        "kind", "rows_in", "accepted", "rejected", "dropped_columns", "errors",
    }  # fmt: skip
    assert said.json["rejected"] == len(FAULTY[name])
    assert said.json["accepted"] == 1
    for error in said.json["errors"]:
        assert error.keys() == {"sheet", "row", "column", "value", "mend"}
        assert error["mend"] in said.err


def test_mixed_encodings_are_read_and_said(despensa, tmp_path):
    text = a_template_text(a_person(full_name="Begoña Núñez"))

    said = dry_run(despensa, tmp_path, text.encode("windows-1252"))

    assert said.code == 0
    assert "Windows-1252" in said.err


def test_a_household_and_its_members_must_find_each_other(despensa, tmp_path, shared_samples):
    book = openpyxl.load_workbook(shared_samples / "hope-rdi-50-households.xlsx")
    people = book["Individuals"]
    column = next(cell.column for cell in people[1] if cell.value == "household_id")
    first = people.cell(3, column).value
    for row in range(3, people.max_row + 1):
        if people.cell(row, column).value == first:
            people.cell(row, column).value = 99_999
    file = tmp_path / "changed.xlsx"
    book.save(file)

    said = despensa("import", file, "--dry-run", "--json")

    assert said.code == 1
    mends = " ".join(error["mend"] for error in said.json["errors"])
    assert "without members" in mends
    assert "99999" in mends


def test_import_without_workspace_says_how_to_get_one(despensa, tmp_path):
    (tmp_path / "register.csv").write_text(a_template_text(a_person()))

    assert "despensa init" in one_sentence(despensa("import", "register.csv"), 2)


def test_a_workspace_that_is_there_already_is_left_alone(despensa, tmp_path):
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "workspace.toml").write_text("format = 1\n")

    assert "already" in one_sentence(despensa("init", folder, "--country", "VE"), 2)
    assert [path.name for path in folder.iterdir()] == ["workspace.toml"]


def test_a_folder_with_other_things_in_it_is_left_alone(despensa, tmp_path):
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear")

    assert "not empty" in one_sentence(despensa("init", folder, "--country", "VE"), 2)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "wrong", [["--country", "Venezuela"], ["--country", "VE", "--time-zone", "Nowhere/At_All"]]
)
def test_a_value_that_cannot_be_used_leaves_no_workspace(wrong, despensa, tmp_path):
    one_sentence(despensa("init", tmp_path / "office", *wrong), 2)

    assert list(tmp_path.iterdir()) == []


def test_postgresql_that_does_not_answer_leaves_no_workspace(tmp_path):
    said = in_own_process(
        "init", tmp_path / "office", "--country", "VE", env=os.environ | UNREACHABLE
    )

    sentence = one_sentence(said, 2)
    assert "cannot be reached" in sentence
    assert "never-shown" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_postgresql_that_went_away_is_said(office, tmp_path):
    said = in_own_process("ledger", "check", env=os.environ | UNREACHABLE | office)

    assert "Nothing was changed" in one_sentence(said, 2)


def test_a_full_disk_leaves_no_workspace(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0755", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    limited = {} if is_mounted else {"preexec_fn": _small_files_only}
    try:
        said = in_own_process("init", folder / "office", "--country", "VE", **limited)

        assert "disk" in one_sentence(said, said.code or 1)
        assert list(folder.iterdir()) == []
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _small_files_only():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A real workspace with a registrar who is signed in; its path as the commands find it."""
    folder = tmp_path_factory.mktemp("kept") / "office"
    made = in_own_process("init", folder, "--country", "VE")
    assert made.code == 0, made.err
    staffed = subprocess.run([sys.executable, "-c", STAFFED, str(folder)], capture_output=True)
    assert staffed.returncode == 0, staffed.stderr
    return {"DESPENSA_WORKSPACE": str(folder)}


STAFFED = textwrap.dedent(
    """
    import hashlib, sys
    from datetime import timedelta
    from pathlib import Path
    from despensa.entrypoints.cli import opened
    with opened.opened(Path(sys.argv[1])) as tools:
        from despensa.domain.role import Role
        from despensa.records.registry import queries
        from despensa.usecases.add_staff import NewStaff, add_staff
        from despensa.usecases.open_command_session import open_command_session
        today = tools.today()
        ana = add_staff(
            NewStaff("ana", "maize-river-lamp-stone", "Ana", "es", (Role.REGISTRAR,),
                     queries.root_area(), today - timedelta(2), today + timedelta(9)),
            acting=tools.acting(None),
        )
        secret = bytes(32)
        open_command_session(
            hashlib.sha256(secret).digest(), staff=ana, acting=tools.acting(ana)
        )
        opened.session_file(tools.workspace).write_bytes(secret)
    """
)
# The last statement of the import's transaction, or the commit's eve: the process dies there.
KILLED = textwrap.dedent(
    """
    import os, sys
    from despensa.records.registry import store
    store.finish_import = lambda *_, **__: os.kill(os.getpid(), 9)
    sys.argv[0] = "despensa"
    from despensa.entrypoints.cli.main import run
    run()
    """
)
COUNTED = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from despensa.entrypoints.cli import opened
    with opened.opened(Path(sys.argv[1])):
        from despensa.records.bulk import fetch
        for table in ("household", "registrant", "person_key", "register_import"):
            print(fetch("registry", f"SELECT count(*) FROM {table}")[0][0])
    """
)


def counted(office):
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, office["DESPENSA_WORKSPACE"]],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_an_import_that_is_killed_leaves_nothing_and_can_be_done_again(office, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(a_template_text(a_person(), a_person(person="2")))

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "import", str(file)],
        capture_output=True,
        env=os.environ | office,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert counted(office) == [0, 0, 0, 0]
    again = in_own_process("import", file, env=os.environ | office)
    assert again.code == 0, again.err
    assert counted(office) == [1, 2, 2, 1]
    twice = in_own_process("import", file, env=os.environ | office)
    assert "nothing was changed" in one_sentence(twice, 1)
    assert counted(office) == [1, 2, 2, 1]
