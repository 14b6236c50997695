"""Sheets of cards and papers of decisions through typst, read back through pypdfium2."""

from despensa.adapters.printing.card_sheet import TypstCardPrinter
from despensa.adapters.printing.decision_paper import TypstPaperPrinter

__all__ = ["TypstCardPrinter", "TypstPaperPrinter"]
