"""
Reads answers of providers that come as tables: CSV with a mapping, and HOPE's reconciliation workbook.

A mapping says under which headings reference, amount, currency and status stand, what the words of the
status mean, and whether decimals follow a comma.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import python_calamine

from despensa.adapters.payments.problem import StatementRefused
from despensa.domain.payment.amount import AmountUnreadable, minor_units
from despensa.domain.payment.order import Outcome
from despensa.domain.payment.statement import Line

_CELL_MAX, _COLUMNS_MAX = 10_000, 200
_WORKBOOK_BYTES_MAX = 64 << 20
_OPENED_BYTES_MAX = 512 << 20
_HOPE_ERROR, _HOPE_NOTHING = "-1", "0"
WORDS: Mapping[str, Outcome] = {
    **dict.fromkeys(("paid", "success", "successful", "completed", "ok"), Outcome.PAID),
    **dict.fromkeys(("failed", "rejected", "error", "unsuccessful"), Outcome.REJECTED),
    **dict.fromkeys(("returned", "reversed", "refunded"), Outcome.RETURNED),
    **dict.fromkeys(("pending", "processing", "sent"), Outcome.PENDING),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a provider's table."""

    reference: str = "reference"
    amount: str = "amount"
    currency: str = "currency"
    status: str = "status"
    comma: bool = False
    separator: str = ","
    words: Mapping[str, Outcome] = field(default_factory=lambda: WORDS)


def read_csv(stream: BinaryIO, mapping: Columns) -> Iterator[Line]:
    """
    Yield a line for each row of a table in UTF-8.

    Raises: StatementRefused when headings are missing or the text is no such table; at any row.
    """
    csv.field_size_limit(_CELL_MAX)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", errors="strict")
    rows = csv.reader(text, delimiter=mapping.separator, strict=True)
    try:
        places = _places(next(rows, []), mapping)
        for number, row in enumerate(rows, 2):
            if row:
                yield _row(number, row, places, mapping)
    except UnicodeDecodeError as error:
        raise StatementRefused(
            "The table is not in UTF-8: save it again as CSV UTF-8, then send that."
        ) from error
    except csv.Error as error:
        raise StatementRefused(
            f"The table breaks off in row {rows.line_num}, or a quotation mark is missing before it: "
            "export it again."
        ) from error
    finally:
        text.detach()


def read_hope(stream: BinaryIO) -> Iterator[Line]:
    """
    Yield a line for each payment of HOPE's payment list.

    `delivered_quantity` empty is still open, 0 was not distributed, -1 went wrong; else so much was paid.
    Raises: StatementRefused.
    """
    rows = _sheet(stream)
    heads = [str(cell).strip() for cell in next(rows, [])]
    missing = [
        name for name in ("payment_id", "delivered_quantity", "currency") if name not in heads
    ]
    if missing:
        raise StatementRefused(
            f"The workbook's first sheet has no column {missing[0]}: export the payment list again."
        )
    reference, delivered, currency = (
        heads.index(name) for name in ("payment_id", "delivered_quantity", "currency")
    )
    for number, row in enumerate(rows, 2):
        if any(_text(cell) for cell in row):
            yield _hope_row(
                number, _cell(row, reference), _cell(row, delivered), _cell(row, currency)
            )


def _hope_row(number: int, reference: str, delivered: str, currency: str) -> Line:
    if not delivered:
        return Line(number, reference, None, currency or None, Outcome.PENDING)
    if delivered in {_HOPE_NOTHING, _HOPE_ERROR}:
        return Line(number, reference, None, currency or None, Outcome.REJECTED)
    try:
        amount = minor_units(delivered, currency)
    except AmountUnreadable as error:
        return Line(
            number, reference, None, None, None, fault=f"amount {delivered[:30]!r}: {error}"
        )
    return Line(number, reference, amount, currency, Outcome.PAID)


def _places(heads: Sequence[str], mapping: Columns) -> dict[str, int]:
    if len(heads) > _COLUMNS_MAX:
        raise StatementRefused(f"The table has more than {_COLUMNS_MAX} columns.")
    wanted = {
        "reference": mapping.reference,
        "amount": mapping.amount,
        "currency": mapping.currency,
        "status": mapping.status,
    }
    found = {head.strip().casefold(): place for place, head in enumerate(heads)}
    places = {name: found.get(head.casefold(), -1) for name, head in wanted.items() if head}
    for name in ("reference", "status"):
        if places.get(name, -1) < 0:
            raise StatementRefused(
                f"The table has no column {wanted[name]!r}: it has "
                f"{', '.join(head[:30] for head in heads[:12]) or 'none'}. Mend the mapping."
            )
    return places


def _row(number: int, row: Sequence[str], places: Mapping[str, int], mapping: Columns) -> Line:
    reference = _cell(row, places["reference"])
    word = _cell(row, places["status"])
    currency = _cell(row, places.get("currency", -1))
    written = _cell(row, places.get("amount", -1))
    outcome = mapping.words.get(word.casefold())
    if outcome is None:
        fault = f"status {word[:30]!r} has no meaning in the mapping"
        return Line(number, reference[:35], None, None, None, fault=fault)
    amount = None
    if written:
        try:
            amount = minor_units(written, currency, comma=mapping.comma)
        except AmountUnreadable as error:
            fault = f"amount {written[:30]!r}: {error}"
            return Line(number, reference[:35], None, None, None, fault=fault)
    return Line(number, reference[:35], amount, currency or None, outcome)


def _cell(row: Sequence[Any], place: int) -> str:
    return _text(row[place]) if 0 <= place < len(row) else ""


def _text(cell: object) -> str:
    """Return a cell as it is written: a whole number without the point a spreadsheet adds."""
    text = "" if cell is None else str(cell).strip()
    return text.removesuffix(".0") if text.removesuffix(".0").lstrip("-").isdigit() else text


def _sheet(stream: BinaryIO) -> Iterator[list[Any]]:
    """Yield the rows of the first sheet. Raises: StatementRefused."""
    content = stream.read(_WORKBOOK_BYTES_MAX + 1)
    if len(content) > _WORKBOOK_BYTES_MAX:
        raise StatementRefused("The workbook is larger than 64 MiB: split the payment list.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            opened = sum(part.file_size for part in package.infolist())
        if opened > _OPENED_BYTES_MAX:
            raise StatementRefused("The workbook unfolds to more than 512 MiB: it was not opened.")
        book = python_calamine.load_workbook(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python()
    except (zipfile.BadZipFile, python_calamine.CalamineError, OSError, IndexError) as error:
        raise StatementRefused(
            "The file is no workbook that can be read: save it again as .xlsx."
        ) from error
    yield from rows
