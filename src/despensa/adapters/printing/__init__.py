"""Sheets of cards, papers of decisions and of receipts through typst, read back through pypdfium2."""

from despensa.adapters.printing.card_sheet import TypstCardPrinter
from despensa.adapters.printing.decision_paper import TypstPaperPrinter
from despensa.adapters.printing.receipt_paper import TypstReceiptPrinter

__all__ = ["TypstCardPrinter", "TypstPaperPrinter", "TypstReceiptPrinter"]
