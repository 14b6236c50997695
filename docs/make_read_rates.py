"""
Measure which damage a card survives: writes the table of docs/reference/read-rates.md.

The cards are rendered as they are printed and damaged by tests/adapters/qr/damaged.py, seeded, so that the
same program gives the same table. Run by hand: `.venv/bin/python docs/make_read_rates.py`; minutes.
"""

import io
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from despensa.adapters.qr import read_images  # noqa: E402
from despensa.adapters.qr.zxing import read_picture  # noqa: E402
from tests.adapters.qr import damaged  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "read-rates.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
CARDS = 20


def rates(kind: tuple[object, ...], cards: list[damaged.Printed]) -> tuple[int, int, int]:
    """Return how many of the cards one frame shows, a patient look finds, and are misread."""
    frames = patient = wrong = 0
    for text, file in damaged.shots(kind, cards, seed=len(str(kind[1]))):
        at_once = read_picture(Image.open(io.BytesIO(file)).convert("L"))
        found = at_once or read_images(file)
        frames += at_once == [text]
        patient += found == [text]
        wrong += bool(found) and found != [text]
    return frames, patient, wrong


def main() -> None:
    """Measure all kinds and write the table between its marks."""
    cards = damaged.printed(CARDS)
    lines = [
        "| damage | how far | one frame | a patient look | misread |",
        "|---|---|---|---|---|",
    ]
    for kind in damaged.KINDS:
        frames, patient, wrong = rates(kind, cards)
        share = [f"{count * 100 // CARDS} %" for count in (frames, patient)]
        lines.append(f"| {kind[0]} | {kind[1]} | {share[0]} | {share[1]} | {wrong} |")
        sys.stderr.write(f"{lines[-1]}\n")
    table = "\n".join(lines) + "\n"
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
