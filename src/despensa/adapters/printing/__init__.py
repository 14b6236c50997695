"""Sheets of cards, lists, papers of decisions and of receipts through typst; codes are read back."""

from despensa.adapters.printing.card_sheet import TypstCardPrinter
from despensa.adapters.printing.decision_paper import TypstPaperPrinter
from despensa.adapters.printing.hand_over_list import TypstListPrinter
from despensa.adapters.printing.receipt_paper import TypstReceiptPrinter

__all__ = ["TypstCardPrinter", "TypstListPrinter", "TypstPaperPrinter", "TypstReceiptPrinter"]
