"""
Measure how well lists are matched: writes the table and the curves of docs/matching.md.

The lists are invented by tests/factories, apart from the matcher, with other seeds and rates of
damage than its tests. Run by hand: `.venv/bin/python docs/make_matching.py`; it takes minutes.
"""

import csv
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from despensa.adapters.matching.matcher import MatchOrder, match_lists  # noqa: E402
from tests.factories import damaged_lists, mixed_people  # noqa: E402
from tests.factories.damaged_lists import Damage  # noqa: E402
from tests.factories.mixed_people import Mixture  # noqa: E402

PAGE = ROOT / "docs" / "matching.md"
PICTURE = ROOT / "docs" / "images" / "matching.svg"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
EVEN = 0.5
LEAST = 0.001
WIDTH, HEIGHT, EDGE, FLOOR = 720, 420, 56, 0.9
COLOURS = ("#0b6e4f", "#1d4e89", "#b3541e", "#7a3b8f")

Lists = tuple[list[dict[str, str]], ...]


@dataclass(frozen=True)
class Corpus:
    """Lists and the pairs of ids in them that are one person."""

    kind: str
    variant: str
    lists: Lists
    truth: set[tuple[str, str]]


@dataclass(frozen=True)
class Measured:
    """What came of one corpus; `judged` is (probability, is it true) of each pair told."""

    corpus: Corpus
    judged: list[tuple[float, bool]]
    seconds: float

    def at(self, least: float) -> tuple[float, float]:
        """Return precision and recall of the pairs of at least this probability."""
        told = [is_true for probability, is_true in self.judged if probability >= least]
        right = sum(told)
        return right / max(len(told), 1), right / max(len(self.corpus.truth), 1)


def corpora() -> list[Corpus]:
    """Return all corpora, made from their seeds."""
    made = []
    for seed, damage in (
        (241, Damage()),
        (242, Damage(1, 1, 0.5, 0.2, 0.2)),
        (243, Damage(2, 1)),
        (244, Damage(4, 2, 0.15, 0.05)),
        (245, Damage(6, 3)),
    ):
        pair = damaged_lists.two_lists(seed, 5000, damage)
        truth = damaged_lists.true_pairs(*pair)
        made.append(Corpus("two lists, 5,000 each", _said(damage), pair, truth))
    for seed, damage in (
        (251, Damage(3, 1)),
        (252, Damage(5, 2)),
        (253, Damage(10, 2)),
        (254, Damage(12, 3, least=5)),
        (255, Damage(10, 2, 0.2, 0.05, 0.1, 4)),
    ):
        rows = damaged_lists.one_list(seed, 2000, 3000, damage)
        truth = damaged_lists.true_pairs(rows)
        made.append(Corpus("one list, up to five copies", _said(damage), (rows,), truth))
    for seed, mixture in (
        (231, Mixture()),
        (232, Mixture()),
        (233, Mixture(arabic=0.1, cyrillic=0.1, twins=0.1, with_document=0.0)),
        (234, Mixture(0.3, 0.3, 0.15, 0.4, 0.4, 0.7, 3)),
    ):
        rows = mixed_people.one_list(seed, 1200, mixture)
        truth = mixed_people.true_pairs(rows)
        made.append(Corpus("mixed origins, one list", _shown(mixture), (rows,), truth))
        pair = mixed_people.two_lists(seed, 1200, mixture)
        whole = mixed_people.with_whole_names(pair[0])
        truth = mixed_people.true_pairs(*pair)
        made.append(Corpus("mixed origins, two lists", _shown(mixture), (whole, pair[1]), truth))
    return made


def _said(damage: Damage) -> str:
    return (
        f"{damage.least} to {damage.per_record} changes, {damage.missing:.0%} of them removals, "
        f"{damage.new_value:.0%} new values"
    )


def _shown(mixture: Mixture) -> str:
    return (
        f"{mixture.twins:.0%} twin births, {mixture.with_document:.0%} with a document, "
        f"up to {mixture.faults} faults"
    )


def measure(corpus: Corpus, folder: Path) -> Measured:
    """Match the lists of a corpus and compare with the truth."""
    paths = tuple(
        damaged_lists.write(folder / f"{number}.csv", rows)
        for number, rows in enumerate(corpus.lists)
    )
    out = folder / "pairs.csv"
    began = time.monotonic()
    match_lists(
        MatchOrder(paths, out, (None,) * len(paths), least=LEAST),
        time.monotonic,
        lambda _said: None,
    )
    seconds = time.monotonic() - began
    with out.open(encoding="utf-8") as stream:
        judged = [
            (
                float(row["probability"]),
                tuple(sorted((row["left_id"], row["right_id"]))) in corpus.truth,
            )
            for row in csv.DictReader(stream)
        ]
    return Measured(corpus, judged, seconds)


def table(measured: list[Measured], day: str) -> str:
    """Return the figures as a table, the worst of each kind in bold."""
    worst = {
        min(
            (one for one in measured if one.corpus.kind == kind),
            key=lambda one: sum(one.at(EVEN)),
        ).corpus.variant
        + kind
        for kind in {one.corpus.kind for one in measured}
    }
    lines = [
        f"Measured on {day} by `docs/make_matching.py`; the worst of each kind in bold.\n\n",
        "| lists | damage | true pairs | precision | recall | F1 |\n|---|---|---|---|---|---|\n",
    ]
    for one in measured:
        precision, recall = one.at(EVEN)
        f1 = 2 * precision * recall / (precision + recall)
        mark = "**" if one.corpus.variant + one.corpus.kind in worst else ""
        figures = " | ".join(f"{mark}{value:.4f}{mark}" for value in (precision, recall, f1))
        lines.append(
            f"| {one.corpus.kind} | {one.corpus.variant} | {len(one.corpus.truth):,} | {figures} |\n"
        )
    return "".join(lines)


def picture(measured: list[Measured], day: str) -> str:
    """Return the curves of the worst corpus of each kind as SVG."""
    kinds = list(dict.fromkeys(one.corpus.kind for one in measured))
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="13">\n'
        ),
        f"<title>Precision and recall of matching, the worst list of each kind, {day}</title>\n",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n',
    ]
    for step in range(6):
        value = FLOOR + (1 - FLOOR) * step / 5
        x, y = _place(value, value)
        parts.append(
            f'<path d="M{EDGE} {y:.1f}H{WIDTH - 200}M{x:.1f} {EDGE - 20}V{HEIGHT - EDGE}" '
            'stroke="#d8d8d8" fill="none"/>'
            f'<text x="{EDGE - 8}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
            f'<text x="{x:.1f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{value:.2f}</text>\n'
        )
    parts.append(
        f'<text x="{(WIDTH - 200 + EDGE) / 2}" y="{HEIGHT - 12}" text-anchor="middle">recall</text>'
        f'<text x="16" y="{HEIGHT / 2}" transform="rotate(-90 16 {HEIGHT / 2})" '
        'text-anchor="middle">precision</text>\n'
    )
    for number, kind in enumerate(kinds):
        one = min((m for m in measured if m.corpus.kind == kind), key=lambda m: sum(m.at(EVEN)))
        parts.append(_curve(one, number))
    parts.append("</svg>\n")
    return "".join(parts)


def _curve(one: Measured, number: int) -> str:
    steps = (LEAST, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98,
             0.99, 0.995, 0.999, 0.9999, 0.99999)  # fmt: skip
    points = [one.at(least) for least in steps]
    shown = [
        _place(recall, precision) for precision, recall in points if min(precision, recall) >= FLOOR
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
    precision, recall = one.at(EVEN)
    x, y = _place(recall, precision)
    colour, label = COLOURS[number], 70 + 44 * number
    return (
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        f'<rect x="{WIDTH - 188}" y="{label - 10}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{WIDTH - 170}" y="{label}">{one.corpus.kind}</text>'
        f'<text x="{WIDTH - 170}" y="{label + 17}" fill="#555555">'
        f"at 0.5: {precision:.4f}, {recall:.4f}</text>\n"
    )


def _place(recall: float, precision: float) -> tuple[float, float]:
    across = (recall - FLOOR) / (1 - FLOOR)
    up = (precision - FLOOR) / (1 - FLOOR)
    return EDGE + across * (WIDTH - 200 - EDGE), HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE + 20)


def main() -> int:
    """Measure all corpora, write the picture and the table."""
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        for corpus in corpora():
            measured.append(measure(corpus, Path(folder)))
            precision, recall = measured[-1].at(EVEN)
            sys.stderr.write(
                f"{corpus.kind}; {corpus.variant}: {precision:.4f} {recall:.4f} "
                f"({measured[-1].seconds:.0f} s)\n"
            )
    day = time.strftime("%Y-%m-%d", time.gmtime())
    PICTURE.write_text(picture(measured, day), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table(measured, day) + END + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
