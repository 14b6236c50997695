"""
`bench match`: plain CSV files matched with each other, or one within itself; never the register.

Timed: reading, learning, judging, choosing and writing. The limit is Splink alone judging the same
pairs with the model already learnt. Source: docs/explanation/design.md, section 11;
docs/matching.md.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from despensa.entrypoints.bench.report import Figures, Tell
from despensa.entrypoints.cli.problems import Mistake, Refused

_SIDES = ("left", "right")


def bench_match(
    lists: tuple[Path, ...],
    map_path: Path | None,
    out: Path,
    *,
    least: float,
    memory: int,
    tell: Tell,
) -> dict[str, object]:
    """
    Match and return the figures: those of every benchmark, and what was found.

    Raises: Refused where the extra packages are not installed; Mistake for a map or a path that
        cannot be used; ListError; MapError.
    """
    try:
        from despensa.adapters.matching.matcher import MatchOrder, match_lists
    except ModuleNotFoundError as error:
        raise Refused(
            f"Matching needs the package {error.name}, which is not installed. Install it with: "
            "pip install 'despensa[match]'."
        ) from error
    if not out.parent.is_dir():
        raise Mistake(f"There is no folder {out.parent} to write {out.name} in. Make it first.")
    if out.is_dir() or out.resolve() in {path.resolve() for path in lists}:
        raise Mistake(f"{out} cannot be written over. Give --out another name.")
    maps = _maps(map_path, len(lists)) if map_path else (None,) * len(lists)
    order = MatchOrder(lists, out, maps, least, memory, os.cpu_count() or 1)
    began = time.monotonic()
    matched = match_lists(order, time.monotonic, tell)
    seconds = time.monotonic() - began
    for path, has_identifier in zip(lists, matched.has_identifiers, strict=True):
        if not has_identifier:
            tell(f"{path.name} has no column of ids without repetition: rows count from 1")
    figures = Figures("match", "rows", sum(matched.rows), seconds, matched.bare_seconds)
    return figures.as_json() | {
        "pairs": matched.pairs,
        "candidates": matched.candidates,
        "one_to_one": matched.one_to_one,
        "columns": dict(zip(_SIDES, matched.columns, strict=False)),
    }


def _maps(path: Path, count: int) -> tuple[Mapping[str, str], ...]:
    """Return the map of each list from a file: `column: meaning`, below left and right or alone."""
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise Mistake(
            f"{path} is neither YAML nor JSON: {first}. Write one `column: meaning` a line."
        ) from error
    if not isinstance(read, dict) or not read:
        raise Mistake(f"{path} holds no map. Write one `column: meaning` a line.")
    if set(read) <= set(_SIDES) and all(isinstance(side, dict) for side in read.values()):
        sides = [read.get(side) for side in _SIDES[:count]]
        if any(side is None for side in sides):
            raise Mistake(
                f"{path} has a map for one list of two. Add the other below `left` or `right`."
            )
    else:
        sides = [read] * count
    return tuple({str(k): str(v) for k, v in side.items()} for side in sides if side is not None)
