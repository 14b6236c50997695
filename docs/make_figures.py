"""
Measure everything at full size and write figures.json: one entry per benchmark, as it was printed.

`make soak` runs it. Figures quoted in the documents come from this file.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "figures.json"

BENCHMARKS = (
    ("decide", "--people", "1000000"),
    ("redeem", "--redemptions", "300000"),
    ("sync", "--events", "120000"),
    ("data", "--people", "1000000"),
    ("import", "--people", "200000"),
    ("card", "--cards", "20000"),
    ("statuslist", "--entries", "18000000"),
)
# Benchmarks that need what tests need.
BESIDE = {
    # a failing seed prints the line that plays it again, and fails the run
    "simulate": ("despensa", "simulate", "--seeds", "2000", "--phones", "4", "--json"),
    "browser": ("python", "-m", "tests.entrypoints.window.speed"),
    # 200 killed tabs, and 30 frames of a moving card at a sixth of the processor
    "phone": ("python", "-m", "tests.entrypoints.field.alone"),
}
# Fuzzers at full size; atheris is fetched for the run and is no dependency of anything else.
FUZZERS = {
    "mutated": ("python", "-m", "tests.fuzz.mutated", "--cards", "100000"),
    "decoder": (
        *("uv", "run", "--no-sync", "--with", "atheris==3.0.0"),
        *("python", "-m", "tests.fuzz.decoder", "--runs", "1000000"),
    ),
}


def measure(benchmark: tuple[str, ...]) -> dict[str, object]:
    """
    Return the JSON object one benchmark prints.

    Raises: subprocess.CalledProcessError when it fails; its own sentence stands on stderr.
    """
    command = [str(Path(sys.executable).parent / "despensa"), "bench", *benchmark, "--json"]
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return json.loads(finished.stdout)


def run(command: tuple[str, ...]) -> dict[str, object]:
    """
    Return the JSON object a program of the tests prints.

    Raises: subprocess.CalledProcessError when it found something; that stands on stderr.
    """
    program = str(Path(sys.executable).parent / command[0])
    finished = subprocess.run(
        [program, *command[1:]], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    return json.loads(finished.stdout)


def main() -> int:
    """Run all benchmarks and fuzzers; keep what was measured even when one of them fails."""
    figures: dict[str, dict[str, object]] = {}
    failed = []
    for benchmark in BENCHMARKS:
        sys.stderr.write(f"bench {' '.join(benchmark)}\n")
        try:
            figures[benchmark[0]] = measure(benchmark)
        except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
            failed.append(f"bench {benchmark[0]}: {error}")
    others = BESIDE | {f"fuzz {name}": command for name, command in FUZZERS.items()}
    for name, command in others.items():
        sys.stderr.write(f"{name}\n")
        try:
            figures[name] = run(command)
        except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
            failed.append(f"{name}: {error}")
    FIGURES.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    sys.stderr.writelines(f"{line}\n" for line in failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
