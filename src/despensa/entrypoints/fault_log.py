"""
What the server says on its terminal: where something broke, and never about whom.

The text of an exception may hold a row of the register (a database tells the row that broke a
rule), and an address may name a person's record. So a fault is told by its kind and the lines of
code it came through; only a sentence that we wrote ourselves for users is told as it is.
"""

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from despensa.entrypoints.cli.problems import sentence_of

_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class FaultFormatter(logging.Formatter):
    """Formats records without the values that exceptions and addresses carry."""

    def __init__(self) -> None:
        """Use one form for all records."""
        super().__init__(_FORM)

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as it is shown; the record itself stays as it is for other handlers."""
        shown = logging.makeLogRecord(record.__dict__ | {"exc_text": None})
        request = record.__dict__.get("request")
        if request is not None:
            shown.msg, shown.args = _of_request(request, record.__dict__.get("status_code")), ()
        elif isinstance(record.args, tuple):
            shown.args = tuple(map(_told, record.args))
        return super().format(shown)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return the lines of code an exception came through, and of what kind it was."""
        return "\n".join(_chain(ei[1]))


def _of_request(request: Any, status: object) -> str:
    match = getattr(request, "resolver_match", None)
    route = "an unknown address" if match is None else f"/{match.route}"
    return f"{status} {getattr(request, 'method', '')} {route}"


def _told(value: object) -> object:
    if not isinstance(value, BaseException):
        return value
    known = sentence_of(value)
    return type(value).__name__ if known is None else known[0]


def _chain(error: BaseException | None) -> Iterator[str]:
    """Yield an exception after those it came from, the first cause first."""
    if error is None:
        return
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _chain(cause)
        yield "and from that:"
    yield from "".join(traceback.format_tb(error.__traceback__)).splitlines()
    kind, told = f"{type(error).__module__}.{type(error).__qualname__}", _told(error)
    yield kind if told == type(error).__name__ else f"{kind}: {told}"
