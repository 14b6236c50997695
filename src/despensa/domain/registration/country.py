"""
Country codes and calling codes.

Source: ISO 3166-1 (alpha-2, alpha-3), ITU-T E.164 list of assigned country codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Country:
    """One country: its two codes, its calling code, and the digits dialled before home numbers."""

    alpha_2: str
    alpha_3: str
    calling: str
    trunk: str


@cache
def countries() -> Mapping[str, Country]:
    """Return all countries by alpha-2 and by alpha-3 code, upper case."""
    path = resources.files("despensa") / "data" / "catalogue" / "countries-1.txt"
    found: dict[str, Country] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        alpha_2, alpha_3, calling, trunk = line.split()
        country = Country(alpha_2, alpha_3, calling, "" if trunk == "-" else trunk)
        found[alpha_2] = found[alpha_3] = country
    return found


@cache
def calling_codes() -> frozenset[str]:
    """Return every calling code in use."""
    return frozenset(country.calling for country in countries().values())
