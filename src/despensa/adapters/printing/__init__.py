"""Sheets of cards through typst, read back through pypdfium2."""

from despensa.adapters.printing.card_sheet import TypstCardPrinter

__all__ = ["TypstCardPrinter"]
