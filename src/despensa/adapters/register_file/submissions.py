"""
Submissions of a form as the two tables ODK Central would write: submissions, and their people.

The readers of JSON and XML make `Submission`s; this module lays them out. A question's heading is
its path. Source: ODK Central documentation, CSV export (KEY and PARENT_KEY).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from despensa.adapters.register_file.source import Limits, RegisterFileError
from despensa.adapters.register_file.table import Line, Table
from despensa.domain.forbidden import Category
from despensa.domain.registration.cell import Cell
from despensa.domain.registration.question import KEY, PARENT_KEY, content_category

SHEET = "submissions"
Answers = dict[str, Cell]


@dataclass(slots=True)
class Submission:
    """One submission: its id, its answers by path, and each repeat group's answers by its path."""

    key: str | None
    answers: Answers
    repeats: dict[str, list[Answers]] = field(default_factory=dict)


def tables_of(submissions: Sequence[Submission], filename: str, limits: Limits) -> list[Table]:
    """
    Return a table of the submissions and one of each repeat group, in the order they occur.

    Raises: RegisterFileError when there are none, or too many rows or questions.
    """
    if not submissions:
        message = f"{filename} holds no submissions; export it again when some have come in."
        raise RegisterFileError("no_rows", message, file=filename)
    main = [(one.answers, one.key) for one in submissions]
    tables = [_table(SHEET, KEY, main, filename, limits)]
    for path in dict.fromkeys(path for one in submissions for path in one.repeats):
        rows = [(answers, one.key) for one in submissions for answers in one.repeats.get(path, ())]
        # A repeat group of this very name must not hide the submissions.
        sheet = f"{path}_" if path == SHEET else path
        tables.append(_table(sheet, PARENT_KEY, rows, filename, limits))
    return tables


def given_away(table: Table) -> Mapping[int, Category]:
    """Return the positions whose answers are places, pictures or recordings."""
    found: dict[int, Category] = {}
    for line in table.lines():
        for at, value in enumerate(line.cells):
            if at not in found and isinstance(value, str) and value:
                category = content_category((value,))
                if category is not None:
                    found[at] = category
    return found


def _table(
    sheet: str,
    key_heading: str,
    rows: Sequence[tuple[Answers, str | None]],
    filename: str,
    limits: Limits,
) -> Table:
    questions = list(dict.fromkeys(path for answers, _ in rows for path in answers))
    if len(questions) > limits.columns_max:
        message = (
            f"{filename} asks {len(questions):,} questions in {sheet}; at most"
            f" {limits.columns_max:,} are read. Export fewer columns."
        )
        raise RegisterFileError(
            "too_many_columns",
            message,
            file=filename,
            columns=len(questions),
            most=limits.columns_max,
        )
    if len(rows) > limits.rows_max or len(rows) * len(questions) > limits.cells_max:
        message = (
            f"{filename} has {len(rows):,} rows in {sheet}; export fewer submissions at a time."
        )
        raise RegisterFileError("too_many_rows", message, file=filename)

    def body() -> Iterator[Line]:
        for number, (answers, key) in enumerate(rows, start=1):
            yield Line(number, (key, *(answers.get(path) for path in questions)))

    return Table(sheet, (key_heading, *questions), body)
