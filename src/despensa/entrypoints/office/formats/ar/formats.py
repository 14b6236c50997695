"""
Digits in groups of three: a total of seven digits cannot be read without.

Source: Unicode CLDR 46, ar, symbols of the Latin digits that the office writes.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
