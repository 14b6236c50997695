"""
The decoders under atheris: whatever comes in, an answer comes out, and never *genuine*.

`uv run --with atheris==3.0.0 python -m tests.fuzz.decoder --runs 1000000`; `make soak` runs it.
Three ways in, so that every layer is reached: a text, bytes under base45, bytes in a good envelope.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 1_000_000
_DONE = re.compile(r"Done (\d+) runs")
ROOT = Path(__file__).resolve().parents[2]


def looker():
    """Return what looks at bytes as texts of cards and fails where it must; imported where called."""
    from despensa.domain.card import base45, envelope, foreign
    from despensa.domain.card.issuer_key import parse_issuer_keys
    from despensa.domain.card.verify import Verdict, verify
    from tests.fuzz import mutated
    from tests.vectors import make_card_vectors as card

    issuer_keys = parse_issuer_keys(mutated.PUBLIC.hex())

    def look(data):
        way, rest = data[:1], data[1:]
        if way < b"\x40":
            text = rest.decode("latin-1")
        elif way < b"\x80":
            text = base45.encode(rest)
        elif way < b"\xc0":
            text = card.text_of(rest)
        else:
            text = card.text_of(card.sign(rest))
        said = verify(text, issuer_keys=mutated.KEYS, now=card.NOW)
        foreign.named_claims(foreign.read_token(text, keys=issuer_keys, now=card.NOW).claims)
        if said.verdict is Verdict.GENUINE:
            # signed by the test's own issuer: genuine only if it is what the encoder makes
            assert envelope.encode_cards([said.card], **mutated.SIGNED) == [text]
            assert way >= b"\xc0" or text in mutated.TEXTS
        return said.verdict

    return look


def _fuzz(arguments):
    import atheris

    with atheris.instrument_imports(include=["despensa.domain.card", "despensa.domain.encoding"]):
        look = looker()
    # the folder of seeds first, then options, which argparse would take for its own
    options = [arguments[0], *(f"-{option}" for option in arguments[1:])]
    atheris.Setup([sys.argv[0], *options], look)
    atheris.Fuzz()


def seeds():
    """Return inputs that reach every layer of a good card, one per card and way in."""
    from despensa.domain.card import base45, deflate
    from despensa.domain.encoding import cose
    from tests.fuzz import mutated

    made = []
    for text in mutated.TEXTS:
        stream = base45.decode(text)
        signed = deflate.inflate(stream)
        parts = (text.encode(), stream, signed, cose.parse(signed).payload)
        made += [bytes([way]) + part for way, part in zip(b"\x00\x40\x80\xc0", parts, strict=True)]
    return made


def main():
    """Run the fuzzer in a process of its own, which ends as libFuzzer likes; print what it did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--inside", nargs="+", help="used by itself")
    asked = parser.parse_args()
    if asked.inside:
        _fuzz(asked.inside)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()):
            (Path(folder) / str(number)).write_bytes(seed)
        limits = [folder, f"runs={asked.runs}", "max_len=400", "timeout=10", "seed=169"]
        command = [sys.executable, "-m", "tests.fuzz.decoder", "--inside", *limits]
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    found = _DONE.search(done.stderr)
    clean = done.returncode == 0 and found is not None
    if not clean:
        sys.stderr.write(done.stderr[-4_000:])
    figures = {
        "fuzz": "decoder",
        "n": int(found[1]) if found else 0,
        "clean": clean,
        "seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
