"""Households as histories: dated roles, and operations that change them one at a time."""
