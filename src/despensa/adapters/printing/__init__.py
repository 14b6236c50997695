"""Sheets of cards, lists, papers of decisions, receipts and copies of keys through typst; codes are read back."""

from despensa.adapters.printing.card_sheet import TypstCardPrinter
from despensa.adapters.printing.decision_paper import TypstPaperPrinter
from despensa.adapters.printing.hand_over_list import TypstListPrinter
from despensa.adapters.printing.key_sheet import TypstKeySheetPrinter
from despensa.adapters.printing.receipt_paper import TypstReceiptPrinter

__all__ = [
    "TypstCardPrinter",
    "TypstKeySheetPrinter",
    "TypstListPrinter",
    "TypstPaperPrinter",
    "TypstReceiptPrinter",
]
