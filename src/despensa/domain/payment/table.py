"""
Payments as a table: CSV for mobile money and agents, and the cash list with its signature column.

Which columns, in which order and under which headings, is the provider's setting. A cell never begins
with what a spreadsheet would run as a formula.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from despensa.domain.payment.amount import text_of
from despensa.domain.payment.order import Head, Payment

FIELDS = ("number", "reference", "name", "account", "agent", "amount", "currency", "pay_on")
DEFAULT = ("reference", "account", "name", "amount", "currency")
CASH = ("number", "reference", "name", "amount", "currency")
SIGNATURE = "signature"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 500


class ColumnsUnknown(ValueError):
    """The setting names a column that payments do not have."""


def columns_of(setting: str, fallback: Sequence[str] = DEFAULT) -> list[tuple[str, str]]:
    """
    Return (field, heading) of a setting such as "reference=Ref,account=MSISDN,amount=Amount".

    Raises: ColumnsUnknown.
    """
    found = []
    for part in (setting or ",".join(fallback)).split(","):
        field, _, heading = part.strip().partition("=")
        if field not in FIELDS:
            raise ColumnsUnknown(f"{field!r} is no column: use {', '.join(FIELDS)}")
        found.append((field, heading or field))
    return found


def rows_of(
    head: Head, payments: Iterable[Payment], columns: Sequence[tuple[str, str]]
) -> Iterator[list[str]]:
    """Yield the heading and one row a payment; the same for CSV and for a workbook."""
    yield [heading for _, heading in columns]
    for number, payment in enumerate(payments, 1):
        values = {
            "number": str(number),
            "reference": payment.reference,
            "name": payment.name,
            "account": payment.account,
            "agent": payment.agent,
            "amount": text_of(payment.amount, head.currency),
            "currency": head.currency,
            "pay_on": head.pay_on.isoformat(),
        }
        yield [values[field] for field, _ in columns]


def csv_file(head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """Yield the payments as CSV in UTF-8, in parts."""
    separator = {"semicolon": ";", "tab": "\t"}.get(head.settings.get("separator", ""), ",")
    columns = columns_of(head.settings.get("columns", ""))
    yield from _csv(rows_of(head, payments, columns), separator, signature=False)


def cash_list(head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """Yield the list by which an agent pays cash, with an empty column to sign in."""
    columns = columns_of(head.settings.get("columns", ""), CASH)
    yield from _csv(rows_of(head, payments, columns), ",", signature=True)


def _csv(rows: Iterator[list[str]], separator: str, *, signature: bool) -> Iterator[bytes]:
    last = SIGNATURE if signature else None
    while block := list(islice(rows, _ROWS_AT_ONCE)):
        lines = []
        for row in block:
            cells = [*map(_harmless, row), *([] if last is None else [last])]
            last = "" if signature else None
            lines.append(separator.join(_quoted(cell, separator) for cell in cells) + "\r\n")
        yield "".join(lines).encode()


def _quoted(cell: str, separator: str) -> str:
    """Return a cell in quotes where it needs them. Source: RFC 4180."""
    if any(mark in cell for mark in (separator, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs; a phone's plus sign stays, digits follow it."""
    if cell.startswith("+") and cell[1:].isdigit():
        return cell
    return "'" + cell if cell.startswith(_FORMULA) else cell
