"""What the office serves: known files only, one set of colours with enough contrast, no sides."""

import hashlib
import re
from pathlib import Path

import despensa
from despensa.entrypoints import office

STATIC = Path(office.__file__).parent / "static" / "despensa"
FONTS = Path(despensa.__file__).parent / "data" / "fonts" / "web"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
SHEET = (STATIC / "css" / "office.css").read_text(encoding="utf-8")
# Pairs of text and ground; 3 to 1 is enough for the border of a control (WCAG 2.2, 1.4.11).
TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "panel"), ("ink", "side"), ("muted", "paper"), ("muted", "panel"),
    ("muted", "side"), ("leaf-ink", "leaf-soft"), ("leaf-ink", "panel"), ("leaf-ink", "paper"),
    ("on-leaf", "leaf"), ("on-leaf", "leaf-strong"), ("maize-ink", "maize-soft"),
    ("clay-ink", "clay-soft"), ("clay-ink", "panel"), ("sky-ink", "sky-soft"),
]  # fmt: skip
EDGE_PAIRS = [("edge", "panel"), ("edge", "paper"), ("focus", "panel"), ("focus", "paper")]


def sources() -> dict[str, str]:
    rows = (STATIC / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row[:1] == "|"]
    return {row[0]: row[4] for row in cells[2:]}


def test_every_file_that_is_not_ours_is_the_one_that_was_written_down():
    foreign = [*STATIC.glob("vendor/**/*"), *STATIC.glob("fonts/*")]
    present = {
        file.relative_to(STATIC).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in foreign
        if file.is_file()
    }

    assert present == sources()


def test_the_fonts_are_those_of_the_card():
    for font in (STATIC / "fonts").glob("*.woff2"):
        assert font.read_bytes() == (FONTS / font.name).read_bytes(), font.name


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_enough_in_both_modes():
    light_block, dark_block = TOKENS.split("@media (prefers-color-scheme: dark)")
    light = colours(light_block)
    dark = light | colours(dark_block)

    for mode in (light, dark):
        for text, ground in TEXT_PAIRS:
            assert contrast(mode[text], mode[ground]) >= 4.5, (text, ground)
        for edge, ground in EDGE_PAIRS:
            assert contrast(mode[edge], mode[ground]) >= 3, (edge, ground)


def test_the_sheet_knows_start_and_end_but_no_left_and_right():
    assert not re.findall(r"[\w-]*\b(?:left|right)\b[\w-]*\s*:|:\s*(?:left|right)\s*;", SHEET)
    assert not re.findall(r"[\s;{](?:width|height|top|bottom):", SHEET)


def test_colours_are_written_in_the_tokens_only():
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[ ;])", SHEET)) <= {"#1d2320", "#fff"}


def test_the_mark_is_small_and_without_style():
    mark = (STATIC / "img" / "mark.svg").read_text(encoding="utf-8")

    assert len(mark) < 1200
    assert "style" not in mark
