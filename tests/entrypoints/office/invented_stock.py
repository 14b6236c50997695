"""Invented pages about goods at the points."""

from datetime import datetime

from despensa.domain.ledger.stock import EntryKind, LossReason
from despensa.entrypoints.office import stock_words as words
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.stock_pages import (
    ContentRow,
    EntryRow,
    ItemRow,
    StockPage,
    StockPointPage,
    StockPointRow,
    StockWritePage,
)
from tests.entrypoints.office.invented_parts import TODAY

NOW = datetime(2026, 11, 21, 17, 40)


def stock() -> StockPage:
    return StockPage(
        (
            StockPointRow("/x/", "Casa comunal", "P01", "Santa Rosa"),
            StockPointRow("/x/", "مدرسة النور", "P02", "San Rafael"),
        ),
        (ContentRow("Food parcel", "2 rice · 1 oil · 3 lentils"),),
    )


def none() -> StockPage:
    return StockPage((), ())


def point() -> StockPointPage:
    return StockPointPage(
        "Casa comunal", "P01", TODAY, TODAY,
        (
            ItemRow("Food parcel", 12, 240, 197, 3, 0, -4, 48, 47, -1),
            ItemRow("oil", 0, 0, 0, 1, 0, 4, 3, None, None),
            ItemRow("rice", 0, 0, 6, 0, 0, 8, 2, 3, 1),
        ),
        (
            EntryRow(
                words.KINDS[EntryKind.DELIVERY], "240 Food parcel",
                "L-2026-77 · 2027-06-30 · WFP · WB 10 442", "", "Lucía Vera", NOW,
                is_reversed=False, reverse_url="/x/",
            ),
            EntryRow(
                words.KINDS[EntryKind.LOSS], "3 Food parcel", "",
                words.REASONS[LossReason.DAMAGED], "Amina Morales", NOW, is_reversed=True,
            ),
            EntryRow(
                words.KINDS[EntryKind.REVERSAL], "3 Food parcel", "", "", "Amina Morales", NOW,
                is_reversed=False,
            ),
        ),
        tuple(Choice("/x/", word) for word in words.WRITE.values()),
    )  # fmt: skip


def point_empty() -> StockPointPage:
    return StockPointPage(
        "Casa comunal", "P01", TODAY, TODAY, (), (), (), (FieldError("id_day", words.BAD_DAY),)
    )


def write() -> StockWritePage:
    reasons = tuple(Choice(str(int(one)), word) for one, word in words.REASONS.items())
    return StockWritePage(
        words.WRITE[EntryKind.LOSS], "Casa comunal", "P01", "/x/", "x",
        (
            ChangeField("day", "date", words.DAY, values=[TODAY.isoformat()], is_required=True),
            ChangeField("reason", "select", words.REASON, reasons, is_required=True),
            ChangeField("item_1", "text", words.HOW_MANY % {"item": "Food parcel"}),
            ChangeField("lot", "text", words.LOT, hint=words.LOT_HINT),
            ChangeField("waybill", "text", words.WAYBILL),
        ),
        (FieldError("id_reason", words.NO_REASON),),
    )  # fmt: skip
