"""Corrections of people's records, and what the search learnt from them."""
