"""The links to the neighbouring pages of a long list, by the key of a row and without script."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest

from despensa.entrypoints.office.parts import Turns
from despensa.records.keyset import Turn

ROWS_A_PAGE = 25
_OLDER, _NEWER = "before", "after"
_KEY_DIGITS_MAX = 15
Row = TypeVar("Row")


def turned(
    request: HttpRequest,
    read: Callable[[int, Turn | None], Sequence[Row]],
    key: Callable[[Row], tuple[int | date, UUID]],
    *,
    is_by_date: bool = False,
    name: str = "",
) -> tuple[Sequence[Row], Turns]:
    """
    Return the rows of the page that was asked for, newest first, and the links around it.

    `read` takes how many rows and where they begin; `key` says where a row stands, by
    seconds or by date. An address that was damaged shows the first page. `name` tells the lists
    of one page apart.
    """
    turn = _asked(request, date.fromisoformat if is_by_date else _number, name)
    rows = read(ROWS_A_PAGE + 1, turn)
    has_more = len(rows) > ROWS_A_PAGE
    is_newer = turn is not None and turn.is_newer
    rows = rows[-ROWS_A_PAGE:] if is_newer else rows[:ROWS_A_PAGE]
    has_older = bool(rows) and (has_more or is_newer)
    has_newer = turn is not None and (has_more or not is_newer)
    return rows, Turns(
        previous_url=(_url(name + _NEWER, *key(rows[0])) if rows else "?") if has_newer else "",
        next_url=_url(name + _OLDER, *key(rows[-1])) if has_older else "",
    )


def _asked(request: HttpRequest, parse: Callable[[str], int | date], name: str) -> Turn | None:
    for way in (_NEWER, _OLDER):
        key, _, row = request.GET.get(name + way, "").partition("_")
        try:
            return Turn(parse(key), UUID(row), is_newer=way == _NEWER)
        except ValueError:
            continue
    return None


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _KEY_DIGITS_MAX:
        raise ValueError(text)
    return int(text)


def _url(name: str, at: int | date, row: UUID) -> str:
    return f"?{name}={at}_{row}"
