"""
Writes vectors/phone/frames.json: bytes as a row of codes, and rows put together again.

Run it as `python -m tests.vectors.make_frame_vectors`; a test compares the file with it.
"""

import json

from despensa.domain.frames import CHUNK_BYTES, FrameKind, frames_of
from tests.vectors.signed_case import FOLDER

NAME = "phone/frames.json"
LONG = bytes(index % 251 for index in range(3 * CHUNK_BYTES + 7))


def cases():
    kind = FrameKind
    row, other = frames_of(kind.HAND_OVER, LONG), frames_of(kind.HAND_OVER, LONG[:-1])
    broken = row[1][:-2] + ("0" if row[1][-2] != "0" else "1") + row[1][-1]
    return [
        _case("one code", kind.ASKING, b"asking", frames_of(kind.ASKING, b"asking"), b"asking"),
        _case("nothing at all is one code", kind.JOURNAL, b"", frames_of(kind.JOURNAL, b""), b""),
        _case("in their order", kind.HAND_OVER, LONG, row, LONG),
        _case("backwards, and each twice", kind.HAND_OVER, LONG, [*row[::-1], *row], LONG),
        _case("one is missing", kind.HAND_OVER, LONG, row[1:], None),
        _case("with what is no frame between", kind.HAND_OVER, LONG,
              [row[0], "HELLO", "6BF", *row[1:]], LONG),
        _case("after a part of another row", kind.HAND_OVER, LONG, [*other[:2], *row], LONG),
        _case("one is not of this row", kind.HAND_OVER, LONG, [row[0], broken, *row[2:]], None),
    ]  # fmt: skip


def _case(name, kind, data, seen, expect):
    return {
        "name": name,
        "kind": int(kind),
        "data": data.hex(),
        "frames": frames_of(kind, data),
        "seen": seen,
        "expect": None if expect is None else expect.hex(),
    }


def text():
    return json.dumps({"cases": cases()}, indent=1) + "\n"


if __name__ == "__main__":
    (FOLDER / NAME).write_text(text(), encoding="utf-8")
