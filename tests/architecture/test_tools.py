"""The tools a newcomer starts with: make, the CI script, the message compiler."""

import gettext
import re
import shutil
import subprocess
import tomllib

import pytest

from hatch_build import compile_catalogues, incomplete_messages
from tests.architecture.source_tree import ROOT, tracked

COMMANDS = ("demo", "test", "check", "fmt", "bench", "soak", "docs")
# Places on somebody's machine; written in two parts so that this file does not hold them.
FOREIGN_PATHS = re.compile("/ho" + "me/[a-z]|/Us" + "ers/[A-Za-z]")


def test_make_alone_lists_every_command():
    finished = subprocess.run(
        [shutil.which("make"), "-C", str(ROOT), "--no-print-directory"],
        capture_output=True,
        text=True,
        check=True,
    )

    listed = [line.split()[1] for line in finished.stdout.splitlines()]
    assert listed == list(COMMANDS)


def test_make_installs_the_uv_of_the_lock_file():
    pinned = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    lock = tomllib.loads((ROOT / "uv.lock").read_text())

    assert [package["version"] for package in lock["package"] if package["name"] == "uv"] == [
        pinned[1]
    ]


def test_the_ci_script_is_a_program_bash_can_read():
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    assert script.read_text().splitlines()[0] == "#!/usr/bin/env bash"
    subprocess.run([shutil.which("bash"), "-n", str(script)], check=True)


def test_no_file_names_a_place_on_somebodys_machine():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked("*.py", "*.md", "*.toml", "*.yaml", "*.json", "Makefile", ".ci/*")
        if (match := FOREIGN_PATHS.search(path.read_text(encoding="utf-8")))
    ]

    assert not found


@pytest.fixture
def catalogue(tmp_path):
    def write(language: str, entries: str):
        path = tmp_path / "locale" / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        path.write_text(f"{head}\n{entries}", encoding="utf-8")
        return path

    return write


def test_messages_are_compiled_once(catalogue, tmp_path):
    po_path = catalogue("es", 'msgid "household"\nmsgstr "hogar"\n')

    written = compile_catalogues(tmp_path)

    assert written == [po_path.with_suffix(".mo")]
    with written[0].open("rb") as mo_file:
        assert gettext.GNUTranslations(mo_file).gettext("household") == "hogar"
    assert compile_catalogues(tmp_path) == []


@pytest.mark.parametrize(
    "entries",
    [
        'msgid "household"\nmsgstr ""\n',
        '#, fuzzy\nmsgid "household"\nmsgstr "hogar"\n',
        '#, python-format\nmsgid "%(count)s people"\nmsgstr "%(cuenta)s personas"\n',
    ],
    ids=["missing", "uncertain", "wrong placeholder"],
)
def test_an_incomplete_message_is_found(catalogue, tmp_path, entries):
    catalogue("es", entries)

    assert len(incomplete_messages(tmp_path)) == 1


def test_english_needs_no_translation_and_arabic_may_lag_behind(catalogue, tmp_path):
    catalogue("en", 'msgid "household"\nmsgstr ""\n')
    catalogue("ar", 'msgid "household"\nmsgstr ""\n')

    assert incomplete_messages(tmp_path) == []
