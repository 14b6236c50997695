"""The rule engine alone: no Django, no database driver, nothing but what rules and DuckDB need."""

import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import despensa

# what reads a rule, and the engine; each with what it brings
NEEDED = (
    "pyyaml", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs",
    "typing_extensions", "cbor2", "cryptography", "cffi", "pycparser", "duckdb",
)  # fmt: skip
PARTS = ("domain", "adapters/engine", "data")
PROGRAM = """
import random, sys
from datetime import date
from pathlib import Path
from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.evaluate import decision_from_codes, evaluate
from despensa.domain.eligibility.frozen import read_row
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.ports.engine import FreezeOrder, RegistryFiles

folder, rule_file = map(Path, sys.argv[1:])
rule, on = parse_text(rule_file.read_text("utf-8")), date(2026, 3, 1)
area = "00000000-0000-4000-8000-000000000007"
dice = random.Random(1)
ids = [f"{n:032x}" for n in range(500)]
ids = [f"{i[:8]}-{i[8:12]}-{i[12:16]}-{i[16:20]}-{i[20:]}" for i in ids]
with (folder / "h.csv").open("w") as file:
    file.write("household_id,area,facts\\n")
    file.writelines(f"{i},{area},{{}}\\n" for i in ids)
with (folder / "m.csv").open("w") as file:
    file.write("household_id,birth_month,birth_precision,sex,facts\\n")
    file.writelines(f"{i},{dice.randint(1940, 2025)}-03-01,2,,{{}}\\n" for i in ids)
engine = DuckDBEngine()
order = FreezeOrder(rule, on, bytes(16), None, b"i" * 32, b"s" * 32, b"m" * 32)
engine.freeze(RegistryFiles(str(folder / "h.csv"), str(folder / "m.csv")), order, str(folder / "c"))
engine.decide(str(folder / "c"), rule)
for slip in engine.slips(str(folder / "c"), rule, order.salt, range(len(ids))):
    again = evaluate(rule, read_row(rule, slip.row_bytes)[1], on)
    assert again == decision_from_codes(slip.outcome, slip.codes, slip.lines), slip
loaded = {name.partition(".")[0] for name in sys.modules}
print(len(ids), "decided alike;", sorted(loaded & {"django", "psycopg", "typer", "ninja"}))
"""


def test_rules_are_decided_where_nothing_else_is_installed(tmp_path):
    place = tmp_path / "alone"
    place.mkdir()
    for name in NEEDED:
        for top in {file.parts[0] for file in distribution(name).files or ()}:
            source = Path(distribution(name).locate_file(top))
            if top != ".." and source.exists() and not (place / top).exists():
                (place / top).symlink_to(source)
    ours, package = Path(despensa.__file__).parent, place / "despensa"
    (package / "adapters").mkdir(parents=True)
    for part in PARTS:
        (package / part).symlink_to(ours / part)
    for init in ("__init__.py", "adapters/__init__.py"):
        (package / init).symlink_to(ours / init)
    (tmp_path / "work").mkdir()
    rule = ours / "data" / "rules" / "food-parcel.yaml"

    done = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM, str(tmp_path / "work"), str(rule)],
        env={"PYTHONPATH": str(place), "PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "500 decided alike; []"
