"""
Write down what a parcel holds, so that it can be opened; an older list stays as it was.

0 the same as now? · 1 known items · 2 new numbers · 3 record the next version.
"""

import re
from collections.abc import Mapping

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.ledger.stock import FIRST_CONTENT_ITEM, LINES_MAX, QUANTITY_MAX, StockRefused
from despensa.records import journal_rows, journal_store
from despensa.records.databases import LEDGER
from despensa.records.stock import store

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def write_contents(unit: int, held: Mapping[str, int], *, acting: Acting) -> bool:
    """
    Return whether the list of a parcel was changed; the same list again changes nothing.

    Shape: `held` is item code -> whole quantity in one parcel.
    Raises: StockRefused.
    """
    if not 1 <= len(held) <= LINES_MAX or not 0 < unit < FIRST_CONTENT_ITEM:
        raise StockRefused(f"Name from 1 to {LINES_MAX} items that one parcel holds.")
    for code, quantity in held.items():
        if not _CODE.fullmatch(code) or not 1 <= quantity <= QUANTITY_MAX:
            raise StockRefused(
                "An item is a word of a-z, 0-9, - and _ with a whole quantity, such as rice=2."
            )
    with transaction.atomic(using=LEDGER):
        store.take_turns()
        known = store.items()
        fresh = [code for code in sorted(held) if code not in known]
        first = max([FIRST_CONTENT_ITEM - 1, *known.values()]) + 1
        added = {code: first + place for place, code in enumerate(fresh)}
        known |= added
        lines = sorted((known[code], quantity) for code, quantity in held.items())
        if store.contents().get(unit) == lines:
            return False
        store.add_items([(number, code) for code, number in added.items()])
        version = store.add_contents(unit, lines)
        rows = journal_rows.inserted(
            "stock_item",
            ((number.to_bytes(4, "big"), {"code": code}) for code, number in added.items()),
        ) + journal_rows.inserted(
            "stock_content",
            (
                (
                    unit.to_bytes(4, "big") + version.to_bytes(4, "big") + item.to_bytes(4, "big"),
                    {"quantity": quantity},
                )
                for item, quantity in lines
            ),
        )
        journal_store.record(LEDGER, "write_contents", acting, rows)
    return True
