"""A slip and a package made again in a virtual environment that holds the rule engine alone."""

import importlib.metadata
import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from despensa.domain.eligibility.evaluate import decision_from_codes
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.slip import LABEL, DecisionSlip, payload
from despensa.domain.encoding import cose
from tests.domain.eligibility.rules import ROOT
from tests.factories import packages as factory

# all that the rule engine and the commands about slips and packages import
NEEDED = ("duckdb", "cbor2", "cryptography", "pynacl", "jsonschema", "pyyaml", "typer")


def with_their_own(names: tuple[str, ...]) -> set[str]:
    """Return these packages with all that they need themselves."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower()
        if name in found:
            continue
        found.add(name)
        for text in importlib.metadata.requires(name) or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting.append(wanted.name)
    return found


def wheel(folder: Path) -> Path:
    """Return the package as a wheel: what the build backend packs, and its name and version."""
    version = importlib.metadata.version("despensa")
    path, source = folder / f"despensa-{version}-py3-none-any.whl", ROOT / "src"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(source.glob("despensa/**/*.*")):
            if file.is_file() and "__pycache__" not in file.parts and "static" not in file.parts:
                packed.write(file, file.relative_to(source))
        packed.writestr(
            f"despensa-{version}.dist-info/METADATA", f"Name: despensa\nVersion: {version}\n"
        )
    return path


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """An environment with the wheel and what the engine needs, linked; pip is not in it."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel(folder)) as packed:
        packed.extractall(site)
    for name in with_their_own(NEEDED):
        found = importlib.metadata.distribution(name)
        for top in {Path(str(file)).parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(found.locate_file(top))))
    return folder / "env" / "bin" / "python"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    made = factory.office(folder)
    made.packed(folder / "package")
    (folder / "auditor.key").write_text(factory.AUDITOR.private_bytes_raw().hex())
    rule = parse_text(made.text)
    (found,) = factory.ENGINE.slips(str(made.facts), rule, factory.SALT, [11])
    slip = DecisionSlip(
        factory.CYCLE, made.manifest.rule_hash, factory.ON, found.row, found.rows,
        found.row_bytes, found.salt, found.path,
        decision_from_codes(found.outcome, found.codes, found.lines),
        factory.ENGINE.border(str(made.facts), rule),
    )  # fmt: skip
    signed = cose.sign(
        payload(slip), label=LABEL, public_key=factory.public_of(factory.AUTHORITY),
        signer=factory.AUTHORITY.sign,
    )  # fmt: skip
    (folder / "slip").write_bytes(signed)
    (folder / "rule.yaml").write_text(made.text, encoding="utf-8")
    return folder, made


def run(python, folder, *arguments):
    """Return (exit code, what was printed) of a command there, with an empty environment."""
    done = subprocess.run(
        [python, "-I", "-m", "despensa", *map(str, arguments)],
        capture_output=True, text=True, cwd=folder, env={"HOME": str(folder)},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_nothing_of_an_office_is_in_it(clean):
    script = "import importlib.util as u;print([n for n in ('django','psycopg','pip') if u.find_spec(n)])"
    said = subprocess.run([clean, "-I", "-c", script], capture_output=True, text=True)

    assert said.stdout.strip() == "[]", said.stderr


def test_a_package_is_audited_there(clean, office):
    folder, _ = office
    asked = ("decide", "audit", folder / "package", "--key", folder / "auditor.key")
    authority = factory.public_of(factory.AUTHORITY).hex()

    code, out, err = run(
        clean, folder, *asked, "--log-key", factory.LOG_KEY, "--authority-key", authority, "--json"
    )

    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said["verdict"] == "holds"
    assert {one["check"] for one in said["checks"] if one["state"] == "not checked"} == {
        "copy of the log", "each household's lot"
    }  # fmt: skip


def test_a_package_that_was_changed_is_refused_there(clean, office):
    folder, _ = office
    data = bytearray((folder / "package").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "changed").write_bytes(data)

    code, out, err = run(
        clean, folder, "decide", "audit", folder / "changed", "--key", folder / "auditor.key"
    )

    assert (code, err) == (1, "")
    assert out.startswith("does not hold  package: ")
    assert out.splitlines()[-1] == "the package does not hold"


def test_a_slip_is_verified_there(clean, office):
    folder, made = office
    code, out, err = run(
        clean, folder, "decide", "verify-slip", folder / "slip", "--rule", folder / "rule.yaml",
        "--root", made.manifest.root.hex(), "--json",
    )  # fmt: skip

    assert (code, err) == (0, "")
    assert json.loads(out)["verdict"] == "same"


def test_a_key_for_packages_is_made_there(clean, office):
    folder, _ = office
    code, out, err = run(clean, folder, "decide", "audit-key", "--out", folder / "new.key")
    again, _, complaint = run(clean, folder, "decide", "audit-key", "--out", folder / "new.key")

    assert (code, err, len(out.strip())) == (0, "", 64)
    assert (folder / "new.key").stat().st_mode & 0o077 == 0
    assert again == 2
    assert "Name a new file" in complaint
    assert os.fspath(sys.executable) != os.fspath(clean)
